import type { ErrorSums } from './quantisationError.ts';

/** Weights that share a scale. The width that MatMulNBits runs fastest at on WebGPU, and the one that other exporters use. */
export const BLOCK = 32;

export type BlockBits = 4 | 8;

export interface BlockMatrix {
  /**
   * `[rows, columns / 32, bytes of a block]` as MatMulNBits wants it, levels stored plus their middle (8 or 128). At 4 bits, two a
   * byte, the earlier in the low half.
   */
  readonly packed: Uint8Array;
  /** `[rows, columns / 32]`; a weight is its level times its block's scale. */
  readonly scales: Float32Array;
  /** Absent where the blocks are those of the file. */
  readonly error?: ErrorSums;
}

/** Blocks in which a matrix came, that need not be made anew. */
export interface KeptBlocks {
  readonly bits: BlockBits;
  /** Of some rows, in memory of its own; of all where nothing is given. */
  read(from?: number, count?: number): BlockMatrix;
}
