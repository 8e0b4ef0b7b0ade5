import type { Matrix } from './matrix.ts';

/** How far back some layers look. */
export interface SlidingWindow {
  /** How many positions a token sees, its own among them. */
  readonly size: number;
  /** By layer: whether it looks no further than that. */
  readonly limited: readonly boolean[];
  /** Where limited layers turn by another base; nothing else slows them then. */
  readonly ropeTheta?: number;
}

/** The shape of a llama-family model. What is not there is as in the first Llama. */
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
  /** Where only so many numbers of a head are rotated. */
  readonly rotaryDim?: number;
  /** By what each pair's rotation is divided for longer texts than the model was first trained on: `[rotaryDim / 2]`. */
  readonly ropeDivisors?: Float32Array;
  /** By what rotated numbers are multiplied besides. */
  readonly ropeMagnitude?: number;
  readonly window?: SlidingWindow;
  /** In place of SiLU: GELU in its approximation by a hyperbolic tangent. */
  readonly activation?: 'gelu';
  /** By what rows of the embedding are multiplied. */
  readonly embeddingScale?: number;
  /** By what scores of attention are multiplied, in place of `1 / sqrt(headDim)`. */
  readonly attentionScale?: number;
  /** Scores of attention and of tokens become `cap * tanh(score / cap)`. */
  readonly attentionSoftcap?: number;
  readonly logitSoftcap?: number;
}

export const headDim = (config: LlamaConfig): number => config.headDim ?? config.dim / config.heads;
/** Width of all query heads side by side. */
export const queryDim = (config: LlamaConfig): number => headDim(config) * config.heads;
export const rotaryDim = (config: LlamaConfig): number => config.rotaryDim ?? headDim(config);
export const kvDim = (config: LlamaConfig): number => headDim(config) * config.kvHeads;

export interface LlamaLayer {
  readonly attentionNorm: Float32Array;
  /** Query and key rows in the order of `rotaryRows`. */
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
  /** Scales of a normalisation, `[dim]`, of what attention and feed-forward give before it is added. */
  readonly postNorms?: { readonly attention: Float32Array; readonly feedForward: Float32Array };
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
