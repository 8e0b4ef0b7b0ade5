import { logLine } from '../../core/log.ts';
import { MODEL } from './samples.ts';
import type { Suite } from './suite.ts';

/** What every log does. */
export function logContract({ test, equal }: Suite): void {
  test('the log keeps the latest lines, drops those from before a moment, and gives no number twice', async ({ log }) => {
    equal(await log.list(), { events: [], count: 0 });
    const at = (atMs: number) => logLine({ code: 'installed', model: MODEL, details: { atMs } }, atMs);
    const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => at(first + i));
    await log.add(from(0, 5), { maxLines: 4, sinceMs: 0 });
    await log.add(from(5, 2), { maxLines: 4, sinceMs: 0 });
    const kept = (await log.list()).events;
    equal(
      kept.map(({ atMs }) => atMs),
      [3, 4, 5, 6],
    );
    equal(
      kept.map(({ id }) => id),
      [4, 5, 6, 7],
    );
    await log.add([at(7)], { maxLines: 100, sinceMs: 5 });
    equal(
      (await log.list()).events.map(({ atMs }) => atMs),
      [5, 6, 7],
    );
    equal(
      (await log.list(6)).events.map(({ atMs }) => atMs),
      [6, 7],
    );
    await log.clear();
    await log.add([at(8)], { maxLines: 4, sinceMs: 0 });
    equal(await log.list(), { events: [{ ...at(8), id: 9 }], count: 1 });
  });
}
