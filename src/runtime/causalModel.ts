/** A text model with its key-value cache, between two calls of `forward`. */
export interface CausalModel {
  readonly vocabularySize: number;
  /** Tokens in the cache. */
  readonly length: number;
  /**
   * Evaluates tokens that follow those in the cache and keeps them there.
   * @returns scores of the token after the last one: `vocabularySize` numbers, valid and free to write to until the next call
   */
  forward(ids: readonly number[]): Promise<Float32Array>;
  /** Forgets the cache. */
  reset(): void;
}
