export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** After the name of its family: `_sum`, `_count` or `_bucket` of a histogram. */
  readonly suffix?: string;
  readonly labels: Labels;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

/** Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export function exposition(families: readonly MetricFamily[]): string {
  return families
    .map(({ name, help, type, samples }) =>
      [
        `# HELP ${name} ${escaped(help)}`,
        `# TYPE ${name} ${type}`,
        ...samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${labelText(labels)} ${numberText(value)}`),
        '',
      ].join('\n'),
    )
    .join('');
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

interface Observed {
  readonly labels: Labels;
  readonly counts: number[];
  sum: number;
}

/** Counts what was observed below each bound, for each set of labels. */
export interface Histogram {
  /** @param times the same value was observed so often */
  observe(labels: Labels, value: number, times?: number): void;
  family(): MetricFamily;
}

/** @param bounds upper ends of the buckets in rising order, without infinity */
export function createHistogram(name: string, help: string, bounds: readonly number[]): Histogram {
  const series = new Map<string, Observed>();
  return {
    observe(labels, value, times = 1) {
      const key = labelText(labels);
      const observed = series.get(key) ?? { labels, counts: Array<number>(bounds.length + 1).fill(0), sum: 0 };
      series.set(key, observed);
      const at = bounds.findIndex((bound) => value <= bound);
      const bucket = at < 0 ? bounds.length : at;
      observed.counts[bucket] = (observed.counts[bucket] ?? 0) + times;
      observed.sum += value * times;
    },
    family: () => ({ name, help, type: 'histogram', samples: [...series.values()].flatMap((observed) => samplesOf(observed, bounds)) }),
  };
}

function samplesOf({ labels, counts, sum }: Observed, bounds: readonly number[]): Sample[] {
  let below = 0;
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, at): Sample => {
    below += counts[at] ?? 0;
    return { suffix: '_bucket', labels: { ...labels, le: numberText(bound) }, value: below };
  });
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: below }];
}

export interface Counter {
  add(labels: Labels, amount?: number): void;
  family(): MetricFamily;
}

export function createCounter(name: string, help: string): Counter {
  const series = new Map<string, { readonly labels: Labels; value: number }>();
  return {
    add(labels, amount = 1) {
      const key = labelText(labels);
      const counted = series.get(key) ?? { labels, value: 0 };
      series.set(key, counted);
      counted.value += amount;
    },
    family: () => ({ name, help, type: 'counter', samples: [...series.values()] }),
  };
}
