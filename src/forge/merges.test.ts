import { expect, test } from 'vitest';
import { mergesFromScores } from './merges.ts';

const pieces = (...texts: Array<readonly [string, number]>) => texts.map(([text, score]) => ({ text, score }));

test('a piece is joined from every pair of known pieces, the best score first', () => {
  const known = pieces(['a', -9], ['b', -9], ['c', -9], ['bc', -2], ['ab', -1], ['abc', -3]);
  expect(mergesFromScores(known)).toEqual([
    ['a', 'b'],
    ['b', 'c'],
    ['ab', 'c'],
    ['a', 'bc'],
  ]);
});

test('of equal scores the longer left part goes first, so that a run of spaces grows from its start', () => {
  const known = pieces(['▁', -5], ['▁▁', -1e9], ['▁▁▁', -1e9]);
  expect(mergesFromScores(known)).toEqual([
    ['▁▁', '▁'],
    ['▁', '▁▁'],
    ['▁', '▁'],
  ]);
});

test('characters outside the basic plane are not cut in half', () => {
  expect(mergesFromScores(pieces(['😀', -1], ['!', -2], ['😀!', -3]))).toEqual([['😀', '!']]);
});
