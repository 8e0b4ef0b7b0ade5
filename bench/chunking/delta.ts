const BLOCK = 32;
const FACTOR = 0x0100_0193;
/** FACTOR to the power of BLOCK - 1: what the byte weighs that leaves the window. */
const LEAVING = Array.from({ length: BLOCK - 1 }).reduce<number>((power) => Math.imul(power, FACTOR), 1);

/**
 * How many bytes of `next` are in no run of at least 32 bytes that `old` has too, wherever it lies: what the best possible transfer
 * would have to bring, up to its own book-keeping. Knows nothing of chunks, so that it can judge all ways of cutting alike.
 */
export function changedBytes(old: Uint8Array, next: Uint8Array): number {
  const blocks = new Map<number, number>();
  for (let at = 0; at + BLOCK <= old.length; at += BLOCK) {
    const hash = hashOf(old, at);
    if (!blocks.has(hash)) blocks.set(hash, at);
  }
  let changed = 0;
  let from = 0;
  let hash = next.length >= BLOCK ? hashOf(next, 0) : 0;
  for (let at = 0; at + BLOCK <= next.length; ) {
    const there = blocks.get(hash);
    if (there !== undefined && equal(old, there, next, at)) {
      let back = 0;
      while (at - back > from && there - back > 0 && old[there - back - 1] === next[at - back - 1]) back++;
      let length = BLOCK;
      while (at + length < next.length && there + length < old.length && old[there + length] === next[at + length]) length++;
      changed += at - back - from;
      at += length;
      from = at;
      if (at + BLOCK <= next.length) hash = hashOf(next, at);
      continue;
    }
    hash = (Math.imul(hash - Math.imul(next[at] ?? 0, LEAVING), FACTOR) + (next[at + BLOCK] ?? 0)) | 0;
    at++;
  }
  return changed + next.length - from;
}

function hashOf(bytes: Uint8Array, at: number): number {
  let hash = 0;
  for (let index = at; index < at + BLOCK; index++) hash = (Math.imul(hash, FACTOR) + (bytes[index] ?? 0)) | 0;
  return hash;
}

function equal(a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean {
  for (let index = 0; index < BLOCK; index++) if (a[atA + index] !== b[atB + index]) return false;
  return true;
}
