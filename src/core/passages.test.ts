import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitPassages } from './passages.ts';

const words = (text: string): string => text.replaceAll(/\s+/g, '');

describe('passages of a document', () => {
  it('keep every character but white space, in order, and none is longer than 700', () => {
    const prose = fc.array(fc.oneof(fc.lorem({ mode: 'sentences', maxCount: 6 }), fc.string({ unit: 'grapheme', maxLength: 900 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(prose, (paragraphs) => {
        const text = paragraphs.join('\n\n');
        const passages = splitPassages(text);
        expect(words(passages.join(''))).toBe(words(text));
        for (const passage of passages) expect(passage.length).toBeLessThanOrEqual(700);
      }),
    );
  });

  it('join a heading with the paragraph below it', () => {
    expect(splitPassages('Opening hours\r\n\r\nWe are open from nine to five.')).toEqual(['Opening hours We are open from nine to five.']);
  });

  it('cut a long paragraph at sentences', () => {
    const sentence = `${'word '.repeat(60).trim()}.`;
    const passages = splitPassages(`${sentence} ${sentence} ${sentence}`);
    expect(passages.length).toBeGreaterThan(1);
    for (const passage of passages) expect(passage.endsWith('.')).toBe(true);
  });

  it('are none for a text of white space', () => {
    expect(splitPassages(' \n\n\t ')).toEqual([]);
  });
});
