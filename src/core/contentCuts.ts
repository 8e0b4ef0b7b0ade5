import { GEAR } from './gear.ts';

export interface ChunkLimits {
  readonly minBytes: number;
  /** A power of two. */
  readonly averageBytes: number;
  readonly maxBytes: number;
}

/** How much harder a cut is before the average size, and easier after it: both ways by a factor of four, FastCDC's own choice. */
const NORMALISATION_BITS = 2;
/** The hash has 32 bits and moves by one with every byte: what lies further back has left it. */
const WINDOW_BYTES = 32;

/**
 * Cuts a stream where its content says so: bytes put in or taken out move the nearest cuts, and the rest of the stream keeps its
 * chunks. A gear hash with normalised sizes, after Xia et al., "FastCDC" (USENIX ATC 2016).
 */
export class ContentCutter {
  readonly #limits: ChunkLimits;
  readonly #hardMask: number;
  readonly #easyMask: number;
  #hash = 0;
  /** Of the chunk that has begun. */
  #lengthBytes = 0;

  constructor(limits: ChunkLimits) {
    const bits = Math.log2(limits.averageBytes);
    this.#limits = limits;
    this.#hardMask = highBits(bits + NORMALISATION_BITS);
    this.#easyMask = highBits(bits - NORMALISATION_BITS);
  }

  /** Takes the next bytes of the stream, in portions of any size; gives the length of each chunk that they complete. */
  push(bytes: Uint8Array): number[] {
    const lengths: number[] = [];
    let from = 0;
    for (let end = this.#find(bytes, from); end !== undefined; end = this.#find(bytes, from)) {
      lengths.push(this.#lengthBytes + end - from);
      from = end;
      this.#lengthBytes = 0;
      this.#hash = 0;
    }
    this.#lengthBytes += bytes.length - from;
    return lengths;
  }

  /** Ends the stream: the length of its last chunk, `undefined` where it ended with a cut. */
  finish(): number | undefined {
    const length = this.#lengthBytes;
    this.#lengthBytes = 0;
    this.#hash = 0;
    return length === 0 ? undefined : length;
  }

  /** Behind which of `bytes` the chunk ends that has its next byte at `from`; `undefined` when it goes on behind them. */
  #find(bytes: Uint8Array, from: number): number | undefined {
    const { minBytes, averageBytes, maxBytes } = this.#limits;
    const start = from - this.#lengthBytes;
    let hash = this.#hash;
    // Nothing is cut before the smallest size, so that only the window in front of it is read.
    let at = Math.max(from, start + minBytes - 1 - WINDOW_BYTES);
    for (const end = Math.min(start + minBytes - 1, bytes.length); at < end; at++) hash = ((hash << 1) + gear(bytes, at)) | 0;
    for (const end = Math.min(start + averageBytes, bytes.length); at < end; at++) {
      hash = ((hash << 1) + gear(bytes, at)) | 0;
      if ((hash & this.#hardMask) === 0) return at + 1;
    }
    for (const end = Math.min(start + maxBytes, bytes.length); at < end; at++) {
      hash = ((hash << 1) + gear(bytes, at)) | 0;
      if ((hash & this.#easyMask) === 0) return at + 1;
    }
    if (at === start + maxBytes) return at;
    this.#hash = hash;
    return undefined;
  }
}

const gear = (bytes: Uint8Array, at: number): number => GEAR[bytes[at] ?? 0] ?? 0;

const highBits = (count: number): number => -1 << (32 - count);
