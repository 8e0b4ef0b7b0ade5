import { max, median, min, quantile, sampleWithReplacement } from 'simple-statistics';

const RESAMPLES = 2_000;

/** Median and extremes of one measured quantity. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly samples: number;
}

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median([...values]),
  min: min([...values]),
  max: max([...values]),
  samples: values.length,
});

/** Sill's value divided by a peer's: median over pairs, quartiles, and a bootstrap interval of the median that holds it 95 times of 100. */
export interface Ratio {
  readonly median: number;
  readonly quartiles: readonly [number, number];
  readonly interval95: readonly [number, number];
}

/** @param pairs values of Sill and of the peer measured right after each other, so that what slows the machine slows both */
export function ratioOf(pairs: ReadonlyArray<readonly [sill: number, peer: number]>): Ratio {
  const ratios = pairs.map(([sill, peer]) => sill / peer);
  const medians = Array.from({ length: RESAMPLES }, () => median(sampleWithReplacement(ratios, ratios.length)));
  return {
    median: median(ratios),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    interval95: [quantile(medians, 0.025), quantile(medians, 0.975)],
  };
}
