import type { Figure } from './result.ts';
import type { Spread } from './statistics.ts';
import { studentQuantile } from './studentT.ts';

export const CONFIDENCE = 0.95;

/** What the second is, as a multiple of the first: 1.1 is a tenth more. */
export interface Difference {
  readonly ratio: number;
  /** Ends of the interval in which the true ratio lies with `CONFIDENCE`. */
  readonly low: number;
  readonly high: number;
  /** The interval leaves out 1. */
  readonly significant: boolean;
}

/**
 * What of a figure may be held against another one's: its repetitions. Gaps between the tokens of one answer hang together and drift with it: hundreds
 * of them are no hundreds of measurements. Absent where only the gaps are known.
 */
export const comparedOf = ({ metric, count, mean, sd, means }: Figure): Spread | undefined =>
  metric === 'itl' ? means : { count, mean, sd };

/**
 * Welch's interval on the logarithms (the standard deviation of a logarithm is the spread, by the delta method): what is compared are speeds and
 * times, of which a ratio is told, and of imported results no more is known than mean and deviation.
 * @returns nothing where one of both was measured less than twice, or is not above zero
 */
export function differenceOf(first: Spread, second: Spread, confidence = CONFIDENCE): Difference | undefined {
  if (first.count < 2 || second.count < 2 || !(first.mean > 0) || !(second.mean > 0)) return undefined;
  const ratio = second.mean / first.mean;
  const [a, b] = [varianceOfLog(first), varianceOfLog(second)];
  const variance = a + b;
  // Without any spread every difference is one.
  if (variance === 0) return { ratio, low: ratio, high: ratio, significant: ratio !== 1 };
  const degrees = variance ** 2 / (a ** 2 / (first.count - 1) + b ** 2 / (second.count - 1));
  const reach = Math.min(studentQuantile(1 - (1 - confidence) / 2, degrees) * Math.sqrt(variance), WIDEST_REACH);
  const [low, high] = [ratio * Math.exp(-reach), ratio * Math.exp(reach)];
  return { ratio, low, high, significant: low > 1 || high < 1 };
}

/** Two runs that agree in nothing have an interval too; a wider one would end at infinity. */
const WIDEST_REACH = 300;

/** Of the mean's logarithm. */
const varianceOfLog = ({ count, mean, sd }: Spread): number => (sd / mean) ** 2 / count;
