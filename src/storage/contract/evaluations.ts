import type { Suite } from './suite.ts';

/** What every store of evaluations and of suites does. */
export function evaluationsContract({ test, equal }: Suite): void {
  test('runs of suites come back with their cases in order, and go with them', async ({ evaluations }) => {
    const [one, two] = [{ id: 'one', state: 'running' }, { id: 'two' }];
    const [complete, mended] = [
      { ...one, state: 'complete' },
      { run: 'one', index: 1, pass: true },
    ];
    await evaluations.put(one);
    await evaluations.put(two, [{ run: 'two', index: 0 }]);
    for (const index of [2, 10, 0, 1]) await evaluations.put(one, [{ run: 'one', index }]);
    await evaluations.put(complete, [mended]);
    equal(await evaluations.get('one'), complete);
    equal(await evaluations.get('three'), undefined);
    equal((await evaluations.list()).length, 2);
    equal(await evaluations.cases('one'), [{ run: 'one', index: 0 }, mended, { run: 'one', index: 2 }, { run: 'one', index: 10 }]);
    equal(await evaluations.delete(['one', 'three']), 1);
    equal(await evaluations.cases('one'), []);
    equal(await evaluations.list(), [two]);
    equal(await evaluations.cases('two'), [{ run: 'two', index: 0 }]);
  });

  test('runs that are put together are there together, or not at all', async ({ evaluations }) => {
    const carried = (id: string, more = {}) => ({ run: { id, ...more }, cases: [{ run: id, index: 0 }] });
    await evaluations.putAll([carried('one'), carried('two')]);
    equal(await evaluations.list(), [{ id: 'one' }, { id: 'two' }]);
    equal(await evaluations.cases('two'), [{ run: 'two', index: 0 }]);
    // What no store can keep ends the transaction, as a full disk does.
    const unkept = carried('four', { unkept: () => undefined });
    equal(await evaluations.putAll([carried('three'), unkept]).catch(() => 'refused'), 'refused');
    equal((await evaluations.list()).length, 2);
    equal(await evaluations.cases('three'), []);
  });

  test('suites replace those of their names, and are listed by them', async ({ suites }) => {
    const suite = (id: string, text: string) => ({ id, text, savedAtMs: 1 });
    await suites.put(suite('b', '1'));
    await suites.put(suite('a', '2'));
    await suites.put(suite('b', '3'));
    equal(
      (await suites.list()).map(({ id, text }) => id + text),
      ['a2', 'b3'],
    );
    equal(await suites.get('b'), suite('b', '3'));
    equal(await suites.delete('b'), true);
    equal(await suites.delete('b'), false);
    equal(await suites.get('b'), undefined);
  });
}
