import { headDim, kvDim, type LlamaConfig, type LlamaWeights, queryDim, rotaryDim } from '../../../src/forge/llama.ts';
import type { Matrix } from '../../../src/forge/matrix.ts';

type Vector = number[];

const product = ({ rows, columns, values }: Matrix, x: Vector): Vector =>
  Array.from({ length: rows }, (_, row) => x.reduce((sum, xi, i) => sum + xi * (values[row * columns + i] ?? NaN), 0));

const add = (a: Vector, b: Vector): Vector => a.map((x, i) => x + (b[i] ?? NaN));

function norm(x: Vector, gamma: Float32Array, eps: number): Vector {
  const inverse = 1 / Math.sqrt(x.reduce((sum, xi) => sum + xi * xi, 0) / x.length + eps);
  return x.map((xi, i) => xi * inverse * (gamma[i] ?? NaN));
}

interface Rotation {
  readonly theta: number;
  /** Numbers of a head that turn: the first half of these in its first half, the others in its second. */
  readonly rotated: number;
  readonly divisors?: Float32Array | undefined;
  readonly magnitude?: number | undefined;
}

function rotate(x: Vector, position: number, size: number, { theta, rotated, divisors, magnitude = 1 }: Rotation): Vector {
  const half = size / 2;
  return x.map((xi, i) => {
    const inHead = i % size;
    const pair = inHead % half;
    if (pair >= rotated / 2) return xi;
    const angle = (position * theta ** ((-2 * pair) / rotated)) / (divisors?.[pair] ?? 1);
    const other = inHead < half ? -(x[i + half] ?? NaN) : (x[i - half] ?? NaN);
    return magnitude * (xi * Math.cos(angle) + other * Math.sin(angle));
  });
}

const capped = (score: number, cap: number | undefined): number => (cap === undefined ? score : cap * Math.tanh(score / cap));

const silu = (x: number): number => x / (1 + Math.exp(-x));
const gelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/**
 * A llama as its paper writes it, in loops over float64, with what its relatives add to it: slow, and short enough to be seen right. Scores of
 * every position.
 */
export function plainLlama(config: LlamaConfig, weights: LlamaWeights, ids: readonly number[]): Vector[] {
  const { heads, kvHeads, normEps, window, embeddingScale = 1, ropeTheta, ropeDivisors, ropeMagnitude } = config;
  const size = headDim(config);
  const scale = config.attentionScale ?? 1 / Math.sqrt(size);
  const activation = config.activation === 'gelu' ? gelu : silu;
  const everywhere = { theta: ropeTheta, rotated: rotaryDim(config), divisors: ropeDivisors, magnitude: ropeMagnitude };
  const embedding = weights.embedding();
  let states = ids.map((id) => [...embedding.values.subarray(id * config.dim, (id + 1) * config.dim)].map((x) => x * embeddingScale));
  for (let index = 0; index < config.layers; index++) {
    const layer = weights.layer(index);
    const limited = window?.limited[index] === true;
    const rotation = limited && window.ropeTheta !== undefined ? { theta: window.ropeTheta, rotated: rotaryDim(config) } : everywhere;
    const post = (x: Vector, gamma?: Float32Array): Vector => (gamma ? norm(x, gamma, normEps) : x);
    const normed = states.map((x) => norm(x, layer.attentionNorm, normEps));
    const bias = [...(layer.qkvBias ?? [])];
    const [queryEnd, keyEnd] = [queryDim(config), queryDim(config) + kvDim(config)];
    const biased = (x: Vector, from: number, to?: number): Vector => (bias.length === 0 ? x : add(x, bias.slice(from, to)));
    const headNormed = (x: Vector, gamma?: Float32Array): Vector =>
      gamma
        ? Array.from({ length: x.length / size }, (_, head) => norm(x.slice(head * size, (head + 1) * size), gamma, normEps)).flat()
        : x;
    const query = (x: Vector) => headNormed(biased(product(layer.query, x), 0, queryEnd), layer.headNorms?.query);
    const key = (x: Vector) => headNormed(biased(product(layer.key, x), queryEnd, keyEnd), layer.headNorms?.key);
    const queries = normed.map((x, p) => rotate(query(x), p, size, rotation));
    const keys = normed.map((x, p) => rotate(key(x), p, size, rotation));
    const values = normed.map((x) => biased(product(layer.value, x), keyEnd));
    const attended = queries.map((all, p) => {
      const first = limited ? Math.max(0, p + 1 - window.size) : 0;
      const out: Vector = [];
      for (let head = 0; head < heads; head++) {
        const shared = Math.floor((head * kvHeads) / heads) * size;
        const own = all.slice(head * size, (head + 1) * size);
        const raw = keys
          .slice(first, p + 1)
          .map((other) => own.reduce((sum, q, i) => sum + q * (other[shared + i] ?? NaN), 0) * scale)
          .map((score) => capped(score, config.attentionSoftcap));
        const exp = raw.map((score) => Math.exp(score - Math.max(...raw)));
        const total = exp.reduce((a, b) => a + b);
        for (let i = 0; i < size; i++) out.push(exp.reduce((sum, e, t) => sum + (e / total) * (values[first + t]?.[shared + i] ?? NaN), 0));
      }
      return out;
    });
    states = states.map((x, p) => add(x, post(product(layer.attentionOutput, attended[p] ?? []), layer.postNorms?.attention)));
    states = states.map((x) => {
      const input = norm(x, layer.feedForwardNorm, normEps);
      const up = product(layer.up, input);
      const gated = product(layer.gate, input).map((g, i) => activation(g) * (up[i] ?? NaN));
      return add(x, post(product(layer.down, gated), layer.postNorms?.feedForward));
    });
  }
  const classifier = weights.classifier() ?? embedding;
  const scores = states.map((x) => product(classifier, norm(x, weights.finalNorm(), normEps)));
  return scores.map((row) => row.map((score) => capped(score, config.logitSoftcap)));
}
