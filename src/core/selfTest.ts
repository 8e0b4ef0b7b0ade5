import type { GpuCheck, GpuPrecision } from './device.ts';
import type { Dtype } from './manifest.ts';
import { expectedOutputs } from './selfTestReference.ts';
import { SELF_TEST_OUTPUTS, type SelfTestInput, type SelfTestWeights, selfTestWeights } from './selfTestWeights.ts';

/** How far an output may be off, as a share of its largest value: what rounding costs in each arithmetic, some ten times over. */
const TOLERANCES: Readonly<Record<GpuPrecision, number>> = { fp32: 1e-3, f16: 3e-2 };

/**
 * @param runs what the graph gave for each of the inputs, by output
 * @returns the verdict; `failed` where an output is missing or of another size
 */
export function judgeSelfTest(
  runs: ReadonlyArray<Readonly<Partial<Record<string, ArrayLike<number>>>>>,
  precision: GpuPrecision,
  inputs: readonly SelfTestInput[],
  weights: SelfTestWeights = selfTestWeights(),
): GpuCheck {
  let worstError = 0;
  for (const [i, input] of inputs.entries()) {
    const expected = expectedOutputs(weights, input);
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
