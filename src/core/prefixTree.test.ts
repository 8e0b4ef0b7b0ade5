import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPrefixTree } from './prefixTree.ts';

interface Value {
  readonly name: string;
  readonly sizeBytes: number;
}
const value = (name: string, sizeBytes = 1): Value => ({ name, sizeBytes });

function create(maxBytes: number) {
  const dropped: string[] = [];
  const tree = createPrefixTree<Value>(maxBytes, ({ name }) => dropped.push(name));
  const names = (salt: string, ...path: string[]) => tree.find(salt, path).map(({ name }) => name);
  return { tree, dropped, names };
}

describe('a tree of prefixes', () => {
  it('finds the longest beginning that is kept', () => {
    const { tree, names } = create(10);
    tree.put('', ['a'], value('1'));
    tree.put('', ['a', 'b'], value('2'));
    tree.put('', ['a', 'c'], value('3'));
    expect(names('', 'a', 'b', 'x')).toEqual(['1', '2']);
    expect(names('', 'a', 'c')).toEqual(['1', '3']);
    expect(names('', 'b')).toEqual([]);
    expect(names('other', 'a')).toEqual([]);
  });

  it('forgets everything when it is cleared, and keeps what comes after', () => {
    const { tree, dropped, names } = create(10);
    tree.put('', ['a'], value('1'));
    tree.put('', ['a', 'b'], value('2'));
    tree.put('other', ['a'], value('3'));
    tree.clear();
    expect(dropped.sort()).toEqual(['1', '2', '3']);
    expect(tree.sizeBytes).toBe(0);
    expect([names('', 'a', 'b'), names('other', 'a')]).toEqual([[], []]);
    tree.put('', ['a'], value('4'));
    expect(names('', 'a')).toEqual(['4']);
    expect(tree.sizeBytes).toBe(1);
  });

  it('lets the chain go whose use is longest ago, its end first', () => {
    const { tree, dropped, names } = create(4);
    tree.put('', ['a'], value('1'));
    tree.put('', ['a', 'b'], value('2'));
    tree.put('', ['x'], value('3'));
    tree.put('', ['x', 'y'], value('4'));
    expect(names('', 'a', 'b')).toEqual(['1', '2']);
    tree.put('', ['n'], value('5', 2));
    expect(dropped).toEqual(['4', '3']);
    expect(names('', 'a', 'b')).toEqual(['1', '2']);
  });

  it('takes no block without those before it, and none that is larger than the bound', () => {
    const { tree, dropped } = create(4);
    tree.put('', ['a', 'b'], value('orphan'));
    tree.put('', ['a'], value('large', 5));
    expect(dropped).toEqual(['orphan', 'large']);
    expect(tree.sizeBytes).toBe(0);
  });

  it('drops each value once, keeps within its bound, and never finds a chain with a gap', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 });
    const step = fc.record({ salt: fc.constantFrom('', 's'), path, size: fc.integer({ min: 1, max: 6 }), look: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { tree, dropped } = create(12);
        const alive = new Map<string, string>();
        for (const [i, { salt, path, size, look }] of steps.entries()) {
          if (look) {
            const found = tree.find(salt, path).map(({ name }) => name);
            // Exactly the values that were put last under each beginning, without a gap.
            expect(found).toEqual(found.map((_, depth) => alive.get(`${salt}/${path.slice(0, depth + 1).join('/')}`)));
          } else {
            const name = String(i);
            alive.set(`${salt}/${path.join('/')}`, name);
            tree.put(salt, path, value(name, size));
            for (const [key, kept] of alive) if (dropped.includes(kept)) alive.delete(key);
          }
          expect(tree.sizeBytes).toBeLessThanOrEqual(12);
        }
        expect(new Set(dropped).size).toBe(dropped.length);
        const puts = steps.filter(({ look }) => !look);
        const kept = steps.reduce((sum, { look, size }, i) => (look || dropped.includes(String(i)) ? sum : sum + size), 0);
        expect(tree.sizeBytes).toBe(kept);
        expect(puts.length).toBeGreaterThanOrEqual(dropped.length);
      }),
    );
  });
});
