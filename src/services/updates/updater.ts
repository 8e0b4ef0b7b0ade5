import { toSillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import { type Moment, waitReason } from '../../core/updatePolicy.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import { ANSWERING_LOCK, UPDATER_LOCK } from '../../protocol/locks.ts';
import type { Trials } from './trials.ts';
import type { Updates } from './updates.ts';

export interface UpdaterDeps {
  readonly updates: Updates;
  readonly trials: Trials;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly moment: () => Moment;
  /** Between two looks at the catalog. */
  readonly checkEveryMs?: number;
}

/** Looks after the models of a device that nobody watches. */
export interface Updater {
  /** Does what is due now, if anything; to be called every minute or so. Never rejects: what went wrong is in the status. */
  tick(signal?: AbortSignal): Promise<void>;
  /** Puts a candidate on trial that nobody else does: the tab that asked for it may be gone. Never rejects either. */
  tryOut(id: ModelId): Promise<void>;
}

/** Often enough for a critical update to be here within the hour, seldom enough for a metered line. */
const CHECK_EVERY_MS = 60 * 60_000;

export function createUpdater({ updates, trials, locks, clock, moment, checkEveryMs = CHECK_EVERY_MS }: UpdaterDeps): Updater {
  let checkedAtMs = Number.NEGATIVE_INFINITY;
  let waitingOffers = false;

  const work = async (signal: AbortSignal) => {
    const policy = await updates.policy();
    const now = clock.monotonicMs();
    const isDue = now - checkedAtMs >= checkEveryMs;
    if (isDue) {
      checkedAtMs = now;
      // A candidate that a tab left behind when it died was wanted already, by a person or by the policy.
      await trials.resume(signal);
    }
    if (policy.mode === 'off') return;
    if (isDue) {
      const { models } = await updates.check({ askedByPerson: false, signal });
      waitingOffers = models.some((model) => model.offer !== undefined);
    }
    if (!waitingOffers || waitReason(policy, moment())) return;
    // Only this tab's requests are in its moment.
    if (policy.mode === 'idle' && (await locks.isHeld(ANSWERING_LOCK))) return;
    waitingOffers = false;
    const outcomes = await updates.apply(undefined, { signal, askedByPerson: false });
    updates.noteError(outcomes.find((outcome) => outcome.error)?.error);
  };

  return {
    async tick(signal = new AbortController().signal) {
      try {
        // One tab is enough; the others see what it does.
        await locks.tryHold(UPDATER_LOCK, () => work(signal));
      } catch (reason) {
        updates.noteError(toSillError(reason).toData());
      }
    },
    async tryOut(id) {
      try {
        await trials.run(id, new AbortController().signal);
      } catch (reason) {
        updates.noteError(toSillError(reason).toData());
      }
    },
  };
}
