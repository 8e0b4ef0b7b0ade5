import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextStream } from './detokenize.ts';

/**
 * A SentencePiece-like decoder over words: `▁` is a space, the first one is stripped, `<xx>` is a byte; broken UTF-8 becomes
 * a replacement character, as byte fallback does.
 */
function decoderOf(vocabulary: readonly string[]) {
  return (ids: number[]): string => {
    const bytes: number[] = [];
    for (const id of ids) {
      const token = vocabulary[id] ?? '';
      const byte = /^<([0-9a-f]{2})>$/.exec(token);
      if (byte) bytes.push(Number.parseInt(byte[1] ?? '', 16));
      else bytes.push(...new TextEncoder().encode(token.replaceAll('▁', ' ')));
    }
    const text = new TextDecoder().decode(Uint8Array.from(bytes));
    return text.startsWith(' ') ? text.slice(1) : text;
  };
}

const bytesOf = (text: string) => Array.from(new TextEncoder().encode(text), (byte) => `<${byte.toString(16).padStart(2, '0')}>`);

function run(tokens: readonly string[], { prompt = [], stop = [] }: { prompt?: string[]; stop?: string[] } = {}) {
  const vocabulary = [...prompt, ...tokens];
  const stream = createTextStream(
    decoderOf(vocabulary),
    prompt.map((_, i) => i),
    stop,
  );
  const pieces: string[] = [];
  for (let i = 0; i < tokens.length && !stream.stopped; i++) pieces.push(stream.push(prompt.length + i));
  pieces.push(stream.finish());
  return { pieces, text: pieces.join(''), stopped: stream.stopped };
}

describe('text from tokens', () => {
  it('keeps the space before a first word that continues a prompt', () => {
    expect(run(['▁a', '▁time'], { prompt: ['▁Once', '▁upon'] }).text).toBe(' a time');
  });

  it('drops the space before a first word that begins a text', () => {
    expect(run(['▁Hello', ',', '▁you']).pieces).toEqual(['Hello', ',', ' you', '']);
  });

  it('shows a character only when its last byte came', () => {
    const [a = '', b = '', c = '', d = ''] = bytesOf('🦊');
    expect(run(['▁x', a, b, c, d, '!']).pieces).toEqual(['x', '', '', '', '🦊', '!', '']);
  });

  it('gives the rest of a character that never ended when the answer ends', () => {
    const [a = ''] = bytesOf('é');
    expect(run(['x', a]).text).toBe('x\uFFFD');
  });

  it('shows bytes that are no character while they come, and looks at no more than the latest of them', () => {
    let longest = 0;
    const stream = createTextStream(
      (ids) => {
        longest = Math.max(longest, ids.length);
        return '\uFFFD'.repeat(ids.length);
      },
      [],
      [],
    );
    const shown = Array.from({ length: 500 }, (_, id) => stream.push(id)).join('');
    expect(shown.length).toBeGreaterThan(480);
    expect(shown + stream.finish()).toBe('\uFFFD'.repeat(500));
    expect(longest).toBeLessThan(20);
  });

  it('streams exactly what decoding all at once gives, also of bytes in any order', () => {
    const byte = fc.constantFrom('<ff>', '<f0>', '<9f>', '<98>', '<80>', '<c3>', '<a9>', '<e6>', '▁x');
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), (tokens) => {
        expect(run(['▁begin', ...tokens]).text).toBe(decoderOf(['▁begin', ...tokens])([...Array(tokens.length + 1).keys()]));
      }),
      { numRuns: 2000 },
    );
  });

  it('streams exactly what decoding all tokens at once gives', () => {
    const token = fc.oneof(
      fc.constantFrom('▁the', '▁', 'ing', ',', '.', '▁a', '\n'),
      fc.constantFrom('é', '漢', '🦊', '👩‍👩‍👧').map((text) => bytesOf(text)),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 30 }), (nested) => {
        const tokens = nested.flat();
        expect(run(tokens).text).toBe(decoderOf(tokens)(tokens.map((_, i) => i)));
      }),
    );
  });

  it('ends before a stop string, also one that is spread over tokens', () => {
    const { text, stopped, pieces } = run(['▁one', '\n', 'Us', 'er', ':', '▁two'], { stop: ['\nUser:'] });
    expect({ text, stopped }).toEqual({ text: 'one', stopped: true });
    expect(pieces).toEqual(['one', '', '', '', '', '']);
  });

  it('gives back what looked like a stop string and was none', () => {
    expect(run(['▁one', '\n', 'Us', 'age'], { stop: ['\nUser:'] }).pieces).toEqual(['one', '', '', '\nUsage', '']);
  });

  it('takes the stop string that comes first', () => {
    expect(run(['abc def'], { stop: ['def', 'c'] }).text).toBe('ab');
  });

  it('never lets a stop string out, wherever tokens are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 }), { maxLength: 20 }), (tokens) => {
        const whole = tokens.join('');
        const at = whole.indexOf('abab');
        expect(run(tokens, { stop: ['abab'] }).text).toBe(at < 0 ? whole : whole.slice(0, at));
      }),
    );
  });

  it('ignores an empty stop string', () => {
    expect(run(['a', 'b'], { stop: [''] }).text).toBe('ab');
  });

  describe('of hard strings, cut anywhere between two bytes', () => {
    const hard = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            'é',
            'e\u0301',
            'ß',
            '漢字',
            'ى\u0654',
            '👩‍👩‍👧',
            '🏴󠁧󠁢󠁷󠁬󠁳󠁿',
            '🇩🇪',
            '\uFFFD',
            '\r\n',
            '\u0000',
            '\u200F',
            '  ',
            'ab',
            'aba',
            '<',
            '>',
          ),
          fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }).filter((text) => text.isWellFormed()),
        ),
        { minLength: 1, maxLength: 14 },
      )
      .map((parts) => parts.join(''));
    const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 });

    /** Tokens of 1 to 5 bytes each, none of which need be a character. */
    const tokensOf = (text: string, sizes: readonly number[]): number[][] => {
      const bytes = [...new TextEncoder().encode(text)];
      const tokens: number[][] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        tokens.push(bytes.slice(at, at + size));
        at += size;
      }
      return tokens;
    };

    const stream = (text: string, sizes: readonly number[], stop: readonly string[]) => {
      const tokens = tokensOf(text, sizes);
      const decode = (ids: number[]) =>
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids.flatMap((id) => tokens[id] ?? [])));
      const out = createTextStream(decode, [], stop);
      const pieces: string[] = [];
      for (let id = 0; id < tokens.length && !out.stopped; id++) pieces.push(out.push(id));
      pieces.push(out.finish());
      return { pieces, length: out.length, stopped: out.stopped };
    };

    it('gives the string, in pieces of whole characters', () => {
      fc.assert(
        fc.property(hard, cuts, (text, sizes) => {
          const { pieces, length } = stream(text, sizes, []);
          expect(pieces.join('')).toBe(text);
          expect(length).toBe(text.length);
          for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
        }),
        { numRuns: 500 },
      );
    });

    it('ends before the first of its stop strings', () => {
      fc.assert(
        fc.property(hard, cuts, fc.nat(), fc.integer({ min: 1, max: 4 }), (text, sizes, from, size) => {
          const letters = [...text];
          const at = from % letters.length;
          const stop = letters.slice(at, at + size).join('');
          const { pieces, stopped } = stream(text, sizes, ['no such thing', stop]);
          expect(pieces.join('')).toBe(text.slice(0, text.indexOf(stop)));
          expect(stopped).toBe(true);
        }),
        { numRuns: 500 },
      );
    });
  });
});
