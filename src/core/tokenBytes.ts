/**
 * How a vocabulary writes the bytes of a token: GPT-2's alphabet of 256 printable characters, SentencePiece's `▁` and `<0x0A>`,
 * or as they are.
 */
export type TokenAlphabet = 'byte-level' | 'sentencepiece' | 'plain';

/** The bytes of one token, which need not be whole characters. */
export function bytesOfToken(token: string, alphabet: TokenAlphabet): Uint8Array {
  if (alphabet === 'byte-level') {
    const bytes = Array.from(token, (letter) => BYTE_OF.get(letter));
    // A token that was added by hand is written in plain letters.
    if (bytes.every((byte) => byte !== undefined)) return Uint8Array.from(bytes);
  }
  if (alphabet === 'sentencepiece') {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
    return new TextEncoder().encode(token.replaceAll('▁', ' '));
  }
  return new TextEncoder().encode(token);
}

/** A token as text. What is no whole character is written as OpenAI does: `bytes:\xf0\x9f`. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not UTF-8 by itself: a part of a character.
    return `bytes:${Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}`;
  }
}

/** The same bytes in GPT-2's alphabet, in which every byte has a letter. */
export const lettersOfBytes = (bytes: Uint8Array): string => Array.from(bytes, (byte) => LETTER_OF[byte] ?? '').join('');

export const byteOfLetter = (letter: string): number | undefined => BYTE_OF.get(letter);

/** GPT-2's `bytes_to_unicode`: printable bytes stand for themselves, the others for the letters from 256 on, in order. */
const BYTE_OF: ReadonlyMap<string, number> = (() => {
  const printable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const map = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) map.set(String.fromCharCode(printable(byte) ? byte : next++), byte);
  return map;
})();

const LETTER_OF: readonly string[] = (() => {
  const letters: string[] = [];
  for (const [letter, byte] of BYTE_OF) letters[byte] = letter;
  return letters;
})();
