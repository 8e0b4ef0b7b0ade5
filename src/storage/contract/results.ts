import type { Suite } from './suite.ts';

/** What every store of results does. */
export function resultsContract({ test, equal }: Suite): void {
  test('results of benchmarks replace those of their ids, and come back as they were', async ({ results }) => {
    equal(await results.list(), []);
    const [one, two] = [{ id: 'one', figures: [{ mean: 1.5 }] }, { id: 'two' }];
    const changed = { ...one, state: 'complete' };
    await results.put([one, two]);
    await results.put([changed]);
    equal(
      (await results.list()).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      [changed, two],
    );
    equal(await results.delete(['one', 'three']), 1);
    equal(await results.list(), [two]);
  });
}
