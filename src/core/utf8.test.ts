import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPartOfUtf8, NARROW_LEADS, secondByte, utf8Sequences } from './utf8.ts';

const isWhole = (bytes: readonly number[]): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
    return true;
  } catch {
    return false;
  }
};

describe('UTF-8', () => {
  it('takes any piece of a text for a part of one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.nat(), fc.nat(), (text, a, b) => {
        const bytes = new TextEncoder().encode(text);
        const [from, to] = [a % bytes.length, (b % bytes.length) + 1];
        expect(isPartOfUtf8(bytes.slice(Math.min(from, to), Math.max(from, to)))).toBe(true);
      }),
    );
  });

  it('takes nothing for a part that no other bytes make a text of', () => {
    for (const bytes of [
      [0xc0],
      [0xc1, 0x80],
      [0xf5],
      [0xff],
      [0x61, 0xfe],
      [0xe0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90],
      [0xf0, 0x8f],
      [0x80, 0x80, 0x80, 0x80],
      [0xc3, 0x61],
    ]) {
      expect(isPartOfUtf8(Uint8Array.from(bytes)), String(bytes)).toBe(false);
    }
  });

  it('knows which byte may follow a lead byte', () => {
    for (const lead of NARROW_LEADS) {
      const rest = lead < 0xf0 ? [0x80] : [0x80, 0x80];
      const [low, high] = secondByte(lead);
      for (let byte = 0x80; byte <= 0xbf; byte++) expect(isWhole([lead, byte, ...rest])).toBe(byte >= low && byte <= high);
    }
  });

  it('writes a range of characters as their bytes, all of them and no others', () => {
    const codePoint = fc.oneof(
      fc.nat(0x10ffff),
      fc.constantFrom(0x7f, 0x80, 0x7ff, 0x800, 0xfff, 0x1000, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff),
    );
    fc.assert(
      fc.property(codePoint, codePoint, codePoint, (a, b, other) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        fc.pre((to < 0xd800 || from > 0xdfff) && (other < 0xd800 || other > 0xdfff));
        const bytes = new TextEncoder().encode(String.fromCodePoint(other));
        const isIn = utf8Sequences(from, to).some(
          (sequence) =>
            sequence.length === bytes.length && sequence.every(([low, high], i) => (bytes[i] ?? 0) >= low && (bytes[i] ?? 0) <= high),
        );
        expect(isIn).toBe(other >= from && other <= to);
      }),
    );
  });
});
