import * as v from 'valibot';
import type { Catalog, CatalogEntry } from '../../core/catalog.ts';
import { type ErrorData, SillError, toSillError } from '../../core/errors.ts';
import { type ModelId, type RevisionId, shortRevision } from '../../core/ids.ts';
import { settingThatHolds } from '../../core/operatorRules.ts';
import { isPutOff, type Slots } from '../../core/slots.ts';
import { DEFAULT_UPDATE_POLICY, type Moment, type UpdatePolicy, UpdatePolicySchema, waitReason } from '../../core/updatePolicy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CatalogSource } from '../../ports/delivery.ts';
import type { SettingsStore, Store } from '../../ports/store.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import type { ModelUpdate, UpdateOutcome, UpdateReport, UpdateStatus } from '../../protocol/updateReports.ts';
import type { Installs } from '../downloads/installs.ts';
import type { Hub } from '../hub.ts';
import type { TakeNote } from '../log/log.ts';
import type { Offers } from '../models/offers.ts';
import { notInstalled } from '../notInstalled.ts';
import { assertOwn, operatorRules } from '../operator.ts';
import type { Trials } from './trials.ts';

const POLICY_KEY = 'update-policy';

export interface UpdatesDeps {
  readonly store: Store;
  readonly source: CatalogSource;
  readonly installs: Installs;
  readonly offers: Offers;
  readonly trials: Trials;
  readonly clock: Clock;
  readonly hub: Hub;
  /** What the clock on the wall shows and for how long nobody asked for anything. */
  readonly moment: () => Moment;
  /** Absent where no log is kept. */
  readonly note?: TakeNote;
}

interface ApplyCall {
  readonly signal: AbortSignal;
  readonly onProgress?: (id: ModelId, progress: InstallProgress) => void;
  /** A person's wish goes before the phases of a rollout; the device by itself waits for them. */
  readonly askedByPerson?: boolean;
}

export interface Updates {
  /** What the installed models may become. @throws SillError `catalog_unavailable` | `network_unavailable` | `invalid_catalog` | `aborted` */
  check(options: { readonly askedByPerson: boolean; readonly signal: AbortSignal }): Promise<UpdateReport>;
  /**
   * Fetches what is offered, for one model or all, puts it on trial beside what runs, and makes it active where it passes. One after the other; a
   * failure of one does not hinder the others.
   * @throws what `check` throws
   */
  apply(id: ModelId | undefined, call: ApplyCall): Promise<UpdateOutcome[]>;
  /**
   * To a revision by name: at once where it was active before, otherwise by download and trial.
   * @throws SillError `model_not_installed` | `revision_refused` | `unknown_model` | what an install throws
   */
  activate(id: ModelId, revision: RevisionId, call: ApplyCall): Promise<UpdateOutcome>;
  /** Back to the revision before. Needs no network. @throws SillError `model_not_installed` */
  rollBack(id: ModelId, reason?: string): Promise<Slots>;
  /** @throws SillError `model_not_installed` */
  pin(id: ModelId, revision: RevisionId | undefined): Promise<Slots>;
  policy(): Promise<UpdatePolicy>;
  /** @throws SillError `forbidden` where only the operator decides */
  setPolicy(policy: UpdatePolicy): Promise<void>;
  /** Without asking the catalog anew; the manifest of an offer may have to be fetched. */
  status(signal?: AbortSignal): Promise<UpdateStatus>;
  /** Remembers why something that the device did by itself came to nothing. */
  noteError(error: ErrorData | undefined): void;
}

/** What this device does about updates by itself, as it or its operator was set last. */
export async function updatePolicyOf(settings: SettingsStore): Promise<UpdatePolicy> {
  const stored = v.safeParse(UpdatePolicySchema, await settings.get(POLICY_KEY));
  const { kiosk, devices } = await operatorRules(settings);
  return settingThatHolds(kiosk, stored.success ? stored.output : undefined, devices.updates, DEFAULT_UPDATE_POLICY);
}

export function createUpdates({ store, source, installs, offers, trials, clock, hub, moment, note }: UpdatesDeps): Updates {
  /** Whoever looked once wants to go on seeing what is held back from the device alone. */
  let askedOnce = false;
  let lastError: ErrorData | undefined;
  const changed = () => {
    hub.tell({ type: 'models' });
    hub.tell({ type: 'updates' });
  };

  const policy = () => updatePolicyOf(store.settings);

  const reportOf = async (catalog: Catalog, askedByPerson: boolean, signal: AbortSignal): Promise<UpdateReport> => {
    const [{ channel }, allSlots] = await Promise.all([policy(), store.models.allSlots()]);
    const models: ModelUpdate[] = [];
    for (const slots of allSlots) {
      const { modelId: id, active, pinned } = slots;
      if (!active) continue;
      const base = { id, active: active.revision, ...(pinned ? { pinned } : {}) };
      try {
        const { offer, withheld, withdrawn, manifest } = await offers.judge({ catalog, slots, channel, askedByPerson }, signal);
        const way = manifest && (await offers.diff(active, manifest));
        models.push({
          ...base,
          ...(offer && way ? { offer: { ...summaryOf(offer.entry), critical: offer.critical, early: offer.early, ...way } } : {}),
          withheld: withheld.map(({ entry, why }) => ({
            revision: entry.revision,
            ...(entry.publishedAtMs === undefined ? {} : { publishedAtMs: entry.publishedAtMs }),
            why,
          })),
          withdrawn,
        });
      } catch (reason) {
        signal.throwIfAborted();
        // One broken manifest must not hide the updates of the other models.
        models.push({ ...base, withheld: [], withdrawn: [], error: toSillError(reason).toData() });
      }
    }
    const { checkedAtMs, expiresAtMs, freshness } = catalog;
    return {
      ...(checkedAtMs === undefined ? {} : { checkedAtMs }),
      ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
      stale: freshness === 'stale',
      models,
    };
  };

  /** A device that has never read the list is without a network as often as any other. */
  const look = async (signal: AbortSignal): Promise<Catalog> => {
    try {
      return await source.catalog(signal);
    } catch (reason) {
      if (isOffline(toSillError(reason))) note?.({ code: 'catalog-unreachable' });
      throw reason;
    }
  };

  const check: Updates['check'] = async ({ askedByPerson, signal }) => {
    const catalog = await look(signal);
    const report = await reportOf(catalog, askedByPerson, signal);
    const offered = report.models.filter(({ offer }) => offer).length;
    lastError = catalog.refreshError;
    // What is known of old is judged all the same.
    if (!lastError) note?.({ code: 'catalog-checked', details: { offered, stale: report.stale } });
    else if (isOffline(lastError)) note?.({ code: 'catalog-unreachable' });
    else note?.({ code: 'catalog-refused', details: { error: lastError.code } });
    askedOnce ||= askedByPerson;
    hub.tell({ type: 'updates' });
    return report;
  };

  /** Download and trial of one revision. */
  const bring = async (id: ModelId, revision: RevisionId, { signal, onProgress, askedByPerson }: ApplyCall): Promise<UpdateOutcome> => {
    const active = (await store.models.slots(id))?.active;
    const role = await installs.install(id, {
      revision,
      signal,
      by: (askedByPerson ?? true) ? 'person' : 'device',
      ...(active ? { keepVariant: active.variant } : {}),
      ...(onProgress ? { onProgress: (progress) => onProgress(id, progress) } : {}),
    });
    if (role === 'active') return { id, revision, result: 'activated' };
    const outcome = await trials.settle(id, revision, signal, onProgress && ((progress) => onProgress(id, progress)));
    if (outcome) return outcome;
    throw new SillError('busy', `Another tab is testing a new version of ${id}. Its result will be shown here.`);
  };

  return {
    check,
    async apply(id, call) {
      const { models } = await check({ askedByPerson: call.askedByPerson ?? true, signal: call.signal });
      const outcomes: UpdateOutcome[] = [];
      for (const { id: modelId, offer } of models) {
        if (!offer || (id !== undefined && id !== modelId)) continue;
        const candidate = (await store.models.slots(modelId))?.candidate;
        const isWaiting = candidate?.revision === offer.revision && isPutOff(candidate, clock.now());
        if (isWaiting && call.askedByPerson === false) continue;
        try {
          outcomes.push(await bring(modelId, offer.revision, call));
        } catch (reason) {
          call.signal.throwIfAborted();
          outcomes.push({ id: modelId, revision: offer.revision, result: 'failed', error: toSillError(reason).toData() });
        }
      }
      return outcomes;
    },
    async activate(id, revision, call) {
      const slots = await store.models.slots(id);
      if (!slots?.active) throw notInstalled(id);
      const why = (await offers.quarantined(id)).get(revision);
      if (why) throw refused(id, revision, why.reason);
      if (slots.active.revision === revision) return { id, revision, result: 'activated' };
      if (slots.previous?.revision === revision) {
        await store.models.change(id, { type: 'return', revision, atMs: clock.now() });
        changed();
        return { id, revision, result: 'activated' };
      }
      const { onProgress } = call;
      const told = onProgress && ((progress: InstallProgress) => onProgress(id, progress));
      const waiting = slots.candidate?.revision === revision ? await trials.settle(id, revision, call.signal, told) : undefined;
      return waiting ?? bring(id, revision, call);
    },
    async rollBack(id, reason) {
      const slots = await store.models.change(id, { type: 'roll-back', atMs: clock.now(), ...(reason === undefined ? {} : { reason }) });
      changed();
      return slots;
    },
    async pin(id, revision) {
      const slots = await store.models.change(id, { type: 'pin', revision, atMs: clock.now() });
      changed();
      return slots;
    },
    policy,
    async setPolicy(next) {
      await assertOwn(store.settings, 'updates');
      await store.settings.set(POLICY_KEY, next);
      hub.tell({ type: 'updates' });
    },
    async status(signal = new AbortController().signal) {
      const current = await policy();
      const catalog = await source.known();
      const waiting = waitReason(current, moment());
      return {
        policy: current,
        ...(waiting ? { waiting } : {}),
        ...(catalog ? { lastReport: await reportOf(catalog, askedOnce, signal) } : {}),
        ...(lastError ? { lastError } : {}),
      };
    },
    noteError(error) {
      lastError = error;
      // The store says what became of an install, and one that lost the network goes on by itself.
      if (error && !isOffline(error)) note?.({ code: 'update-failed', details: { error: error.code } });
    },
  };
}

const isOffline = ({ code }: Pick<ErrorData, 'code'>): boolean => code === 'network_unavailable';

const summaryOf = ({ revision, channel, publishedAtMs, notes }: CatalogEntry) => ({
  revision,
  channel,
  ...(publishedAtMs === undefined ? {} : { publishedAtMs }),
  ...(notes === undefined ? {} : { notes }),
});

const refused = (id: ModelId, revision: RevisionId, why: string): SillError =>
  new SillError('revision_refused', `Version ${shortRevision(revision)} of ${id} failed its test on this device and is not used: ${why}`, {
    details: { id, revision },
  });
