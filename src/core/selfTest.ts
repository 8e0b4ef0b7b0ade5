import type { GpuCheck, GpuPrecision } from './device.ts';
import type { Dtype } from './manifest.ts';
import { createRandom } from './random.ts';

/** Small enough to run on an emulated GPU in a moment; 96 divides into no tile of 64, so that the ends of a matrix are tested too. */
export const SELF_TEST = { vocabulary: 64, hidden: 128, inner: 96, classes: 40, block: 32, epsilon: 1e-5 } as const;

/** One token alone as in decoding, and many at once as in a prefill: runtimes have another program for each. */
export const SELF_TEST_INPUTS: ReadonlyArray<readonly number[]> = [[7], Array.from({ length: 33 }, (_, i) => (i * 11 + 3) % 64)];

/** In the order in which one follows from the other: the first that is off names the operator that is broken. */
export const SELF_TEST_OUTPUTS = ['gather', 'rms_norm', 'matmul_4bit', 'matmul_8bit', 'layer_norm', 'matmul', 'gemm', 'softmax'] as const;
export type SelfTestOutput = (typeof SELF_TEST_OUTPUTS)[number];

/** How far an output may be off, as a share of its largest value: what rounding costs in each arithmetic, some ten times over. */
const TOLERANCES: Readonly<Record<GpuPrecision, number>> = { fp32: 1e-3, f16: 3e-2 };

/** Levels as they are stored, the middle (8 or 128) added, with a scale for each block of a row. */
export interface Quantized {
  readonly levels: Uint8Array;
  readonly scales: Float32Array;
}

export interface SelfTestWeights {
  /** `[vocabulary, hidden]`. */
  readonly table: Float32Array;
  readonly gamma: Float32Array;
  /** `[inner, hidden]`, both. */
  readonly fourBit: Quantized;
  readonly eightBit: Quantized;
  /** Of the layer norm, `inner` each. */
  readonly scale: Float32Array;
  readonly bias: Float32Array;
  /** `[inner, classes]`, as MatMul wants it. */
  readonly projection: Float32Array;
}

/** The same on every device. */
export function selfTestWeights(): SelfTestWeights {
  const { vocabulary, hidden, inner, classes, block } = SELF_TEST;
  const random = createRandom(2718);
  const around = (length: number, middle: number, spread: number) =>
    Float32Array.from({ length }, () => middle + spread * (2 * random() - 1));
  const quantized = (bits: 4 | 8): Quantized => ({
    levels: Uint8Array.from({ length: inner * hidden }, () => Math.floor(random() * 2 ** bits)),
    scales: around((inner * hidden) / block, 0.5 / 2 ** bits, 0.3 / 2 ** bits),
  });
  return {
    table: around(vocabulary * hidden, 0, 1),
    gamma: around(hidden, 1, 0.5),
    fourBit: quantized(4),
    eightBit: quantized(8),
    scale: around(inner, 1, 0.5),
    bias: around(inner, 0, 0.5),
    projection: around(inner * classes, 0, 0.3),
  };
}

/** What the graph has to give for these tokens, worked out in 64 bits by nothing that the runtime uses. Row after row. */
function expectedOutputs(weights: SelfTestWeights, ids: readonly number[]): Record<SelfTestOutput, Float64Array> {
  const { hidden, inner, classes, epsilon } = SELF_TEST;
  const rows = ids.map((id) => Float64Array.from(weights.table.subarray(id * hidden, (id + 1) * hidden)));
  const normed = rows.map((row) => {
    const root = Math.sqrt(mean(row.map((value) => value * value)) + epsilon);
    return row.map((value, i) => (value / root) * at(weights.gamma, i));
  });
  const four = normed.map((row) => timesBlocks(row, weights.fourBit, 8));
  const eight = normed.map((row) => timesBlocks(row, weights.eightBit, 128));
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
  const softmax = product.map((row) => {
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const powers = row.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  });
  const joined = (parts: readonly Float64Array[]) => Float64Array.from(parts.flatMap((part) => [...part]));
  return {
    gather: joined(rows),
    rms_norm: joined(normed),
    matmul_4bit: joined(four),
    matmul_8bit: joined(eight),
    layer_norm: joined(layered),
    matmul: joined(product),
    // The same by another operator, with the weights turned.
    gemm: joined(product),
    softmax: joined(softmax),
  };
}

/**
 * @param runs what the graph gave for each of `SELF_TEST_INPUTS`, by output
 * @returns the verdict; `failed` where an output is missing or of another size
 */
export function judgeSelfTest(
  runs: ReadonlyArray<Readonly<Partial<Record<string, ArrayLike<number>>>>>,
  precision: GpuPrecision,
  weights: SelfTestWeights = selfTestWeights(),
): GpuCheck {
  let worstError = 0;
  for (const [i, ids] of SELF_TEST_INPUTS.entries()) {
    const expected = expectedOutputs(weights, ids);
    for (const output of SELF_TEST_OUTPUTS) {
      const given = runs[i]?.[output];
      if (given?.length !== expected[output].length) return { verdict: 'failed', reason: `It gave no ${output}.` };
      const error = relativeError(given, expected[output]);
      // Not a number is off by all.
      if (!Number.isFinite(error)) return { verdict: 'wrong', output };
      if (error > TOLERANCES[precision]) return { verdict: 'wrong', worstError: error, output };
      worstError = Math.max(worstError, error);
    }
  }
  return { verdict: 'right', worstError };
}

/** Which arithmetic a variant of this dtype asks of a graphics processor. */
export const precisionOf = (dtype: Dtype): GpuPrecision => (dtype === 'fp16' || dtype === 'q4f16' ? 'f16' : 'fp32');

/** Whether a graphics processor may run such a variant, as far as is known: one that was not tested yet may. */
export const isExcluded = (check: GpuCheck | undefined): boolean => check !== undefined && check.verdict !== 'right';

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? 0;
const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

function timesBlocks(row: Float64Array, { levels, scales }: Quantized, middle: number): Float64Array {
  const { hidden, inner, block } = SELF_TEST;
  return Float64Array.from({ length: inner }, (_, output) => {
    let sum = 0;
    for (let i = 0; i < hidden; i++) {
      const weight = output * hidden + i;
      sum += at(row, i) * (at(levels, weight) - middle) * at(scales, Math.floor(weight / block));
    }
    return sum;
  });
}

function relativeError(given: ArrayLike<number>, expected: Float64Array): number {
  let largest = 0;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(at(given, i) - at(expected, i));
    if (!(difference <= worst)) worst = difference;
    largest = Math.max(largest, Math.abs(at(expected, i)));
    if (Number.isNaN(worst)) return worst;
  }
  return worst / largest;
}
