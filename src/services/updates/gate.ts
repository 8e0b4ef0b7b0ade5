import type { PatternMatcher, SchemaCheck } from '../../core/assertions.ts';
import { type ErrorCode, SillError, toSillError } from '../../core/errors.ts';
import { type EvaluationCase, parseSuite, wantedMeanings } from '../../core/evaluation.ts';
import { compareToActive, type GateFailure, type GateResult, type Measured, type TrialStep } from '../../core/gate.ts';
import { type GateReason, refusalFor } from '../../core/gateReason.ts';
import { type ModelId, type RevisionId, shortRevision } from '../../core/ids.ts';
import { type Manifest, variantOf } from '../../core/manifest.ts';
import type { InstalledRevision } from '../../core/slots.ts';
import type { RuntimeAssets } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { LoadedModel, Runtime, SpeechSample } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { DeviceService } from '../device/device.ts';
import { embedderOf } from '../evaluations/embedder.ts';
import { type Evaluated, greedy, runSuite } from '../evaluations/evaluate.ts';
import type { Forms } from '../forms/forms.ts';
import { orAbort } from '../orAbort.ts';
import { type LoadSpecDeps, loadSpecOf } from '../sessions/loadSpec.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { createKeptCases, type KeptRole } from './keptCases.ts';
import { probeEmbedding, probeSpeech } from './probes.ts';

export interface GateDeps extends Pick<LoadSpecDeps, 'sourceOf'> {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly assets: RuntimeAssets;
  readonly device: DeviceService;
  readonly sessions: Sessions;
  /** Absent where all that is delivered runs as it comes. */
  readonly forms?: Pick<Forms, 'runnable'>;
  readonly clock: Clock;
  /** Loaded when a suite needs it: it is larger than all else that a trial takes. */
  readonly loadMatcher: () => Promise<PatternMatcher>;
  readonly loadSchemaCheck: () => Promise<SchemaCheck>;
  /** Loaded when a model that transcribes is on trial. */
  readonly loadSpeech: () => Promise<SpeechSample>;
  readonly digests: Pick<Digests, 'sha256'>;
  /** What judges: answers that another version of the app has judged are asked for again. */
  readonly versions: { readonly sill: string; readonly onnxruntime: string };
  /** For each step of a trial: loading, and each question. */
  readonly timeoutMs?: number;
}

export interface GateCall {
  readonly signal: AbortSignal;
  /** False where the running revision cannot be asked, since the trial stands in its turn. */
  readonly compare: boolean;
  readonly onStep?: (step: TrialStep) => void;
}

/** Puts a candidate on trial, beside the running revision. */
export type Gate = (id: ModelId, candidate: InstalledRevision, call: GateCall) => Promise<GateResult>;

/**
 * A step that takes longer does not get on: loading and one answer take seconds, and minutes on the slowest tablet. How long a suite is counts for nothing: one
 * of hours is let go through.
 */
const TIMEOUT_MS = 10 * 60_000;
/** How many failed cases a result keeps: enough to see what is wrong. */
const KEPT_CASES = 5;
/** The inputs that are known here are few: two of eight may turn by chance. */
const PROBE_TOLERANCE = 0.25;
/**
 * How often one after the other is timed before a candidate is called slower, which is for good: its first tokens run at a third of the speed
 * until the engine of the browser has warmed up, and whatever else the device did in that second would count against it.
 */
const RACES = 3;
/** Plain words that every tokenizer knows. */
const SMOKE_TEXT = 'The quick brown fox jumps over the lazy dog.';

/** What these say is about the revision; anything else (no storage, no network, a lost GPU) is about the moment, and proves nothing. */
const FAILURES: Partial<Record<ErrorCode, GateFailure>> = {
  runtime_failed: 'load',
  // The chunks were verified when they were stored: it was published like this.
  installation_damaged: 'load',
  invalid_manifest: 'evaluation',
  chat_template_missing: 'evaluation',
  context_length_exceeded: 'evaluation',
  unsupported_task: 'evaluation',
  out_of_memory: 'out-of-memory',
  worker_lost: 'crash',
};

/** Between two requests that somebody waits for, and with nothing else under way. */
const MEASURED = { alone: true, priority: 'background' } as const;

class Refused extends Error {
  constructor(
    readonly failure: GateFailure,
    readonly why: GateReason,
    readonly candidate?: Measured,
    readonly active?: Measured,
  ) {
    super(why.code);
  }
}

/** What is on trial, and by what. */
interface Examined {
  readonly id: ModelId;
  readonly installed: InstalledRevision;
  readonly manifest: Manifest;
  readonly suite: readonly EvaluationCase[];
  /** As its file has it. */
  readonly suiteText: string;
  /** In which the runtime computes on this device. */
  readonly form: readonly string[];
}

/** Lends a model for one question: the one that answers people is lent between two of their requests. */
type Lender = <T>(work: (model: Pick<LoadedModel, 'generate' | 'score' | 'embed' | 'transcribe'>) => Promise<T>) => Promise<T>;

/** Asks a model what the trial asks. */
type Measurer = (
  lend: Lender,
  onCase: (done: number, total: number) => void,
  /** Which revision it is, where answers are kept for a trial that goes on after this one was interrupted. */
  of?: { readonly role: KeptRole; readonly installed: InstalledRevision },
) => Promise<{ readonly measured: Measured; readonly refused?: GateReason; readonly failure?: GateFailure }>;

/**
 * Loads the candidate, asks it for one token, runs the suite of its manifest or, for tasks without text, what is known here, and holds scores and
 * speed against the running revision's.
 * @throws SillError `aborted`, `timed_out` where a step does not get on, and whatever else says nothing about the revision: storage, network, a part that
 *   the browser evicted
 */
export function createGate(deps: GateDeps): Gate {
  const { store, runtime, sessions, clock, loadMatcher, loadSchemaCheck, loadSpeech, timeoutMs = TIMEOUT_MS } = deps;
  const kept = createKeptCases(store.settings);

  /** The same questions to both; each is lent for one question at a time. */
  const measurer = async (examined: Examined, signal: AbortSignal): Promise<Measurer | undefined> => {
    const { id, manifest, suite } = examined;
    if (suite.length > 0) {
      const checks = { matches: await loadMatcher(), checkSchema: await loadSchemaCheck() };
      // No device is kept from an update because it has no model that compares meanings: that is left unjudged, for both.
      const embedder = suite.some((it) => wantedMeanings(it).length > 0) ? await embedderOf({ store, sessions }) : undefined;
      const { sill, onnxruntime } = deps.versions;
      const suiteDigest = await deps.digests.sha256(new TextEncoder().encode(examined.suiteText));
      const judges = [suiteDigest, sill, onnxruntime, embedder?.revision ?? '', ...examined.form];
      return async (lend, onCase, of) => {
        const far = of && (await kept.of(id, of.role, [of.installed.revision, of.installed.variant, ...judges]));
        const evaluated = await runSuite(suite, lend, { checks, clock, signal, embed: embedder?.embed, onCase, ...far });
        return { measured: measured(evaluated), ...(evaluated.pass ? {} : { refused: failedOf(evaluated), failure: 'evaluation' }) };
      };
    }
    const { task, languages } = manifest;
    // That it loads is what is asked of the others: nothing is known here that each of them would have to answer.
    if (task !== 'feature-extraction' && task !== 'automatic-speech-recognition') return undefined;
    const sample = task === 'automatic-speech-recognition' ? await loadSpeech() : undefined;
    return async (lend, onCase) => {
      onCase(0, 1);
      const { fault, ...probed } = await (sample ? probeSpeech(lend, languages, sample, signal) : probeEmbedding(lend, languages, signal));
      return { measured: probed, ...(fault === undefined ? {} : { refused: fault, failure: 'invalid-output' }) };
    };
  };

  const trial = async (model: LoadedModel, examined: Examined, call: GateCall) => {
    const { signal, compare, onStep } = call;
    const { id, suite, installed } = examined;
    onStep?.({ check: 'smoke' });
    await smoke(model, examined.manifest, signal);
    const measure = await measurer(examined, signal);
    if (!measure) return {};
    const told = (check: 'suite' | 'comparing') => (done: number, total: number) => onStep?.({ check, done, total });
    for (let race = 1; ; race++) {
      // Whoever asks the running one meanwhile takes half of the device from the candidate: a race is run in the running one's turn.
      const lend: Lender = race === 1 ? (work) => work(model) : (work) => sessions.use(id, signal, () => work(model), MEASURED);
      // A further race is run for what is measured now.
      const keeps = race === 1;
      const {
        measured: candidate,
        refused,
        failure,
      } = await measure(lend, told('suite'), keeps ? { role: 'candidate', installed } : undefined);
      if (refused !== undefined) throw new Refused(failure ?? 'evaluation', refused, candidate);
      const active = compare ? await activeMeasured(id, measure, told('comparing'), keeps, signal) : undefined;
      const worse = active && compareToActive(candidate, active, ...(suite.length > 0 ? [] : [PROBE_TOLERANCE]));
      if (!worse) return { candidate, ...(active ? { active } : {}) };
      if (worse.failure !== 'slower' || race === RACES) throw new Refused(worse.failure, worse.why, candidate, active);
    }
  };

  const activeMeasured = async (
    id: ModelId,
    measure: Measurer,
    onCase: (done: number, total: number) => void,
    keeps: boolean,
    signal: AbortSignal,
  ): Promise<Measured | undefined> => {
    try {
      const installed = keeps ? (await store.models.slots(id))?.active : undefined;
      const lend: Lender = (work) => sessions.use(id, signal, ({ model }) => work(model), MEASURED);
      return (await measure(lend, onCase, installed && { role: 'active', installed })).measured;
    } catch (reason) {
      if (signal.aborted) throw reason;
      // A running revision that cannot be measured (damaged, of an older format) is no reason to keep the better one away.
      return undefined;
    }
  };

  return async (id, installed, { signal: asked, compare, onStep: tell }) => {
    const startMs = clock.monotonicMs();
    const manifest = await store.models.manifest(installed.revision);
    if (!manifest) throw new SillError('installation_damaged', `The manifest of ${id} is missing on this device. Install the model again.`);
    const variant = variantOf(manifest, installed.variant);
    const delivered = { id, revision: installed.revision, manifest, variant };
    const loadable = (await deps.forms?.runnable(delivered, asked)) ?? delivered;
    const spec = await loadSpecOf(deps, loadable.manifest, loadable.variant);
    const timer = new AbortController();
    let timeout: ReturnType<typeof setTimeout> | undefined;
    let last: TrialStep = { check: 'loading' };
    const onStep = (step: TrialStep): void => {
      last = step;
      clearTimeout(timeout);
      timeout = setTimeout(() => timer.abort(), timeoutMs);
      tell?.(step);
    };
    const signal = AbortSignal.any([asked, timer.signal]);
    const took = () => ({ tookMs: clock.monotonicMs() - startMs });
    onStep({ check: 'loading' });
    const leave = await sessions.makeRoom(variant.needs.memoryBytes, id);
    const loading = runtime.load(spec, { signal });
    try {
      const { suite, text } = await suiteOf(manifest, spec.files);
      const examined: Examined = { id, installed, manifest, suite, suiteText: text, form: [spec.build, `${spec.threads}`] };
      const model = await orAbort(loading, signal);
      const figures = await orAbort(trial(model, examined, { signal, compare, onStep }), signal);
      return { passed: true, ...figures, ...took() };
    } catch (reason) {
      if (asked.aborted) throw toSillError(reason);
      // A tablet in a drawer, a device with too much to do: how fast it is says nothing about the revision.
      if (timer.signal.aborted) throw late(id, installed.revision, last, timeoutMs);
      if (reason instanceof Refused) {
        const { failure, why, candidate, active } = reason;
        return {
          passed: false,
          failure,
          ...refusalFor(why),
          ...(candidate ? { candidate } : {}),
          ...(active ? { active } : {}),
          ...took(),
        };
      }
      const error = toSillError(reason);
      const failure = FAILURES[error.code];
      if (!failure) throw error;
      return { passed: false, failure, ...refusalFor({ code: 'error', error: error.toData() }), ...took() };
    } finally {
      clearTimeout(timeout);
      // Also one whose loading was given up: it would hold its memory until the page is closed.
      void loading
        .then(
          (model) => model.unload(),
          () => undefined,
        )
        .then(leave);
    }
  };
}

const late = (id: ModelId, revision: RevisionId, { check }: TrialStep, timeoutMs: number): SillError =>
  new SillError(
    'timed_out',
    `The test of version ${shortRevision(revision)} of ${id} did not get on: one step (${check}) took longer than ${Math.round(timeoutMs / 1000)} seconds. It is tried again later.`,
    { details: { id, revision, check } },
  );

/** One token, and scores that are numbers. Models that write no text are asked more than that anyway. */
async function smoke(model: LoadedModel, { task, contextLength }: Manifest, signal: AbortSignal): Promise<void> {
  if (task === 'text-generation') {
    const { completionTokens } = await model.generate(greedy({ kind: 'text', text: SMOKE_TEXT }, 1), { signal });
    if (completionTokens < 1) throw new Refused('invalid-output', { code: 'no-token' });
    // A context of a few tokens cannot hold the text, and its suite will tell.
    if (contextLength !== undefined && contextLength < SMOKE_TEXT.length) return;
    const { nll } = await model.score(SMOKE_TEXT, { signal });
    if (!Number.isFinite(nll)) throw new Refused('invalid-output', { code: 'scores-no-numbers' });
  }
}

/** The suite lies among the files that were installed with the variant. @throws SillError `invalid_manifest` */
async function suiteOf(
  { evaluation }: Manifest,
  files: ReadonlyArray<{ readonly path: string; readonly blob: Blob }>,
): Promise<{ readonly suite: readonly EvaluationCase[]; readonly text: string }> {
  if (evaluation === undefined) return { suite: [], text: '' };
  const file = files.find(({ path }) => path === evaluation);
  if (file) {
    const text = await file.blob.text();
    return { suite: parseSuite(text), text };
  }
  throw new SillError('invalid_manifest', `The evaluation suite (${evaluation}) is not among the files of this variant.`, {
    details: { path: evaluation },
  });
}

function measured({ score, cases, decodeTokensPerSecond }: Evaluated): Measured {
  const failed = cases.filter((it) => !it.pass).slice(0, KEPT_CASES);
  return {
    score,
    ...(decodeTokensPerSecond === undefined ? {} : { decodeTokensPerSecond }),
    ...(failed.length > 0 ? { failedCases: failed } : {}),
  };
}

function failedOf({ cases }: Evaluated): GateReason {
  const [first, ...others] = cases.filter((it) => !it.pass);
  const failed = first?.asserts.find((each) => !each.pass);
  const counts = { count: first ? 1 + others.length : 0, total: cases.length };
  return { code: 'cases-failed', ...counts, first: first?.id ?? '', ...(failed ? { failed } : {}) };
}
