import { toJsonl } from '../core/log.ts';
import type { logContract } from '../protocol/log.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';

/** Lines that travel together: a page reads so many in about 10 ms. */
const PART = 1000;

async function inParts<T>(all: readonly T[], emit: (part: readonly T[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += PART) await emit(all.slice(from, from + PART));
}

/** The part of the engine's contract that is about what happened. */
export const logHandlers = (engine: () => Promise<Engine>): Handlers<typeof logContract> => ({
  'log.list': async ({ after }, { emit }) => {
    const { events, count } = await (await engine()).log.list(after);
    await inParts(events, emit);
    return { count };
  },
  'log.export': async () => new Blob([toJsonl((await (await engine()).log.list()).events)], { type: 'application/x-ndjson' }),
  'log.clear': async () => {
    await (await engine()).log.clear();
    return null;
  },
  'log.settings': async () => (await engine()).log.settings(),
  'log.setSettings': async ({ settings }) => {
    const { log } = await engine();
    await log.setSettings(settings);
    return log.settings();
  },
  'network.list': async (_, { emit }) => {
    const { deps } = await engine();
    const { lines, totals, sinceMs } = await deps.network.read();
    await inParts(lines, emit);
    return { ownOrigin: deps.ownOrigin, totals, ...(sinceMs === undefined ? {} : { sinceMs }) };
  },
});
