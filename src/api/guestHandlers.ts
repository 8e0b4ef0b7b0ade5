import type { EngineContract } from '../protocol/engine.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Guests } from '../services/guests/guests.ts';

/** The part of the engine's contract that is about guests, for pages of the app's own. */
export const guestHandlers = (
  guests: () => Promise<Guests>,
): Pick<Handlers<EngineContract>, 'guests.admit' | 'guests.decide' | 'guests.list' | 'guests.narrow' | 'guests.withdraw'> => ({
  'guests.admit': async ({ origin }) => (await guests()).admit(origin),
  'guests.decide': async ({ origin, allow }) => (await guests()).decide(origin, allow),
  'guests.list': async () => (await guests()).list(),
  'guests.narrow': async ({ origin, narrowing }) => (await guests()).narrow(origin, narrowing),
  'guests.withdraw': async ({ origin }) => (await guests()).withdraw(origin),
});
