import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wordErrorRate } from './wordErrors.ts';

const words = fc.array(fc.constantFrom('open', 'the', 'window', 'a', 'door'), { minLength: 1, maxLength: 8 }).map((all) => all.join(' '));

test('what was said has no errors, whatever its case and punctuation', () => {
  expect(wordErrorRate('Please open the window.', 'please, open THE window')).toBe(0);
  fc.assert(fc.property(words, (said) => wordErrorRate(said, said.toUpperCase()) === 0));
});

test.each([
  ['open the window', 'open a window', 1 / 3],
  ['open the window', 'open window', 1 / 3],
  ['open the window', 'please open the window', 1 / 3],
  ['open the window', '', 1],
  ['', 'noise', 1],
  ['', '', 0],
])('"%s" heard as "%s" has a rate of %f', (said, heard, rate) => expect(wordErrorRate(said, heard)).toBeCloseTo(rate));

test('no more errors are counted than words that were said or heard', () => {
  fc.assert(
    fc.property(words, words, (said, heard) => {
      const [a, b] = [said.split(' ').length, heard.split(' ').length];
      return wordErrorRate(said, heard) * a <= Math.max(a, b) + 1e-9;
    }),
  );
});
