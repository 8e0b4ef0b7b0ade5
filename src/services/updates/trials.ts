import { SillError, toSillError } from '../../core/errors.ts';
import type { GateResult, TrialStep } from '../../core/gate.ts';
import { refusalFor } from '../../core/gateReason.ts';
import { type ModelId, type RevisionId, shortRevision } from '../../core/ids.ts';
import { variantBytes, variantOf } from '../../core/manifest.ts';
import { type Candidate, isPutOff, TRIAL_BEGINS } from '../../core/slots.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { trialLock } from '../../protocol/locks.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import type { UpdateOutcome } from '../../protocol/updateReports.ts';
import type { Hub } from '../hub.ts';
import { orAbort } from '../orAbort.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Gate } from './gate.ts';
import { createKeptCases } from './keptCases.ts';

export interface TrialsDeps {
  readonly store: Store;
  readonly gate: Gate;
  readonly sessions: Sessions;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
}

export interface Trials {
  /**
   * Puts the waiting candidate of a model on trial: active when it passes, quarantined when it does not. Nothing where no candidate
   * waits, or another tab has it on trial.
   * @throws SillError `aborted`, or what hindered the trial and says nothing about the candidate; it goes on waiting
   */
  run(id: ModelId, signal: AbortSignal, onProgress?: (progress: InstallProgress) => void): Promise<UpdateOutcome | undefined>;
  /**
   * As `run`, for one revision. Where somebody else has it on trial already, in this tab or another, waits and tells how that ended; nothing
   * where it ended without a verdict.
   */
  settle(
    id: ModelId,
    revision: RevisionId,
    signal: AbortSignal,
    onProgress?: (progress: InstallProgress) => void,
  ): Promise<UpdateOutcome | undefined>;
  /** As `run`, for each candidate that a tab left behind when it died, or whose trial did not get on and is due again. */
  resume(signal: AbortSignal): Promise<UpdateOutcome[]>;
}

/**
 * A tab may be closed while it tests: one trial that ended in silence proves nothing, and two may still be chance. As the boot counters of
 * devices that update themselves (U-Boot, RAUC). Only those count that ended at the same place one after the other: who switches a tablet off ends a trial of an
 * hour anywhere, a version that takes the page down does it where it did it before.
 */
const MAX_TRIES = 3;

export function createTrials({ store, gate, sessions, locks, clock, hub }: TrialsDeps): Trials {
  const kept = createKeptCases(store.settings);
  /** Tells this caller and every tab which check runs. */
  const teller = async (id: ModelId, { revision, variant }: Candidate, onProgress: ((progress: InstallProgress) => void) | undefined) => {
    const manifest = await store.models.manifest(revision);
    const totalBytes = manifest ? variantBytes(manifest, variantOf(manifest, variant)) : 0;
    return (trial: TrialStep) => {
      const progress: InstallProgress = { phase: 'trying', storedBytes: totalBytes, totalBytes, trial };
      onProgress?.(progress);
      hub.tell({ type: 'install', id, progress });
    };
  };

  const judged = async (id: ModelId, candidate: Candidate, signal: AbortSignal, onStep: (step: TrialStep) => void): Promise<GateResult> => {
    const { revision } = candidate;
    let ended = { at: candidate.triedAt ?? TRIAL_BEGINS, tries: candidate.tries ?? 0 };
    const count = (at: string) =>
      store.models.change(id, { type: 'count-try', revision, atMs: clock.now(), at, tries: at === ended.at ? ended.tries + 1 : 1 });
    const attempt = async (compare: boolean): Promise<GateResult> => {
      // In storage before anything is loaded: a tab that dies of it has counted.
      await count(TRIAL_BEGINS);
      // One after the other, and all of them before a verdict. One that cannot be written counts a silent end elsewhere, which is the milder word.
      let counting: Promise<unknown> = Promise.resolve();
      const told = (step: TrialStep): void => {
        const at = placeOf(step);
        if (at !== TRIAL_BEGINS) counting = counting.then(() => count(at)).catch(() => undefined);
        onStep(step);
      };
      try {
        const result = await gate(id, candidate, { signal, compare, onStep: told });
        await counting;
        return result;
      } catch (reason) {
        await counting;
        // The tab lives and the gate gave no verdict: it was cancelled, did not get on, or storage, network or a GPU failed, which proves nothing.
        const late = toSillError(reason).code === 'timed_out';
        await store.models.change(id, { type: 'spare-try', revision, atMs: clock.now(), ...(late ? { late } : {}) });
        throw reason;
      }
    };
    const result = await attempt(true);
    const isLoaded = sessions.loaded().some((loaded) => loaded.id === id);
    // Two models at once may be what was too much: it gets the memory of the running one, between two requests.
    ended = { at: TRIAL_BEGINS, tries: 1 };
    if (result.failure === 'out-of-memory' && isLoaded) return sessions.between(id, signal, () => attempt(false));
    return result;
  };

  const conclude = async (id: ModelId, candidate: Candidate, result: GateResult): Promise<UpdateOutcome> => {
    const { revision } = candidate;
    const atMs = clock.now();
    if (result.passed) await store.models.change(id, { type: 'promote', revision, atMs, gate: result });
    else await store.models.change(id, { type: 'reject', revision, atMs, reason: result.reason ?? '', gate: result });
    await kept.forget(id);
    await store.models.collectGarbage();
    return { id, revision, result: result.passed ? 'activated' : 'rejected', gate: result };
  };

  const run: Trials['run'] = async (id, signal, onProgress) => {
    const held = await locks.tryHold(trialLock(id), async () => {
      const candidate = (await store.models.slots(id))?.candidate;
      if (!candidate) return undefined;
      const result: GateResult =
        (candidate.tries ?? 0) >= MAX_TRIES
          ? { passed: false, failure: 'crash', ...refusalFor({ code: 'page-ended', times: MAX_TRIES }), tookMs: 0 }
          : await judged(id, candidate, signal, await teller(id, candidate, onProgress));
      return conclude(id, candidate, result);
    });
    if (held?.value) {
      hub.tell({ type: 'models' });
      hub.tell({ type: 'updates' });
    }
    return held?.value;
  };

  /** What became of a revision, by its last line in the story. */
  const verdictOn = async (id: ModelId, revision: RevisionId): Promise<UpdateOutcome | undefined> => {
    const line = (await store.models.history(id)).findLast(
      (each) => each.revision === revision && (each.event === 'activated' || each.event === 'rejected' || each.event === 'staged'),
    );
    if (!line || line.event === 'staged') return undefined;
    const result = line.event === 'activated' ? 'activated' : 'rejected';
    return { id, revision, result, ...(line.gate ? { gate: line.gate } : {}) };
  };

  return {
    run,
    async settle(id, revision, signal, onProgress) {
      const own = await run(id, signal, onProgress);
      if (own?.revision === revision) return own;
      await orAbort(
        locks.share(trialLock(id), async () => undefined),
        signal,
      );
      return verdictOn(id, revision);
    },
    async resume(signal) {
      const outcomes: UpdateOutcome[] = [];
      for (const { modelId, candidate } of await store.models.allSlots()) {
        if (!candidate || isPutOff(candidate, clock.now())) continue;
        const outcome = await run(modelId, signal);
        if (outcome) outcomes.push(outcome);
      }
      return outcomes;
    },
  };
}

const placeOf = (step: TrialStep): string =>
  'done' in step ? `${step.check} ${step.done}` : step.check === 'loading' ? TRIAL_BEGINS : step.check;

/** For callers that asked for this revision and nothing else. @throws SillError `revision_refused` when it failed its trial */
export function assertPassed(outcome: UpdateOutcome | undefined): void {
  if (outcome?.result !== 'rejected') return;
  const { id, revision, gate } = outcome;
  throw new SillError(
    'revision_refused',
    `Version ${shortRevision(revision)} of ${id} failed its test on this device; the one before goes on running. ${gate?.reason ?? ''}`,
    { details: { id, revision } },
  );
}
