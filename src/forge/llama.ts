import type { Matrix } from './matrix.ts';

/** The shape of a llama-family model. */
export interface LlamaConfig {
  readonly dim: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  /** Fewer than `heads` when several query heads share a key and value. */
  readonly kvHeads: number;
  readonly vocab: number;
  /** Positions for which rotary tables are written: the longest text that the model can hold. */
  readonly context: number;
  readonly ropeTheta: number;
  readonly normEps: number;
}

export const headDim = (config: LlamaConfig): number => config.dim / config.heads;
export const kvDim = (config: LlamaConfig): number => headDim(config) * config.kvHeads;

export interface LlamaLayer {
  readonly attentionNorm: Float32Array;
  /** Query and key rows in the order of `rotaryHalves`. */
  readonly query: Matrix;
  readonly key: Matrix;
  readonly value: Matrix;
  readonly attentionOutput: Matrix;
  readonly feedForwardNorm: Float32Array;
  readonly gate: Matrix;
  readonly up: Matrix;
  readonly down: Matrix;
}

/** Weights by the layer, read when asked for: a large model is never whole in memory. */
export interface LlamaWeights {
  /** `[vocab, dim]`. */
  embedding(): Matrix;
  layer(index: number): LlamaLayer;
  finalNorm(): Float32Array;
  /** `[vocab, dim]`, or nothing when the embedding serves. */
  classifier(): Matrix | undefined;
}

/** Trainable parameters, counted once where the classifier is the embedding. */
export function parameterCount(config: LlamaConfig, ownClassifier: boolean): number {
  const { dim, hidden, layers, vocab } = config;
  const attention = 2 * dim * dim + 2 * dim * kvDim(config);
  return vocab * dim * (ownClassifier ? 2 : 1) + layers * (attention + 3 * dim * hidden + 2 * dim) + dim;
}
