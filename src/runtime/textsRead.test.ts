import { expect, test } from 'vitest';
import { isCut } from './textsRead.ts';

/** A token a word, and one around each text. */
const words = (most: unknown) => ({
  model_max_length: most,
  encode: (text: string, { text_pair: pair }: { readonly text_pair?: string } = {}) =>
    `begin ${text} end${pair === undefined ? '' : ` ${pair} end`}`.split(' ').map((_, id) => id),
});

test('a text is cut where it has more tokens than its model reads, those around it among them', () => {
  expect(isCut(words(5), 'one two three')).toBe(false);
  expect(isCut(words(5), 'one two three four')).toBe(true);
});

test('a question is read with its text, and a text with the longest of its labels', () => {
  expect(isCut(words(6), { question: 'who', context: 'one two' })).toBe(false);
  expect(isCut(words(6), { question: 'who', context: 'one two three' })).toBe(true);
  expect(isCut(words(6), { text: 'one two', candidate_labels: ['a', 'b'] })).toBe(false);
  expect(isCut(words(6), { text: 'one two', candidate_labels: ['a', 'quite another'] })).toBe(true);
});

test('nothing is cut of a picture, of a sound, or by a tokenizer that states no length', () => {
  expect(isCut(words(2), { image: 'data:' })).toBe(false);
  for (const none of [undefined, 1e30]) expect(isCut(words(none), 'one two three')).toBe(false);
  expect(isCut(undefined, 'one two three')).toBe(false);
});
