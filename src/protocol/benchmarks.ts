import * as v from 'valibot';
import { type BenchmarkTest, PRESETS, type Preset } from '../core/benchmark/plan.ts';
import type { BenchmarkResult } from '../core/benchmark/result.ts';
import type { ErrorData } from '../core/errors.ts';
import { isModelId } from '../core/ids.ts';
import { method } from './contract.ts';

export type { BenchmarkResult, BenchmarkTest, Preset };

/** Where a run stands. `done` and `total` count loads, warm-ups and repetitions; of a soak, its seconds. */
export interface BenchmarkProgress {
  /** The result that it will be. */
  readonly id: string;
  /** `waiting`: requests to the model that somebody waits for go first. */
  readonly phase: 'waiting' | 'loading' | 'warming' | 'measuring';
  readonly test?: BenchmarkTest;
  readonly done: number;
  readonly total: number;
  /** Absent until it can be told. */
  readonly secondsLeft?: number;
}

/** A result, and why it is not among those that are kept, if so: then it is only here. */
export type BenchmarkOutcome = BenchmarkResult & { readonly notStored?: ErrorData };

export interface BenchmarkList {
  /** Newest first. */
  readonly results: readonly BenchmarkResult[];
  /** Results in the form of another version of the app, which are kept and not shown. */
  readonly unreadable: number;
}

export interface BenchmarkImport {
  readonly added: number;
  /** Were there already, and are now as the file has them. */
  readonly replaced: number;
  /** Were there already with more than a table has, or are being measured, and stay as they are. */
  readonly kept: number;
  /** Found no room among as many as are kept: the oldest of the file. Nothing that is here goes for them. */
  readonly leftOut: number;
}

const RESULT_FORMATS = ['json', 'csv'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

const model = v.pipe(
  v.string('name the model, for example "stories15m"'),
  v.guard(isModelId, 'is not a model id; expected a name such as "stories15m"'),
);
const count = (least: number, most: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most)));
const resultIds = v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(100_000));

const CustomPlanSchema = v.strictObject({
  promptTokens: count(1, 131_072),
  generatedTokens: count(1, 131_072),
  depth: count(0, 131_072),
  repetitions: count(1, 100),
  warmups: count(0, 100),
  warmLoads: count(0, 20),
  texts: count(1, 10_000),
  seconds: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(24 * 60 * 60))),
});

const BenchmarkRequestSchema = v.object({
  model,
  preset: v.optional(v.picklist(PRESETS), 'quick'),
  custom: v.optional(CustomPlanSchema),
  label: v.optional(v.pipe(v.string(), v.maxLength(200))),
});
export type BenchmarkRequest = v.InferInput<typeof BenchmarkRequestSchema>;

/** The part of the engine's contract that is about benchmarks. */
export const benchmarkContract = {
  'benchmarks.run': method<BenchmarkProgress, BenchmarkOutcome>()(BenchmarkRequestSchema),
  /** In parts: thousands at once would hold up the page that reads them. */
  'benchmarks.list': method<readonly BenchmarkResult[], { readonly unreadable: number }>()(v.strictObject({})),
  'benchmarks.remove': method<never, number>()(v.object({ ids: resultIds })),
  'benchmarks.export': method<never, Blob>()(v.object({ format: v.picklist(RESULT_FORMATS), ids: v.optional(resultIds) })),
  'benchmarks.import': method<never, BenchmarkImport>()(v.object({ file: v.blob() })),
};

/** The public surface's part: `sill.benchmarks`. */
export interface SillBenchmarks {
  /**
   * Measures an installed model where it computes, one benchmark at a time on the whole device. Requests to the model that somebody waits for go
   * first, between two repetitions. A run that is stopped or fails keeps what it measured, as a result that is not comparable.
   * @param request `preset` is `quick` by default; `custom` sets how often any preset repeats, warms up and loads, how long a soak is, and what a custom one measures; `label` names the device
   * @throws SillError `model_not_installed` | `unsupported_task` | `context_length_exceeded` | `busy` | `aborted` | what the runtime throws
   */
  run(
    request: BenchmarkRequest,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (progress: BenchmarkProgress) => void },
  ): Promise<BenchmarkOutcome>;
  /** Newest first. */
  list(): Promise<readonly BenchmarkResult[]>;
  /** As `list`, and how many there are that this version cannot read. */
  overview(): Promise<BenchmarkList>;
  /** How many of these there were. One that is being measured stays. */
  remove(ids: string | readonly string[]): Promise<number>;
  /** In llama-bench's form, all or these. */
  export(options?: { readonly format?: ResultFormat; readonly ids?: readonly string[] }): Promise<Blob>;
  /**
   * Takes what `export` wrote, here or elsewhere, or llama-bench itself (`-o json`, `jsonl` or `csv`): all of it, or nothing where anything in it is wrong.
   * @throws SillError `invalid_request` | `quota_exceeded`
   */
  import(file: Blob): Promise<BenchmarkImport>;
}

/** What a device lab reads of a run that it began by an address, see docs/benchmark.md. */
export interface UnattendedBenchmark {
  /** `waiting` for a model that the operator gives, and with `error` why it is not there yet; `asking` whoever is before the device. */
  readonly state: 'waiting' | 'asking' | 'running' | 'done' | 'failed';
  readonly progress?: BenchmarkProgress;
  readonly result?: BenchmarkOutcome;
  readonly error?: ErrorData;
}

declare global {
  /** Of a page that was opened with `?bench=`. */
  var sillBenchmark: UnattendedBenchmark | undefined;
}
