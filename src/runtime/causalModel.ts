import type { CacheType } from '../ports/runtime.ts';

/** Positions that a cache begins with. It doubles: a short chat in a long context costs little memory. */
export const FIRST_POSITIONS = 256;

/** A text model whose sequences share its weights, each with a key-value cache of its own. */
export interface CausalModel {
  readonly vocabularySize: number;
  /** What one token takes in a cache. */
  readonly tokenBytes: number;
  readonly cacheType: CacheType;
  /** Whether a block that is kept takes no more than its own tokens do, however many lie before it: then prompts may be cut wherever that helps. */
  readonly keepsBlocksApart?: boolean;
  /** What it makes of a token depends on the others of the same call beyond what it is to them: dynamic int8 takes one scale for all. */
  readonly quantisesTogether?: boolean;
  /** An empty sequence. Whoever starts it releases it. */
  start(): Sequence;
  /** A block of what `bytes` of one was in an earlier run of the same model in the same form. Absent where blocks have no bytes. */
  readonly adopt?: (bytes: Uint8Array<ArrayBuffer>) => KeptBlock;
}

/** @param loudness of each channel in the call, where the graph tells of it (`LOUDNESS_OUTPUT`) */
export type ReadScores = (scores: Float32Array, from: number, loudness?: Float32Array<ArrayBuffer>) => void;

/** Tokens that were evaluated, in their order. */
export interface Sequence {
  /** Tokens in the cache. */
  readonly length: number;
  /**
   * Evaluates tokens that follow those in the cache and keeps them there. One call at a time for all sequences of a model.
   * @param isScored whether the scores are wanted: without them a model may leave out its last and largest layer, and what it returns says nothing
   * @returns scores of the token after the last one: `vocabularySize` numbers, valid and free to write to until the next call for any
   * sequence of the model
   */
  forward(ids: readonly number[], isScored?: boolean): Promise<Float32Array>;
  /**
   * The same, with the scores behind each token. Absent where a graph does not give all of them.
   * @param read gets `[some, vocabularySize]` numbers, valid until it returns, behind the tokens from index `from` of `ids` on: all at once, or part after part
   */
  forwardEach?(ids: readonly number[], read: ReadScores): Promise<void>;
  /** Another sequence that holds the same. */
  fork(): Sequence;
  /** A copy of what was evaluated from position `from` on. */
  keep(from: number): KeptBlock;
  /** Fills an empty sequence with what was kept of another one: blocks that followed each other from position 0 on. */
  restore(blocks: readonly KeptBlock[]): void;
  /** Frees the cache. The sequence is not used any more. */
  release(): void;
}

/** A part of a cache, kept for other sequences. */
export interface KeptBlock {
  readonly sizeBytes: number;
  /** All of it, not to be written to. Absent where it does not leave the runtime. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  drop(): void;
}
