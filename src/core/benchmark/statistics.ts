import { linearRegression, mean, sampleStandardDeviation } from 'simple-statistics';

/** What is told of repeated measurements of one thing, all in its unit. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** Of a sample (n - 1), as llama-bench gives it; 0 for a single one. */
  readonly sd: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
}

export type Spread = Pick<Summary, 'count' | 'mean' | 'sd'>;

/**
 * As if all their samples had been summarised together. Of what tells no count (an imported table), one stands for it.
 * @param parts not empty
 */
export function pooled(parts: readonly Spread[]): Spread {
  const [only] = parts;
  if (only && parts.length === 1) return { count: only.count, mean: only.mean, sd: only.sd };
  const weight = ({ count }: Spread) => Math.max(1, count);
  const count = parts.reduce((total, part) => total + weight(part), 0);
  const center = parts.reduce((total, part) => total + weight(part) * part.mean, 0) / count;
  const squares = parts.reduce((total, part) => total + (weight(part) - 1) * part.sd ** 2 + weight(part) * (part.mean - center) ** 2, 0);
  return { count, mean: center, sd: count > 1 ? Math.sqrt(squares / (count - 1)) : 0 };
}

/** Absent where nothing, or something that is no number, was measured. */
export function summarise(samples: readonly number[]): Summary | undefined {
  if (samples.length === 0 || !samples.every(Number.isFinite)) return undefined;
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    mean: mean(sorted),
    sd: sorted.length > 1 ? sampleStandardDeviation(sorted) : 0,
    median: quantile(sorted, 0.5),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
  };
}

/**
 * By linear interpolation between the neighbours (Hyndman and Fan's type 7), as numpy and so vLLM's benchmarks do.
 * @param sorted ascending, not empty
 */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

/** Standard deviation as a share of the mean. */
export const spreadOf = ({ mean: center, sd }: Pick<Summary, 'mean' | 'sd'>): number => (center === 0 ? 0 : sd / Math.abs(center));

/** Least squares. Absent for fewer than two different places. */
export function slopeOf(points: ReadonlyArray<readonly [at: number, value: number]>): number | undefined {
  if (new Set(points.map(([at]) => at)).size < 2) return undefined;
  return linearRegression(points.map(([at, value]) => [at, value])).m;
}
