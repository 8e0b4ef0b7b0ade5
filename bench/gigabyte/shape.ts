import type { LlamaConfig, LlamaLayer, LlamaWeights } from '../../src/forge/llama.ts';
import { kvDim } from '../../src/forge/llama.ts';
import type { Matrix } from '../../src/forge/matrix.ts';

export type StepShape = LlamaConfig;

/** TinyLlama-1.1B's shape. */
export const TINYLLAMA_SHAPE: LlamaConfig = {
  dim: 2048,
  hidden: 5632,
  layers: 22,
  heads: 32,
  kvHeads: 4,
  vocab: 32_000,
  context: 2048,
  ropeTheta: 10_000,
  normEps: 1e-5,
};

/** The same random layer over and over: a model that writes nonsense, but takes the time and the memory of its shape. */
export function randomWeights(config: LlamaConfig): LlamaWeights {
  const { dim, hidden, vocab } = config;
  let seed = 1;
  // A small multiplicative generator: the same weights in every run.
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  const matrix = (rows: number, columns: number): Matrix => {
    // As large as keeps the sums of a row near 1.
    const scale = 2 / Math.sqrt(columns);
    const values = new Float32Array(rows * columns);
    for (let i = 0; i < values.length; i++) values[i] = random() * scale;
    return { rows, columns, values };
  };
  const ones = new Float32Array(dim).fill(1);
  const layer: LlamaLayer = {
    attentionNorm: ones,
    query: matrix(dim, dim),
    key: matrix(kvDim(config), dim),
    value: matrix(kvDim(config), dim),
    attentionOutput: matrix(dim, dim),
    feedForwardNorm: ones,
    gate: matrix(hidden, dim),
    up: matrix(hidden, dim),
    down: matrix(dim, hidden),
  };
  const [embedding, classifier] = [matrix(vocab, dim), matrix(vocab, dim)];
  return { embedding: () => embedding, layer: () => layer, finalNorm: () => ones, classifier: () => classifier };
}
