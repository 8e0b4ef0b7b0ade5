import type { KnownSpeeds } from '../../core/benchmark/plan.ts';
import { type Figure, type Metric, speedsOf } from '../../core/benchmark/result.ts';
import { summarise } from '../../core/benchmark/statistics.ts';

/** What one repetition of a test gave. */
export interface Sample {
  readonly metric: Metric;
  readonly size?: number;
  readonly depth?: number;
  readonly values: readonly number[];
}

/** More repetitions than these are told by their summary only. */
const KEPT_SAMPLES = 32;

export interface Figures {
  add(samples: readonly Sample[]): void;
  /** In the order in which they were first measured. */
  list(): Figure[];
  /** As far as it was measured. */
  known(): KnownSpeeds;
}

interface Kept {
  readonly head: Pick<Figure, 'metric' | 'size' | 'depth'>;
  readonly values: number[];
  /** Of each repetition. */
  readonly means: number[];
}

export function createFigures(): Figures {
  const kept = new Map<string, Kept>();

  const list = (): Figure[] =>
    [...kept.values()].flatMap(({ head, values, means }) => {
      const summary = summarise(values);
      if (!summary) return [];
      // Gaps between tokens are no repetitions, and many.
      if (head.metric === 'itl') return [{ ...head, ...summary, ...meansOf(means) }];
      return [{ ...head, ...summary, ...(values.length <= KEPT_SAMPLES ? { samples: [...values] } : {}) }];
    });

  return {
    add(samples) {
      for (const { metric, size, depth, values } of samples) {
        const key = JSON.stringify([metric, size, depth]);
        const head = { metric, ...(size === undefined ? {} : { size }), ...(depth ? { depth } : {}) };
        const found = kept.get(key) ?? { head, values: [], means: [] };
        kept.set(key, found);
        for (const value of values) found.values.push(value);
        const once = summarise(values);
        if (once) found.means.push(once.mean);
      }
    },
    list,
    known: () => speedsOf(list()),
  };
}

function meansOf(means: readonly number[]): Pick<Figure, 'means'> {
  const summary = summarise(means);
  if (!summary) return {};
  const { count, mean, sd } = summary;
  return { means: { count, mean, sd } };
}
