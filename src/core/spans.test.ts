import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSpans } from './spans.ts';

const found = (text: string, words: readonly string[]) => findSpans(text, words).map((span) => span && text.slice(span.start, span.end));

describe('words that a tokenizer gave back', () => {
  it('are found where they stand, whatever it did to case, accents and spaces', () => {
    expect(found('Frau Müller wohnt in  São Paulo.', ['muller', 'sao paulo'])).toEqual(['Müller', 'São Paulo']);
    expect(found('She paid $ 5 . 00', ['$5.00'])).toEqual(['$ 5 . 00']);
  });

  it('are told apart from the same word before', () => {
    expect(findSpans('Paris, then Paris', ['Paris', 'Paris'])).toEqual([
      { start: 0, end: 5 },
      { start: 12, end: 17 },
    ]);
  });

  it('that are pieces are found without their mark, and what is not there is left out', () => {
    expect(found('Wolfgang', ['wolf', '##gang', 'Amadeus'])).toEqual(['Wolf', 'gang', undefined]);
  });

  it('lie after each other inside of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string({ unit: 'grapheme' })), (text, words) => {
        const spans = findSpans(text, words).filter((span) => span !== undefined);
        for (const [index, { start, end }] of spans.entries()) {
          expect(start).toBeGreaterThanOrEqual(spans[index - 1]?.end ?? 0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
        }
      }),
    );
  });
});
