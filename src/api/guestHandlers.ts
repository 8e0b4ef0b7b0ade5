import type { EngineContract } from '../protocol/engine.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Guests } from '../services/guests.ts';

/** The part of the engine's contract that is about guests, for pages of the app's own. */
export const guestHandlers = (
  guests: () => Promise<Guests>,
): Pick<Handlers<EngineContract>, 'guests.admit' | 'guests.decide' | 'guests.list' | 'guests.forget'> => ({
  'guests.admit': async ({ origin }) => (await guests()).admit(origin),
  'guests.decide': async ({ origin, allow }) => (await guests()).decide(origin, allow),
  'guests.list': async () => (await guests()).list(),
  'guests.forget': async ({ origin }) => (await guests()).forget(origin),
});
