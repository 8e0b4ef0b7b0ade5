import * as v from 'valibot';
import type { SuiteFault } from '../core/evaluation.ts';
import type { ComparedCase, Retention, TokenAgreement } from '../core/evaluationComparison.ts';
import type { EvaluationCaseResult, EvaluationRun } from '../core/evaluationRun.ts';
import { isModelId, isRevisionId } from '../core/ids.ts';
import { SuiteNameSchema, SuiteTextSchema } from '../core/ownSuite.ts';
import { method } from './contract.ts';

export type { ComparedCase, EvaluationCaseResult, EvaluationRun, Retention, SuiteFault, TokenAgreement };

/** Where a run stands. */
export interface EvaluationProgress {
  /** The run that it will be. */
  readonly id: string;
  /** `waiting`: requests to the model that somebody waits for go first. `loading`: of a revision that is not the running one. */
  readonly phase: 'waiting' | 'loading' | 'running';
  /** Cases, those of before a pause among them. */
  readonly done: number;
  readonly total: number;
  readonly passed: number;
  /** The case that is under way. */
  readonly caseId?: string;
  /** Absent until it can be told. */
  readonly secondsLeft?: number;
}

export interface EvaluationList {
  /** Newest first. */
  readonly runs: readonly EvaluationRun[];
  /** Runs in the form of another version of the app, which are kept and not shown. */
  readonly unreadable: number;
}

export interface EvaluationDetails {
  readonly run: EvaluationRun;
  /** In the order of the suite, those that were judged. */
  readonly cases: readonly EvaluationCaseResult[];
  /** Cases in the form of another version of the app. */
  readonly unreadable: number;
}

export interface EvaluationComparison {
  /** The one that the other is held against. */
  readonly first: EvaluationRun;
  readonly second: EvaluationRun;
  /** False where the suite was edited in between: a case of one name may ask for something else. */
  readonly sameSuite: boolean;
  readonly retention: Retention;
  readonly cases: readonly ComparedCase[];
  /** Of the texts that both scored. */
  readonly agreement?: TokenAgreement;
}

export interface SuiteSummary {
  /** The name that its author gave it; of a publisher's `publisher:<model>`. */
  readonly id: string;
  /** `publisher`: it lies in the signed manifest of an installed model, and cannot be changed here. */
  readonly by: 'publisher' | 'person';
  readonly model?: string;
  readonly cases: number;
  readonly faults: readonly SuiteFault[];
  readonly savedAtMs?: number;
}

export type Suite = SuiteSummary & { readonly text: string };

export interface EvaluationImport {
  readonly added: number;
  /** Were there already, and are now as the file has them. */
  readonly replaced: number;
  /** Found no room among as many as are kept: the oldest of the file. Nothing that is here goes for them. */
  readonly leftOut: number;
}

const modelId = v.pipe(
  v.string('name the model, for example "stories15m"'),
  v.guard(isModelId, 'is not a model id; expected a name such as "stories15m"'),
);
const runId = v.pipe(v.string(), v.maxLength(100));
const runIds = v.pipe(v.array(runId), v.maxLength(100_000));
const suiteId = v.pipe(v.string(), v.minLength(1), v.maxLength(300));

const EvaluationRequestSchema = v.object({
  model: modelId,
  revision: v.optional(v.pipe(v.string(), v.guard(isRevisionId, 'is not a revision'))),
  suite: v.optional(suiteId),
  embedder: v.optional(modelId),
});
export type EvaluationRequest = v.InferInput<typeof EvaluationRequestSchema>;

const SaveSuiteSchema = v.object({ name: SuiteNameSchema, text: SuiteTextSchema, replaces: v.optional(suiteId) });
export type SuiteData = v.InferInput<typeof SaveSuiteSchema>;

export const evaluationContract = {
  'evaluations.run': method<EvaluationProgress, EvaluationRun>()(EvaluationRequestSchema),
  'evaluations.resume': method<EvaluationProgress, EvaluationRun>()(v.object({ id: runId })),
  /** In parts: hundreds of runs with their verdicts at once would hold up the page that reads them. */
  'evaluations.list': method<readonly EvaluationRun[], { readonly unreadable: number }>()(v.strictObject({})),
  'evaluations.get': method<never, EvaluationDetails>()(v.object({ id: runId })),
  'evaluations.compare': method<never, EvaluationComparison>()(v.object({ first: runId, second: runId })),
  'evaluations.setBaseline': method<never, null>()(v.object({ id: runId, baseline: v.boolean() })),
  'evaluations.remove': method<never, number>()(v.object({ ids: runIds })),
  'evaluations.export': method<never, Blob>()(v.object({ ids: v.optional(runIds) })),
  'evaluations.import': method<never, EvaluationImport>()(v.object({ file: v.blob() })),
  'evaluations.suites': method<never, readonly SuiteSummary[]>()(v.strictObject({})),
  'evaluations.suite': method<never, Suite>()(v.object({ id: suiteId })),
  'evaluations.save': method<never, Suite>()(SaveSuiteSchema),
  'evaluations.removeSuite': method<never, boolean>()(v.object({ id: suiteId })),
};

interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

/** The public surface's part: `sill.evaluations`. */
export interface SillEvaluations {
  /**
   * Asks an installed text model the cases of a suite, greedily, one after another, and judges each. Requests to the model that somebody waits for go
   * first, between two cases. What was judged is kept, case by case: a run that was stopped, or that failed, goes on by `resume`.
   * @param request `revision`: one that lies on this device, the running one by default. `suite`: by default the one that the model's publisher put
   *   into its manifest. `embedder`: the model by which meanings are compared, by default the smallest that is installed
   * @throws SillError `model_not_installed` (the model, or one that embeds where the suite compares meanings) | `unsupported_task` |
   *   `invalid_request` | `invalid_suite` | `busy` | `quota_exceeded` | `aborted` | what the runtime throws
   */
  run(request: EvaluationRequest, options?: RunOptions): Promise<EvaluationRun>;
  /**
   * Goes on with a run behind its last judged case.
   * @throws SillError as `run`, and `invalid_request` where the run is complete, or its suite or the installed revision is another one by now
   */
  resume(id: string, options?: RunOptions): Promise<EvaluationRun>;
  /** Newest first. */
  list(): Promise<readonly EvaluationRun[]>;
  /** As `list`, and how many there are that this version cannot read. */
  overview(): Promise<EvaluationList>;
  /** @throws SillError `invalid_request` where there is none */
  get(id: string): Promise<EvaluationDetails>;
  /** What the second run kept, lost and gained of what the first could do. @throws SillError `invalid_request` where there is none */
  compare(first: string, second: string): Promise<EvaluationComparison>;
  /** What later runs of the same suite with the same model are held against; one for each such series. */
  setBaseline(id: string, baseline?: boolean): Promise<void>;
  /** How many of these there were. */
  remove(ids: string | readonly string[]): Promise<number>;
  /** With their cases, as JSON: all or these. */
  export(ids?: readonly string[]): Promise<Blob>;
  /**
   * Takes what `export` wrote, here or elsewhere: all of it, or nothing where anything in it is wrong. Baselines that are here stay so; those of the
   * file are marked in series that have none.
   * @throws SillError `invalid_request` | `quota_exceeded`
   */
  import(file: Blob): Promise<EvaluationImport>;
  /** Those of the publishers of installed models, then a person's own. */
  suites(): Promise<readonly SuiteSummary[]>;
  /** With its text. @throws SillError `invalid_request` where there is none */
  suite(id: string): Promise<Suite>;
  /**
   * Keeps a suite under a name, in place of the one that has it.
   * @param suite `text`: JSON Lines, see docs/evaluate.md. `replaces`: the name that it had, which ends
   * @throws SillError `invalid_suite` with the number of the first line that is no case, and nothing is changed | `quota_exceeded`
   */
  save(suite: SuiteData): Promise<Suite>;
  /** Of a person's own. False where there was none. Its results stay. */
  removeSuite(id: string): Promise<boolean>;
}
