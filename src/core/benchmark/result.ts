import * as v from 'valibot';
import { RUNTIME_BUILDS } from '../builds.ts';
import { ERROR_CODES } from '../errors.ts';
import { DTYPES, EXECUTION_DEVICES } from '../manifest.ts';
import { TASKS } from '../tasks.ts';
import { type KnownSpeeds, PRESETS } from './plan.ts';
import { spreadOf } from './statistics.ts';

/** The form of a result that this code writes and the only one that it reads. */
export const RESULT_SCHEMA = 1;

const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const value = v.pipe(v.number(), v.finite());
const positive = v.pipe(value, v.minValue(0));

/** What is measured, in the order in which it is told. */
const METRICS = ['pp', 'tg', 'ttft', 'itl', 'embed', 'rtf', 'load-cold', 'load-warm'] as const;
export type Metric = (typeof METRICS)[number];

/** pp and tg in tokens/s, embed in texts/s, rtf as computing time over the recording's, all others in milliseconds. */
const FigureSchema = v.object({
  metric: v.picklist(METRICS),
  /** pp, ttft: of the prompt. tg, itl: written. embed: texts of one call. */
  size: v.exactOptional(count),
  /** Tokens in the context before; absent means none. */
  depth: v.exactOptional(count),
  count,
  mean: value,
  sd: positive,
  /** Absent where only mean and deviation are known: in what another program wrote. */
  median: v.exactOptional(value),
  p90: v.exactOptional(value),
  p99: v.exactOptional(value),
  min: v.exactOptional(value),
  max: v.exactOptional(value),
  /** One a repetition; of gaps between tokens, and of long soaks, there would be too many. */
  samples: v.exactOptional(v.pipe(v.array(value), v.maxLength(100))),
  /** Of gaps between tokens: how the means of the repetitions lie, each of which has many of them. Older results have none. */
  means: v.exactOptional(v.object({ count, mean: value, sd: positive })),
});
export type Figure = Readonly<v.InferOutput<typeof FigureSchema>>;

/** What it ran on. */
export const PlaceSchema = v.object({
  device: v.picklist(EXECUTION_DEVICES),
  build: v.exactOptional(v.picklist(RUNTIME_BUILDS)),
  threads: count,
  isolated: v.boolean(),
  /** Graphics processor that it ran on. */
  adapter: v.exactOptional(text(500)),
  /** That is emulated in software. */
  emulated: v.exactOptional(v.boolean()),
  logicalCores: count,
  memoryBytes: v.exactOptional(count),
  userAgent: text(1000),
  /** It ran lighter than its variant was made to, and why. */
  fallback: v.exactOptional(text(100)),
});
export type Place = Readonly<v.InferOutput<typeof PlaceSchema>>;

const RESULT_STATES = ['running', 'complete', 'stopped', 'failed', 'interrupted'] as const;
export type ResultState = (typeof RESULT_STATES)[number];

export const BenchmarkResultSchema = v.object({
  schema: v.literal(RESULT_SCHEMA),
  id: v.pipe(v.string(), v.regex(/^[\w.:-]{1,100}$/)),
  /** Order of the results of one device: a clock may be set back. */
  number: count,
  /** `running` of a run whose engine is gone is `interrupted`: nobody lived to write it. */
  state: v.picklist(RESULT_STATES),
  preset: v.picklist(PRESETS),
  startedAtMs: v.pipe(count, v.maxValue(8.64e15)),
  tookMs: positive,
  /** Given by whoever ran it, to tell devices apart. */
  label: v.exactOptional(text(200)),
  /** Another program that measured it. */
  source: v.exactOptional(text(200)),
  model: v.object({
    id: text(200),
    name: text(200),
    /** SHA-256 of the canonical manifest. */
    revision: v.exactOptional(text(100)),
    variant: text(100),
    dtype: v.exactOptional(v.picklist(DTYPES)),
    task: v.picklist(TASKS),
    parameters: count,
    sizeBytes: count,
    /** Publisher's score of this variant, for speed against quality; `text`: what was scored, in the publisher's words. */
    reference: v.exactOptional(v.object({ metric: text(64), value, text: v.exactOptional(text(500)) })),
  }),
  place: PlaceSchema,
  versions: v.object({ sill: text(100), onnxruntime: text(100) }),
  /** How often the page that asked, or the one in which it computed, was hidden or shown meanwhile. */
  visibilityChanges: count,
  /** One of both was hidden at some time. */
  hidden: v.boolean(),
  /** Another model computed at some time. */
  contended: v.boolean(),
  repetitions: count,
  warmups: count,
  figures: v.pipe(v.array(FigureSchema), v.maxLength(200)),
  peakMemoryBytes: v.exactOptional(count),
  /** Of a soak: how memory grew, by least squares. */
  memoryBytesPerMinute: v.exactOptional(value),
  /** Why it ended early. */
  error: v.exactOptional(v.object({ code: v.picklist(ERROR_CODES), message: text(5000) })),
});
export type BenchmarkResult = Readonly<v.InferOutput<typeof BenchmarkResultSchema>>;

/** Absent for what another version of the app wrote in another form. */
export function readResult(data: unknown): BenchmarkResult | undefined {
  const parsed = v.safeParse(BenchmarkResultSchema, data);
  return parsed.success ? parsed.output : undefined;
}

/** Why a result is not to be held against others. */
export const FAULTS = ['unfinished', 'hidden', 'contended', 'spread', 'lighter', 'emulated'] as const;
export type Fault = (typeof FAULTS)[number];

/**
 * Repetitions that differ by more than this share of their mean (one standard deviation) say more about what else the device did: see
 * docs/decisions/0045 for what set it.
 */
export const WIDEST_SPREAD = 0.15;

/** Those that a result is judged by: single gaps and loads waver by nature. */
const JUDGED: ReadonlySet<Metric> = new Set(['pp', 'tg', 'embed', 'rtf']);

/** Empty where it is comparable. */
export function faultsOf({
  state,
  hidden,
  contended,
  figures,
  place,
}: Pick<BenchmarkResult, 'state' | 'hidden' | 'contended' | 'figures' | 'place'>): Fault[] {
  const holds: Record<Fault, boolean> = {
    unfinished: state !== 'complete',
    hidden,
    contended,
    spread: figures.some((figure) => JUDGED.has(figure.metric) && spreadOf(figure) > WIDEST_SPREAD),
    lighter: place.fallback !== undefined,
    emulated: place.emulated === true,
  };
  return FAULTS.filter((fault) => holds[fault]);
}

/** More is better of speeds, less of times. */
export const moreIsBetter = (metric: Metric): boolean => metric === 'pp' || metric === 'tg' || metric === 'embed';

/** Names what a figure measures, so that those of one name can be held against each other: `pp128`, `tg32@d512`. */
export const figureName = ({ metric, size, depth }: Pick<Figure, 'metric' | 'size' | 'depth'>): string =>
  `${metric}${size ?? ''}${depth ? `@d${depth}` : ''}`;

/** The figure of this name; of a metric alone the first of it. */
export const figureOf = ({ figures }: Pick<BenchmarkResult, 'figures'>, name: string): Figure | undefined =>
  figures.find((figure) => figureName(figure) === name) ?? figures.find(({ metric }) => metric === name);

/** Newest first. By number: of a clock that was set back the times say nothing. */
export const byAge = (a: BenchmarkResult, b: BenchmarkResult): number =>
  b.number - a.number || b.startedAtMs - a.startedAtMs || (a.id < b.id ? -1 : 1);

/** Speeds by which the time of another run is foretold. */
export function speedsOf(figures: readonly Figure[]): KnownSpeeds {
  const meanOf = (metric: Metric) => figures.find((figure) => figure.metric === metric)?.mean;
  return {
    loadMs: meanOf('load-warm') ?? meanOf('load-cold'),
    promptPerSecond: meanOf('pp'),
    tokensPerSecond: meanOf('tg'),
    textsPerSecond: meanOf('embed'),
  };
}
