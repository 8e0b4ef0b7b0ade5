import type { requestContract } from '../protocol/requests.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';

/** The part of the engine's contract that is about who asks. */
export const requestHandlers = (engine: () => Promise<Engine>): Handlers<typeof requestContract> => ({
  'requests.list': async () => (await engine()).requests.list(),
  'requests.cancel': async ({ id }) => (await engine()).requests.cancel(id),
});
