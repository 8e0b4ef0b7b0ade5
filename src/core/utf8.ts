/**
 * Bytes that may stand somewhere in well-formed UTF-8 (Unicode 16, table 3-7), also in the middle of a character at either end. Overlong forms,
 * surrogates and what lies beyond U+10FFFF may not.
 */
export function isPartOfUtf8(bytes: Uint8Array): boolean {
  let at = 0;
  // The rest of a character that began before: of a token that begins so, its first bytes are judged when it comes up.
  while (at < bytes.length && at < 3 && isContinuation(bytes[at] ?? 0)) at += 1;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    const length = lengthBehind(lead);
    if (length === 0) return false;
    for (let i = 1; i < length && at + i < bytes.length; i++) {
      const [low, high] = i === 1 ? secondByte(lead) : [0x80, 0xbf];
      const byte = bytes[at + i] ?? 0;
      if (byte < low || byte > high) return false;
    }
    at += length;
  }
  return true;
}

/** The leads behind which not every continuation is allowed. */
export const NARROW_LEADS = [0xe0, 0xed, 0xf0, 0xf4] as const;

/** Which byte may follow a lead byte, first and last. */
export function secondByte(lead: number): readonly [low: number, high: number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  return lead === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}

const isContinuation = (byte: number): boolean => byte >= 0x80 && byte <= 0xbf;

/** Of the character that begins with this byte; 0 for a byte that begins none. */
function lengthBehind(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

export type ByteRange = readonly [from: number, to: number];

/** The UTF-8 of a range of code points without surrogates, as sequences of byte ranges; each sequence is well formed and there is no other. */
export function utf8Sequences(from: number, to: number): ReadonlyArray<readonly ByteRange[]> {
  for (const last of [0x7f, 0x7ff, 0xffff]) {
    if (from <= last && to > last) return [...utf8Sequences(from, last), ...utf8Sequences(last + 1, to)];
  }
  for (const bits of [6, 12, 18]) {
    const rest = 2 ** bits - 1;
    if (to < 0x80 || (from & ~rest) === (to & ~rest)) continue;
    if ((from & rest) !== 0) return [...utf8Sequences(from, from | rest), ...utf8Sequences((from | rest) + 1, to)];
    if ((to & rest) !== rest) return [...utf8Sequences(from, (to & ~rest) - 1), ...utf8Sequences(to & ~rest, to)];
  }
  const [first, last] = [from, to].map((code) => new TextEncoder().encode(String.fromCodePoint(code)));
  return [Array.from(first ?? [], (byte, i): ByteRange => [byte, last?.[i] ?? byte])];
}
