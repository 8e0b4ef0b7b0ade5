import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byNewest, type Head, nextPlace } from './conversation.ts';

test('what was said last stands first, whatever the clock did in between', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 40), { minLength: 1, maxLength: 12 }), (clock) => {
      const heads: Head[] = [];
      for (const [i, nowMs] of clock.entries())
        heads.push({
          ...{ id: `c${i}`, title: '', createdAtMs: nowMs, updatedAtMs: nowMs, model: 'tiny', system: '' },
          order: nextPlace(heads, nowMs),
        });
      expect([...heads].sort(byNewest).map(({ id }) => id)).toEqual(heads.map(({ id }) => id).reverse());
    }),
  );
});

test('one that an earlier version of the app stored has the place of its time', () => {
  const old: Head = { id: 'a', title: '', createdAtMs: 1, updatedAtMs: 50, model: 'tiny', system: '' };
  const later: Head = { ...old, id: 'b', updatedAtMs: 10, order: nextPlace([old], 10) };
  expect([old, later].sort(byNewest).map(({ id }) => id)).toEqual(['b', 'a']);
});
