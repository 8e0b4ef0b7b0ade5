import { describe, expect, it } from 'vitest';
import { bytesOfToken, textOfBytes } from './tokenBytes.ts';

const bytes = (text: string) => [...new TextEncoder().encode(text)];

describe('the bytes of a token', () => {
  it.each([
    ['▁time', ' time'],
    ['▁▁', '  '],
    ['é', 'é'],
    ['<0x0A>', '\n'],
    ['<0x41>', 'A'],
    ['<s>', '<s>'],
  ])('of SentencePiece: %s', (token, text) => {
    expect([...bytesOfToken(token, 'sentencepiece')]).toEqual(bytes(text));
  });

  it.each([
    ['Ġtime', ' time'],
    ['Ċ', '\n'],
    ['Ã©', 'é'],
    ['ðŁ¦Ĭ', '🦊'],
    // Added by hand: U+FF5C is no letter of the alphabet.
    ['<｜end｜>', '<｜end｜>'],
  ])('of GPT-2: %s', (token, text) => {
    expect([...bytesOfToken(token, 'byte-level')]).toEqual(bytes(text));
  });

  it('are shown as bytes when they are no whole character', () => {
    expect(textOfBytes(bytesOfToken('<0xF0>', 'sentencepiece'))).toBe('bytes:\\xf0');
    expect(textOfBytes(bytesOfToken('ðŁ', 'byte-level'))).toBe('bytes:\\xf0\\x9f');
    expect(textOfBytes(bytesOfToken('▁🦊', 'sentencepiece'))).toBe(' 🦊');
  });
});
