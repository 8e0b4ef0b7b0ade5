import {
  pastOf,
  type Quantized,
  SELF_TEST,
  SELF_TEST_HEADS,
  SELF_TEST_PACKED,
  type SelfTestInput,
  type SelfTestOutput,
  type SelfTestWeights,
} from './selfTestWeights.ts';

/** What the graph has to give for these tokens, worked out in 64 bits by nothing that the runtime uses. Row after row. */
export function expectedOutputs(weights: SelfTestWeights, input: SelfTestInput): Record<SelfTestOutput, Float64Array> {
  const { hidden, inner, classes, epsilon } = SELF_TEST;
  const rows = input.ids.map((id) => Float64Array.from(weights.table.subarray(id * hidden, (id + 1) * hidden)));
  const rootNorm = (row: Float64Array): Float64Array => {
    const root = Math.sqrt(mean(row.map((value) => value * value)) + epsilon);
    return row.map((value, i) => (value / root) * at(weights.gamma, i));
  };
  const normed = rows.map(rootNorm);
  const skipped = rows.map((row, token) => rootNorm(row.map((value, i) => value + at(normed[token] ?? [], i))));
  const four = normed.map((row) => timesBlocks(row, weights.fourBit, 8));
  const eight = normed.map((row) => timesBlocks(row, weights.eightBit, 128));
  const gated = four.map((row, token) => row.map((value, i) => (value / (1 + Math.exp(-value))) * at(eight[token] ?? [], i)));
  const layered = four.map((row) => {
    const middle = mean(row);
    const deviation = Math.sqrt(mean(row.map((value) => (value - middle) ** 2)) + epsilon);
    return row.map((value, i) => ((value - middle) / deviation) * at(weights.scale, i) + at(weights.bias, i));
  });
  const product = layered.map((row) =>
    Float64Array.from({ length: classes }, (_, column) => {
      let sum = 0;
      for (let i = 0; i < inner; i++) sum += at(row, i) * at(weights.projection, i * classes + column);
      return sum;
    }),
  );
  return {
    gather: joined(rows),
    rms_norm: joined(normed),
    skip_norm: joined(skipped),
    matmul_4bit: joined(four),
    matmul_8bit: joined(eight),
    gated: joined(gated),
    layer_norm: joined(layered),
    matmul: joined(product),
    // The same by another operator, with the weights turned.
    gemm: joined(product),
    softmax: joined(product.map(shares)),
    ...attentionOutputs(weights, input),
  };
}

type AttentionOutput = Extract<SelfTestOutput, 'gather_4bit' | 'rotary' | `attention${string}`>;

function attentionOutputs(weights: SelfTestWeights, { ids, past }: SelfTestInput): Record<AttentionOutput, Float64Array> {
  const { heads, kvHeads, size } = SELF_TEST_HEADS;
  const packed = ids.map((id) =>
    Float64Array.from({ length: SELF_TEST_PACKED }, (_, i) => dequantized(weights.packed, id * SELF_TEST_PACKED + i, 8)),
  );
  /** One head of a token, counted through query, key and value. */
  const headOf = (token: number, head: number): Float64Array => packed[token]?.slice(head * size, (head + 1) * size) ?? new Float64Array();
  const queries = packed.map((_, token) => Array.from({ length: heads }, (_, head) => turned(headOf(token, head), past + token)));
  /** Of each head the vectors of all positions, those of the past first. */
  const cached = (cache: Float32Array, own: (token: number, head: number) => Float64Array): Float64Array[][] => {
    const before = pastOf(cache, past);
    return Array.from({ length: kvHeads }, (_, head) => [
      ...Array.from({ length: past }, (_, i) => Float64Array.from(before.subarray((head * past + i) * size, (head * past + i + 1) * size))),
      ...packed.map((_, token) => own(token, head)),
    ]);
  };
  const keys = cached(weights.pastKeys, (token, head) => turned(headOf(token, heads + head), past + token));
  const values = cached(weights.pastValues, (token, head) => headOf(token, heads + kvHeads + head));
  /** Each token looks at itself and at what came before it. */
  const attended = queries.flatMap((ofHeads, token) =>
    ofHeads.map((query, head) => {
      const shared = Math.floor((head * kvHeads) / heads);
      const seen = (all: Float64Array[][]) => all[shared]?.slice(0, past + token + 1) ?? [];
      const weightsOf = shares(Float64Array.from(seen(keys), (key) => dot(query, key) / Math.sqrt(size)));
      return Float64Array.from({ length: size }, (_, i) =>
        seen(values).reduce((sum, value, j) => sum + at(weightsOf, j) * at(value, i), 0),
      );
    }),
  );
  return {
    gather_4bit: joined(packed),
    rotary: joined(queries.flat()),
    attention_keys: joined(keys.flat()),
    attention_values: joined(values.flat()),
    attention: joined(attended),
  };
}

/** Rotary position embedding: number `i` of a head and the one half a head behind it are a point that turns with the position. */
function turned(head: Float64Array, position: number): Float64Array {
  const { size, theta } = SELF_TEST_HEADS;
  const half = size / 2;
  return head.map((value, i) => {
    const angle = position * theta ** ((-2 * (i % half)) / size);
    const [other, sign] = i < half ? [at(head, i + half), -1] : [at(head, i - half), 1];
    return value * Math.cos(angle) + sign * other * Math.sin(angle);
  });
}

/** Softmax. */
function shares(row: Float64Array): Float64Array {
  const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = row.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? 0;
const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * at(b, i), 0);
const joined = (parts: readonly Float64Array[]): Float64Array => Float64Array.from(parts.flatMap((part) => [...part]));

const dequantized = ({ levels, scales }: Quantized, index: number, middle: number): number =>
  (at(levels, index) - middle) * at(scales, Math.floor(index / SELF_TEST.block));

function timesBlocks(row: Float64Array, matrix: Quantized, middle: number): Float64Array {
  const { hidden, inner } = SELF_TEST;
  return Float64Array.from({ length: inner }, (_, output) =>
    row.reduce((sum, value, i) => sum + value * dequantized(matrix, output * hidden + i, middle), 0),
  );
}
