import { type BenchmarkPlan, type BenchmarkTest, secondsOf, secondsOfTest, unitsOf } from '../../core/benchmark/plan.ts';
import { slopeOf } from '../../core/benchmark/statistics.ts';
import { SillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import type { InstalledRevision } from '../../core/slots.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SpeechSample } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { BenchmarkProgress } from '../../protocol/benchmarks.ts';
import type { Session } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Figures } from './benchmarkFigures.ts';
import { sampleOf } from './benchmarkSamples.ts';

export interface RunDeps {
  readonly store: Pick<Store, 'models'>;
  readonly sessions: Pick<Sessions, 'use' | 'between' | 'states' | 'begun'>;
  readonly clock: Clock;
  readonly loadSpeech: () => Promise<SpeechSample>;
}

/** What came of a run so far. Grows while it goes on. */
export interface Measurements {
  readonly figures: Figures;
  session?: Pick<Session, 'form' | 'fallback'> & { readonly report: Session['model']['report'] };
  contended: boolean;
  peakMemoryBytes?: number;
  memoryBytesPerMinute?: number;
}

interface RunCall {
  readonly id: ModelId;
  readonly installed: InstalledRevision;
  readonly plan: BenchmarkPlan;
  readonly client: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Omit<BenchmarkProgress, 'id'>) => void;
  /** After each load and each test. */
  readonly onMeasured: () => Promise<void>;
}

/** Somebody may ask for the model between its unloading and its loading, and then it was loaded for them. */
const LOAD_TRIES = 3;
const SEED = 42;

/**
 * Loads a model, then times the tests of a plan, each in a turn of its own with nothing else under way for the model: whoever somebody waits for
 * goes between two repetitions.
 * @throws SillError `model_not_installed` when it was removed meanwhile | `busy` when it was updated | `aborted` | what the runtime throws
 */
export async function runPlan(deps: RunDeps, measurements: Measurements, call: RunCall): Promise<void> {
  try {
    await measure(deps, measurements, call);
  } catch (reason) {
    // Whoever removes a model unloads it first: why it was lost is that it is gone.
    if (!call.signal.aborted) await assertThere(deps, call);
    throw reason;
  }
}

async function measure(deps: RunDeps, measurements: Measurements, call: RunCall): Promise<void> {
  const { sessions, clock, loadSpeech } = deps;
  const { id, plan, client, signal, onProgress, onMeasured } = call;
  const { figures } = measurements;
  const startedMs = clock.monotonicMs();
  const memory: Array<[minutes: number, bytes: number]> = [];
  const total = plan.soakMs === undefined ? unitsOf(plan) : Math.round(plan.soakMs / 1000);
  const onceMs = new Map<BenchmarkTest, number>();
  let done = 0;

  const tell = (phase: BenchmarkProgress['phase'], test?: BenchmarkTest) => {
    const left = secondsLeft();
    onProgress({
      phase,
      ...(test ? { test } : {}),
      done: Math.min(done, total),
      total,
      ...(left === undefined ? {} : { secondsLeft: left }),
    });
  };

  const secondsLeft = (): number | undefined => {
    if (plan.soakMs !== undefined) return Math.max(0, total - done);
    const known = figures.known();
    const each = plan.warmups + plan.repetitions;
    const { warmUp, ...rest } = plan;
    let units = done - 1 - plan.warmLoads;
    let seconds = units < 0 ? secondsOf({ ...rest, tests: [], warmLoads: -units - 1 }, known) : 0;
    if (warmUp) units -= 1;
    for (const test of plan.tests) {
      const left = each - Math.min(each, Math.max(0, units));
      units -= each;
      if (left === 0) continue;
      const ms = onceMs.get(test);
      const once = ms === undefined ? secondsOfTest(test, known) : ms / 1000;
      seconds = once === undefined || seconds === undefined ? undefined : seconds + once * left;
    }
    return seconds;
  };

  const inTurn = async <T>(waiting: () => void, work: (session: Session, loadMs: number | undefined) => Promise<T>): Promise<T> => {
    await assertThere(deps, call);
    waiting();
    return sessions.use(
      id,
      signal,
      async (session, loadMs) => {
        assertSame(id, measurements, session, call.installed);
        const busy = () => sessions.states().some((other) => other.id !== id && other.underWay > 0);
        const isBeside = busy();
        const begun = sessions.begun();
        const result = await work(session, loadMs);
        // This turn is alone with its model: what began meanwhile was another one's, also where it has ended again.
        measurements.contended ||= isBeside || sessions.begun() > begun;
        // One that is lost meanwhile fails in its next turn.
        const use = await session.model.memory().catch(() => undefined);
        if (use) {
          measurements.peakMemoryBytes = Math.max(measurements.peakMemoryBytes ?? 0, use.totalBytes);
          memory.push([(clock.monotonicMs() - startedMs) / 60_000, use.totalBytes]);
        }
        return result;
      },
      { alone: true, priority: 'background', client },
    );
  };

  const load = async (metric: 'load-cold' | 'load-warm') => {
    for (let tries = 1; tries <= LOAD_TRIES; tries++) {
      await assertThere(deps, call);
      tell('waiting');
      await sessions.between(id, signal, async () => undefined);
      const loadMs = await inTurn(
        () => tell('loading'),
        async (_, ms) => ms,
      );
      if (loadMs === undefined) continue;
      figures.add([{ metric, values: [loadMs] }]);
      return;
    }
  };

  const once = async (test: BenchmarkTest, counts: boolean) => {
    await inTurn(
      () => tell('waiting', test),
      async ({ model }, loadMs) => {
        // Its room was needed meanwhile: in a new worker the first tokens are slow.
        if (loadMs !== undefined && plan.warmUp) {
          tell('warming', test);
          await sampleOf(model, plan.warmUp, { signal, seed: SEED, speech: loadSpeech });
        }
        tell(counts ? 'measuring' : 'warming', test);
        const beganMs = clock.monotonicMs();
        const samples = await sampleOf(model, test, { signal, seed: SEED, speech: loadSpeech });
        onceMs.set(test, clock.monotonicMs() - beganMs);
        if (counts) figures.add(samples);
      },
    );
  };

  const advance = () => {
    if (plan.soakMs === undefined) done += 1;
  };

  await load('load-cold');
  advance();
  for (let i = 0; i < plan.warmLoads; i++) {
    await load('load-warm');
    advance();
  }
  await onMeasured();
  if (plan.warmUp) {
    await once(plan.warmUp, false);
    advance();
  }
  if (plan.soakMs === undefined) {
    for (const test of plan.tests) {
      for (let i = 0; i < plan.warmups + plan.repetitions; i++) {
        await once(test, i >= plan.warmups);
        advance();
      }
      await onMeasured();
    }
    return;
  }
  for (const test of plan.tests) for (let i = 0; i < plan.warmups; i++) await once(test, false);
  const soakFromMs = clock.monotonicMs();
  // What was taken while it loaded and warmed up is no growth.
  memory.length = 0;
  let keptMs = soakFromMs;
  while (clock.monotonicMs() - soakFromMs < plan.soakMs) {
    for (const test of plan.tests) await once(test, true);
    done = Math.round((clock.monotonicMs() - soakFromMs) / 1000);
    const slope = slopeOf(memory);
    if (slope !== undefined) measurements.memoryBytesPerMinute = slope;
    if (clock.monotonicMs() - keptMs < KEEP_EVERY_MS) continue;
    keptMs = clock.monotonicMs();
    await onMeasured();
  }
}

/** A soak that dies loses at most this much. */
const KEEP_EVERY_MS = 30_000;

/** Before it would be loaded anew from what is gone, or measured on in memory although it is. */
async function assertThere({ store }: RunDeps, { id, installed }: RunCall): Promise<void> {
  const active = (await store.models.slots(id))?.active;
  if (!active) {
    throw new SillError('model_not_installed', `${id} was removed while it was measured. Install it again to measure it.`, {
      details: { id, benchmark: 'removed' },
    });
  }
  if (active.revision !== installed.revision || active.variant !== installed.variant) throw changed(id, 'was updated');
}

/** All repetitions are of one thing on one device. */
function assertSame(
  id: ModelId,
  measurements: Measurements,
  { model: { report }, form, fallback, installed }: Session,
  begun: InstalledRevision,
): void {
  if (installed.revision !== begun.revision || installed.variant !== begun.variant) throw changed(id, 'was updated');
  const before = measurements.session?.report;
  const { device, build, threads } = report;
  if (before && (before.device !== device || before.build !== build || before.threads !== threads))
    throw changed(id, 'was started in another form');
  measurements.session = { report, form, ...(fallback ? { fallback } : {}) };
}

const changed = (id: ModelId, how: string): SillError =>
  new SillError('busy', `${id} ${how} while it was measured. Run the benchmark again.`, {
    details: { id, benchmark: 'changed' },
  });
