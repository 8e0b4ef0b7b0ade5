import { MAX_EVENTS } from '../../core/deviceEvent.ts';
import { MODEL } from './samples.ts';
import type { Suite } from './suite.ts';

/** What every store of events does. */
export function eventsContract({ test, equal }: Suite): void {
  test('of events the latest are kept, in their order', async ({ events }) => {
    equal(await events.list(), []);
    const form = { device: 'wasm', threads: 1 } as const;
    const at = (atMs: number) => ({ atMs, type: 'loss', model: MODEL, form, error: { code: 'worker_lost', message: 'It died.' } }) as const;
    for (let i = 0; i < MAX_EVENTS + 3; i++) await events.add(at(i));
    equal(
      (await events.list()).map(({ atMs }) => atMs),
      Array.from({ length: MAX_EVENTS }, (_, i) => i + 3),
    );
  });
}
