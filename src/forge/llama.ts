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
  /** Where it is not `dim / heads`. */
  readonly headDim?: number;
  /** By what each pair's rotation is divided for longer texts than the model was first trained on: `[headDim / 2]`. */
  readonly ropeDivisors?: Float32Array;
}

export const headDim = (config: LlamaConfig): number => config.headDim ?? config.dim / config.heads;
/** Width of all query heads side by side. */
export const queryDim = (config: LlamaConfig): number => headDim(config) * config.heads;
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
  /** Of query, key and value side by side, `[queryDim + 2 * kvDim]`, in the order of their rows. */
  readonly qkvBias?: Float32Array;
  /** Scales of a normalisation of each head of query and key, `[headDim]` each, before they are rotated. */
  readonly headNorms?: { readonly query: Float32Array; readonly key: Float32Array };
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
  const attention = 2 * dim * queryDim(config) + 2 * dim * kvDim(config);
  return vocab * dim * (ownClassifier ? 2 : 1) + layers * (attention + 3 * dim * hidden + 2 * dim) + dim;
}
