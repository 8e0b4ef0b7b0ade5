import type { PatternMatcher, SchemaCheck } from '../../core/assertions.ts';
import { counted } from '../../core/counted.ts';
import { isAbort, SillError, toSillError } from '../../core/errors.ts';
import { wantedMeanings } from '../../core/evaluation.ts';
import { addScores, type EvaluationRun, passedOf, RUN_SCHEMA, type RunState } from '../../core/evaluationRun.ts';
import { type ModelId, parseModelId } from '../../core/ids.ts';
import { publisherSuite } from '../../core/ownSuite.ts';
import type { Locks, Random } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EvaluationProgress } from '../../protocol/evaluations.ts';
import { EVALUATION_LOCK } from '../../protocol/locks.ts';
import type { Hub } from '../hub.ts';
import { placeOf, type RanOn } from '../sessions/place.ts';
import { type Embedder, embedderOf, noEmbedder } from './embedder.ts';
import { runSuite } from './evaluate.ts';
import { createEvaluationRecords, type EvaluationRecords } from './evaluationRecords.ts';
import { type Examinee, type ExamineeDeps, examineeOf, lendExaminee } from './evaluationRun.ts';
import { caseRow } from './judgedCase.ts';
import type { RunnableSuite, Suites } from './suites.ts';

interface RunCall {
  readonly signal: AbortSignal;
  readonly client: string;
  readonly onProgress: (progress: EvaluationProgress) => void;
}

export interface Evaluations extends EvaluationRecords {
  /** @throws SillError see `sill.evaluations.run` */
  run(
    request: {
      readonly model: ModelId;
      readonly revision?: string | undefined;
      readonly suite?: string | undefined;
      readonly embedder?: ModelId | undefined;
    },
    call: RunCall,
  ): Promise<EvaluationRun>;
  /** @throws SillError see `sill.evaluations.resume` */
  resume(id: string, call: RunCall): Promise<EvaluationRun>;
}

export interface EvaluationsDeps extends ExamineeDeps {
  readonly suites: Pick<Suites, 'open'>;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly random: Random;
  readonly hub: Hub;
  readonly loadMatcher: () => Promise<PatternMatcher>;
  readonly loadSchemaCheck: () => Promise<SchemaCheck>;
  readonly versions: { readonly sill: string; readonly onnxruntime: string };
  readonly maxRuns?: number;
}

/** Other tabs are told at most this often that a case was judged. */
const TELL_EVERY_MS = 1000;

export function createEvaluations(deps: EvaluationsDeps): Evaluations {
  const { store, locks, clock, random, hub, versions, suites } = deps;

  const { find, nextNumber, endStale, prune, ...records } = createEvaluationRecords(deps);

  const embedderFor = async ({ cases }: RunnableSuite, wanted?: ModelId): Promise<Embedder | undefined> => {
    const comparing = cases.filter((it) => wantedMeanings(it).length > 0).length;
    if (comparing === 0) return undefined;
    const embedder = await embedderOf(deps, wanted);
    if (!embedder) throw noEmbedder(comparing, wanted);
    return embedder;
  };

  /** Judges what is left of a run's suite. */
  const go = async (begun: EvaluationRun, it: Examinee, suite: RunnableSuite, embedder: Embedder | undefined, call: RunCall) => {
    const { signal, client } = call;
    const startedMs = clock.monotonicMs();
    const total = suite.cases.length;
    const from = begun.verdicts.length;
    let run: EvaluationRun = { ...begun, state: 'running' };
    let session: RanOn | undefined;
    let toldMs = startedMs;
    const took = () => begun.tookMs + clock.monotonicMs() - startedMs;
    const tell = (phase: EvaluationProgress['phase']): void => {
      const done = run.verdicts.length;
      const asked = suite.cases[done]?.id;
      const left = done > from ? ((took() - begun.tookMs) / (done - from)) * (total - done) : undefined;
      call.onProgress({
        ...{ id: run.id, phase, done, total, passed: passedOf(run) },
        ...(asked === undefined ? {} : { caseId: asked }),
        ...(left === undefined ? {} : { secondsLeft: left / 1000 }),
      });
    };
    const end = async (state: RunState, error?: SillError): Promise<EvaluationRun> => {
      const ended = {
        ...run,
        state,
        tookMs: took(),
        ...(error ? { error: { code: error.code, message: error.message.slice(0, 5000) } } : {}),
      };
      await store.evaluations.put(ended);
      return ended;
    };

    // A full disk keeps nobody from being told so by what comes next.
    await endStale().catch(() => undefined);
    await store.evaluations.put(run).catch((reason: unknown) => {
      throw stoppedBy(reason, run, total);
    });
    hub.tell({ type: 'evaluations' });
    const checks = { matches: await deps.loadMatcher(), checkSchema: await deps.loadSchemaCheck() };
    const { lend, close } = lendExaminee(deps, it, { client, signal, onPhase: tell, onSession: (now) => (session = now) });
    try {
      await runSuite(suite.cases.slice(from), lend, {
        ...{ checks, clock, signal, embed: embedder?.embed },
        onJudged: async (judged) => {
          const row = caseRow(run.id, run.verdicts.length, judged);
          const { decodeTokensPerSecond: speed = 0 } = judged;
          const next: EvaluationRun = {
            ...run,
            verdicts: [...run.verdicts, { id: row.asked.id, pass: row.pass, score: row.score }],
            tookMs: took(),
            place: await placeOf(deps.device, it.variant, session),
            ...withTexts(addScores(run.texts, row.texts ?? [])),
            ...(speed > (run.decodeTokensPerSecond ?? 0) ? { decodeTokensPerSecond: speed } : {}),
          };
          await store.evaluations.put(next, [row]);
          // Only now: what could not be stored was not judged, and is asked again when the run goes on.
          run = next;
          tell('running');
          if (clock.monotonicMs() - toldMs < TELL_EVERY_MS) return;
          toldMs = clock.monotonicMs();
          hub.tell({ type: 'evaluations' });
        },
      });
      const complete = await end('complete');
      await prune().catch(() => undefined);
      return complete;
    } catch (reason) {
      const error = stoppedBy(reason, run, total);
      if (run.verdicts.length === 0) await store.evaluations.delete([run.id]).catch(() => 0);
      // A full disk may refuse even that: then the run counts as interrupted, and goes on as well.
      else await end(isAbort(reason) ? 'stopped' : 'failed', error).catch(() => undefined);
      throw error;
    } finally {
      close();
      hub.tell({ type: 'evaluations' });
    }
  };

  const start: Evaluations['run'] = async ({ model, revision, suite: wanted = publisherSuite(model), embedder: by }, call) => {
    const it = await examineeOf(store, model, revision);
    const suite = await suites.open(wanted);
    const embedder = await embedderFor(suite, by);
    const { manifest, variant, installed } = it;
    const begun: EvaluationRun = {
      ...({ schema: RUN_SCHEMA, id: random.uuid(), number: await nextNumber(), state: 'running' } as const),
      ...{ startedAtMs: Math.max(0, Math.round(clock.now())), tookMs: 0 },
      suite: { id: suite.id, digest: suite.digest, cases: suite.cases.length },
      model: { id: manifest.id, name: manifest.name, revision: installed.revision, variant: variant.id, dtype: variant.dtype },
      place: await placeOf(deps.device, variant, undefined),
      versions: { sill: versions.sill, onnxruntime: versions.onnxruntime },
      ...(embedder ? { embedder: { id: embedder.id, revision: embedder.revision } } : {}),
      verdicts: [],
    };
    return go(begun, it, suite, embedder, call);
  };

  const goOn: Evaluations['resume'] = async (id, call) => {
    const { error: _, ...run } = await find(id);
    const refuse = (why: string, details = {}) =>
      new SillError('invalid_request', `This run cannot go on: ${why}. Run the suite anew.`, { details: { id, ...details } });
    if (run.state === 'complete') throw refuse('all of its cases were judged');
    const it = await examineeOf(store, parseModelId(run.model.id), run.model.revision);
    if (it.variant.id !== run.model.variant)
      throw refuse(`the model is now installed as ${it.variant.id}, not as ${run.model.variant}`, OVER);
    const suite = await suites.open(run.suite.id);
    if (suite.digest !== run.suite.digest) throw refuse('its suite was changed since it began', OVER);
    const by = run.embedder && parseModelId(run.embedder.id);
    return go(run, it, suite, await embedderFor(suite, by), call);
  };

  const alone = async (work: () => Promise<EvaluationRun>): Promise<EvaluationRun> => {
    const held = await locks.tryHold(EVALUATION_LOCK, work);
    if (held) return held.value;
    throw new SillError('busy', 'Another evaluation is running on this device, maybe in another tab. Wait for its end, or stop it.', {
      details: { evaluation: 'running' },
    });
  };

  return {
    run: (request, call) => alone(() => start(request, call)),
    resume: (id, call) => alone(() => goOn(id, call)),
    ...records,
  };
}

const OVER = { evaluation: 'over' };

const withTexts = (texts: EvaluationRun['texts']): Pick<EvaluationRun, 'texts'> => (texts ? { texts } : {});

/** With what is kept, where the device has no room for more. */
function stoppedBy(reason: unknown, run: EvaluationRun, total: number): SillError {
  const error = toSillError(reason);
  if (error.code !== 'quota_exceeded') return error;
  const done = run.verdicts.length;
  return new SillError(
    'quota_exceeded',
    `There is no room left on this device for the next result. Judged and kept: ${done} of ${counted(total, 'case')}. Free space in Storage, then let the run go on.`,
    { details: { ...error.details, evaluation: 'full', done, total }, cause: reason },
  );
}
