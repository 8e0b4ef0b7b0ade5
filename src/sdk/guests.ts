import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { GuestsSurface } from '../protocol/guests.ts';

/** Who of other origins may have what. */
export const guestsOver = (client: Client<EngineContract>): GuestsSurface => ({
  list: () => client.call('guests.list', {}),
  narrow: (origin, narrowing) => client.call('guests.narrow', { origin, narrowing }),
  decide: (origin, allow) => client.call('guests.decide', { origin, allow }),
  withdraw: (origin) => client.call('guests.withdraw', { origin }),
});
