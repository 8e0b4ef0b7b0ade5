import { headDim, kvDim, type LlamaConfig, type LlamaWeights, queryDim } from '../../../src/forge/llama.ts';
import type { Matrix } from '../../../src/forge/matrix.ts';

type Vector = number[];

const product = ({ rows, columns, values }: Matrix, x: Vector): Vector =>
  Array.from({ length: rows }, (_, row) => x.reduce((sum, xi, i) => sum + xi * (values[row * columns + i] ?? NaN), 0));

const add = (a: Vector, b: Vector): Vector => a.map((x, i) => x + (b[i] ?? NaN));

function norm(x: Vector, gamma: Float32Array, eps: number): Vector {
  const inverse = 1 / Math.sqrt(x.reduce((sum, xi) => sum + xi * xi, 0) / x.length + eps);
  return x.map((xi, i) => xi * inverse * (gamma[i] ?? NaN));
}

function rotate(x: Vector, position: number, size: number, { ropeTheta, ropeDivisors }: LlamaConfig): Vector {
  const half = size / 2;
  return x.map((xi, i) => {
    const inHead = i % size;
    const angle = (position * ropeTheta ** ((-2 * (inHead % half)) / size)) / (ropeDivisors?.[inHead % half] ?? 1);
    const other = inHead < half ? -(x[i + half] ?? NaN) : (x[i - half] ?? NaN);
    return xi * Math.cos(angle) + other * Math.sin(angle);
  });
}

/** A llama as its paper writes it, in loops over float64: slow, and short enough to be seen right. Scores of every position. */
export function plainLlama(config: LlamaConfig, weights: LlamaWeights, ids: readonly number[]): Vector[] {
  const { heads, kvHeads, normEps } = config;
  const size = headDim(config);
  const embedding = weights.embedding();
  let states = ids.map((id) => [...embedding.values.subarray(id * config.dim, (id + 1) * config.dim)]);
  for (let index = 0; index < config.layers; index++) {
    const layer = weights.layer(index);
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
    const queries = normed.map((x, p) => rotate(query(x), p, size, config));
    const keys = normed.map((x, p) => rotate(key(x), p, size, config));
    const values = normed.map((x) => biased(product(layer.value, x), keyEnd));
    const attended = queries.map((all, p) => {
      const out: Vector = [];
      for (let head = 0; head < heads; head++) {
        const shared = Math.floor((head * kvHeads) / heads) * size;
        const own = all.slice(head * size, (head + 1) * size);
        const raw = keys
          .slice(0, p + 1)
          .map((other) => own.reduce((sum, q, i) => sum + q * (other[shared + i] ?? NaN), 0) / Math.sqrt(size));
        const exp = raw.map((score) => Math.exp(score - Math.max(...raw)));
        const total = exp.reduce((a, b) => a + b);
        for (let i = 0; i < size; i++) out.push(exp.reduce((sum, e, t) => sum + (e / total) * (values[t]?.[shared + i] ?? NaN), 0));
      }
      return out;
    });
    states = states.map((x, p) => add(x, product(layer.attentionOutput, attended[p] ?? [])));
    states = states.map((x) => {
      const input = norm(x, layer.feedForwardNorm, normEps);
      const up = product(layer.up, input);
      const gated = product(layer.gate, input).map((g, i) => (g / (1 + Math.exp(-g))) * (up[i] ?? NaN));
      return add(x, product(layer.down, gated));
    });
  }
  const classifier = weights.classifier() ?? embedding;
  return states.map((x) => product(classifier, norm(x, weights.finalNorm(), normEps)));
}
