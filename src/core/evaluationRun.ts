import * as v from 'valibot';
import { ASSERTION_TYPES, bitsPerByteOf, perplexityOf, type TextScore } from './assertions.ts';
import { PlaceSchema } from './benchmark/result.ts';
import { ERROR_CODES } from './errors.ts';
import { CaseSchema } from './evaluation.ts';
import { DTYPES } from './manifest.ts';

/** The form of runs and cases that this code writes and the only one that it reads. */
export const RUN_SCHEMA = 1;

const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.minValue(0));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const runId = v.pipe(v.string(), v.regex(/^[\w.:-]{1,100}$/));

const RUN_STATES = ['running', 'complete', 'stopped', 'failed', 'interrupted'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Answers of a thousand tokens; of longer ones the beginning is kept. */
export const KEPT_OUTPUT_CHARS = 20_000;

const VerdictSchema = v.object({ id: text(200), pass: v.boolean(), score: share });
export type CaseVerdict = Readonly<v.InferOutput<typeof VerdictSchema>>;

export const EvaluationRunSchema = v.object({
  schema: v.literal(RUN_SCHEMA),
  id: runId,
  /** Order of the runs of one device: a clock may be set back. */
  number: count,
  /** `running` of a run whose engine is gone is `interrupted`: nobody lived to write it. */
  state: v.picklist(RUN_STATES),
  startedAtMs: v.pipe(count, v.maxValue(8.64e15)),
  /** While it ran: what lies between a pause and going on is not in it. */
  tookMs: positive,
  suite: v.object({
    id: text(300),
    /** SHA-256 of its text, so that runs of one suite are told from those of an edited one. */
    digest: text(100),
    cases: count,
  }),
  model: v.object({
    id: text(200),
    name: text(200),
    /** SHA-256 of the canonical manifest. */
    revision: text(100),
    variant: text(100),
    dtype: v.picklist(DTYPES),
  }),
  place: PlaceSchema,
  versions: v.object({ sill: text(100), onnxruntime: text(100) }),
  /** The model by which meanings were compared. */
  embedder: v.exactOptional(v.object({ id: text(200), revision: text(100) })),
  /** Of the cases that were judged, in the order of the suite. */
  verdicts: v.pipe(v.array(VerdictSchema), v.maxLength(10_000)),
  /** Of all scored texts together. */
  texts: v.exactOptional(v.object({ nll: finite, tokens: count, bytes: count })),
  decodeTokensPerSecond: v.exactOptional(positive),
  /** What later runs of the suite with this model are held against. */
  baseline: v.exactOptional(v.boolean()),
  /** Why it ended early. */
  error: v.exactOptional(v.object({ code: v.picklist(ERROR_CODES), message: text(5000) })),
});
export type EvaluationRun = Readonly<v.InferOutput<typeof EvaluationRunSchema>>;

export const AssertionResultSchema = v.object({
  type: v.picklist(ASSERTION_TYPES),
  pass: v.boolean(),
  weight: positive,
  score: v.exactOptional(share),
  skipped: v.exactOptional(v.boolean()),
  reason: text(5000),
  seen: v.exactOptional(
    v.object({
      output: v.exactOptional(text(1000)),
      wanted: v.exactOptional(text(1000)),
      measured: v.exactOptional(finite),
      threshold: v.exactOptional(finite),
      fault: v.exactOptional(text(5000)),
    }),
  ),
});

const ScoredTextSchema = v.object({ text: text(100_000), nll: finite, tokens: count, bytes: count, top: v.array(count) });

export const EvaluationCaseSchema = v.object({
  schema: v.literal(RUN_SCHEMA),
  run: runId,
  /** Its place in the suite, from 0. */
  index: count,
  /** As it stood in the suite. */
  asked: CaseSchema,
  pass: v.boolean(),
  score: share,
  asserts: v.array(AssertionResultSchema),
  /** Absent where only texts were scored. */
  output: v.exactOptional(text(KEPT_OUTPUT_CHARS)),
  latencyMs: v.exactOptional(positive),
  completionTokens: v.exactOptional(count),
  texts: v.exactOptional(v.array(ScoredTextSchema)),
});
export type EvaluationCaseResult = Readonly<v.InferOutput<typeof EvaluationCaseSchema>>;

/** Absent for what another version of the app wrote in another form. */
export function readRun(data: unknown): EvaluationRun | undefined {
  const parsed = v.safeParse(EvaluationRunSchema, data);
  return parsed.success ? parsed.output : undefined;
}

/** Absent for what another version of the app wrote in another form. */
export function readCase(data: unknown): EvaluationCaseResult | undefined {
  const parsed = v.safeParse(EvaluationCaseSchema, data);
  return parsed.success ? parsed.output : undefined;
}

/** Newest first. By number: of a clock that was set back the times say nothing. */
export const byAge = (a: EvaluationRun, b: EvaluationRun): number =>
  b.number - a.number || b.startedAtMs - a.startedAtMs || (a.id < b.id ? -1 : 1);

export const passedOf = ({ verdicts }: Pick<EvaluationRun, 'verdicts'>): number => verdicts.filter(({ pass }) => pass).length;

/** Mean of the scores of the cases that were judged, 0 to 1; absent where there is none. */
export const scoreOf = ({ verdicts }: Pick<EvaluationRun, 'verdicts'>): number | undefined =>
  verdicts.length === 0 ? undefined : verdicts.reduce((sum, { score }) => sum + score, 0) / verdicts.length;

/** It ended before its last case, and may go on. */
export const isUnfinished = ({ state, verdicts, suite }: EvaluationRun): boolean =>
  state !== 'running' && state !== 'complete' && verdicts.length < suite.cases;

export const perplexityOfRun = ({ texts }: Pick<EvaluationRun, 'texts'>): number | undefined => texts && perplexityOf(texts);
export const bitsPerByteOfRun = ({ texts }: Pick<EvaluationRun, 'texts'>): number | undefined =>
  texts && texts.bytes > 0 ? bitsPerByteOf(texts) : undefined;

/** Scores of texts together, each by its tokens. */
export function addScores(
  sum: EvaluationRun['texts'],
  scores: ReadonlyArray<Pick<TextScore, 'nll' | 'tokens' | 'bytes'>>,
): EvaluationRun['texts'] {
  return scores.reduce<EvaluationRun['texts']>((before, { nll, tokens, bytes }) => {
    if (!Number.isFinite(nll) || tokens === 0) return before;
    const all = (before?.tokens ?? 0) + tokens;
    return {
      nll: ((before?.nll ?? 0) * (before?.tokens ?? 0) + nll * tokens) / all,
      tokens: all,
      bytes: (before?.bytes ?? 0) + bytes,
    };
  }, sum);
}

/** What runs are compared within: the same questions to the same model, whatever its revision and variant. */
export const seriesOf = ({ model, suite }: Pick<EvaluationRun, 'model' | 'suite'>): string => `${model.id}\n${suite.id}`;

/** The run that another one is held against: the baseline of its series, unless it is that itself. */
export const baselineOf = (run: EvaluationRun, runs: readonly EvaluationRun[]): EvaluationRun | undefined =>
  runs.find((other) => other.baseline === true && other.id !== run.id && seriesOf(other) === seriesOf(run));
