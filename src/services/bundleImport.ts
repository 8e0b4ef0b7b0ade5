import { runtimeBuildFor } from '../core/builds.ts';
import { SillError, toSillError } from '../core/errors.ts';
import { rankVariants, type VariantFit } from '../core/fit.ts';
import { type Digest, type ModelId, shortRevision } from '../core/ids.ts';
import type { JournalEntry } from '../core/journal.ts';
import { chunksOf, variantOf } from '../core/manifest.ts';
import type { Slots } from '../core/slots.ts';
import { compareVersions } from '../core/version.ts';
import { type VerifiedBundle, type VerifiedModel, verifyBundle } from '../delivery/bundle/verifyBundle.ts';
import type { Locks, RuntimeAssets } from '../ports/browser.ts';
import type { BundleTrust } from '../ports/bundle.ts';
import type { Clock } from '../ports/clock.ts';
import type { Digests } from '../ports/delivery.ts';
import type { Store } from '../ports/store.ts';
import { IMPORT_LOCK } from '../protocol/locks.ts';
import type { BundledModelSummary, BundleReport, ImportOutcome, ImportProgress, ImportReport } from '../protocol/reports.ts';
import type { DeviceService } from './device.ts';
import type { Hub } from './hub.ts';
import { refuseUnfit } from './installs.ts';
import type { Trials } from './trials.ts';

export interface BundleImportDeps {
  readonly store: Store;
  readonly digests: Digests;
  readonly trust: BundleTrust;
  readonly trials: Trials;
  readonly device: DeviceService;
  readonly assets: RuntimeAssets;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
  /** This app's version, against a manifest's `minimumRuntime`. */
  readonly sillVersion: string;
}

export interface ImportCall {
  readonly signal: AbortSignal;
  /** Of the bundle's models; all that are new by default. */
  readonly ids?: readonly ModelId[];
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface BundleImport {
  /** What a bundle holds and what it would mean here. Writes nothing. @throws SillError `invalid_bundle` | `untrusted_bundle` | ... */
  inspect(files: readonly Blob[], signal: AbortSignal): Promise<BundleReport>;
  /**
   * Takes models out of a bundle: each piece is verified as it passes and stored under a lease, and nothing becomes visible before the last one
   * was read. A model that runs already goes through candidate and trial, as by an update. Whatever fails leaves what was there as it was.
   * @throws SillError `invalid_bundle` | `untrusted_bundle` | `revision_refused` | `unsupported_device` | `quota_exceeded` | `busy` | `aborted`
   */
  import(files: readonly Blob[], call: ImportCall): Promise<ImportReport>;
  /** Gives up what a tab that died has begun. Nothing while a living one imports. */
  recover(): Promise<void>;
}

/** A model of the bundle, and what this device would make of it. */
interface Judged extends VerifiedModel {
  readonly id: ModelId;
  readonly fit: VariantFit | undefined;
  readonly slots: Slots | undefined;
  readonly storedBytes: number;
  readonly state: BundledModelSummary['state'];
  readonly licenceAcceptedAtMs: number | undefined;
  readonly refusal: SillError | undefined;
}

export function createBundleImport(deps: BundleImportDeps): BundleImport {
  const { store, digests, trust, trials, device, assets, locks, clock, hub } = deps;

  const judge = async (bundle: VerifiedBundle): Promise<Judged[]> => {
    const quarantined = new Map((await store.models.quarantined()).map((each) => [each.revision, each.reason]));
    const report = await device.report();
    return Promise.all(
      bundle.models.map(async (model) => {
        const { entry, manifest } = model;
        const { id, revision } = entry;
        const slots = await store.models.slots(id);
        const active = slots?.active;
        const missing = new Set(await store.chunks.missing(model.variants.flatMap((each) => digestsOf(model, each))));
        const fits = rankVariants(manifest, report, missing).filter((each) => model.variants.includes(each.variant));
        // What runs here already is what is wanted again, where the bundle has it.
        const fit = fits.find((each) => each.variant === active?.variant) ?? fits[0];
        const held = [active, slots?.candidate, slots?.previous].find((each) => each?.revision === revision);
        const isWhole = held !== undefined && (held.variant === fit?.variant || fit === undefined);
        const present = isWhole && digestsOf(model, held.variant).every((digest) => !missing.has(digest));
        const before = active && (await store.models.manifest(active.revision));
        const failure = quarantined.get(revision);
        return {
          ...model,
          id,
          fit,
          slots,
          storedBytes: fit ? fit.sizeBytes - fit.fetchBytes : 0,
          state: present ? ('present' as const) : active && active.revision !== revision ? ('update' as const) : ('new' as const),
          // The same words need not be accepted twice.
          licenceAcceptedAtMs: before?.licence.text === manifest.licence.text ? active?.licenceAcceptedAtMs : undefined,
          refusal: present ? undefined : refusalOf(model, fit, failure, deps.sillVersion),
        };
      }),
    );
  };

  const take = async (bundle: VerifiedBundle, wanted: readonly Judged[], { signal, onProgress }: ImportCall): Promise<ImportOutcome[]> => {
    const begun: Array<{ model: Judged; entry: JournalEntry; before: JournalEntry | undefined }> = [];
    const journal = await store.models.journal();
    const digestsWanted = new Set<Digest>();
    try {
      for (const model of wanted) {
        const { fit, entry, manifest, proof } = model;
        if (!fit) continue;
        const now: JournalEntry = {
          modelId: model.id,
          revision: entry.revision,
          variant: fit.variant,
          startedAtMs: clock.now(),
          licenceAcceptedAtMs: model.licenceAcceptedAtMs ?? clock.now(),
          state: 'running',
          by: 'bundle',
          rank: 0,
        };
        begun.push({ model, entry: now, before: journal.find((each) => each.revision === entry.revision) });
        await store.models.beginInstall(now, manifest, proof);
        for (const digest of digestsOf(model, fit.variant)) digestsWanted.add(digest);
      }
      // A download of the same gives way to the bytes that are here.
      hub.tell({ type: 'downloads' });
      const missing = new Set(await store.chunks.missing([...digestsWanted]));
      const totalBytes = bundle.opened.chunkBytes;
      onProgress?.({ phase: 'reading', readBytes: 0, totalBytes });
      await bundle.opened.read({
        signal,
        onChunk: async (digest, bytes) => (missing.has(digest) ? store.chunks.put(digest, new Blob([bytes])) : undefined),
        onRead: (readBytes) => onProgress?.({ phase: 'reading', readBytes, totalBytes }),
      });
      await bundle.list.commit();
    } catch (reason) {
      for (const { entry, before, model } of begun) {
        await store.models.abandonInstall(entry.revision);
        // What was being downloaded goes on from where it was.
        if (before && before.by !== 'bundle') await store.models.beginInstall(before, model.manifest, model.proof);
      }
      hub.tell({ type: 'downloads' });
      await store.models.collectGarbage();
      throw reason;
    }
    const outcomes: ImportOutcome[] = [];
    for (const { entry, model } of begun) outcomes.push(await settle(entry, model, { signal, ...(onProgress ? { onProgress } : {}) }));
    await store.models.collectGarbage();
    return outcomes;
  };

  /** All of it is on the device: from here on a failure of one model is its own. */
  const settle = async (entry: JournalEntry, { manifest }: Judged, { signal, onProgress }: ImportCall): Promise<ImportOutcome> => {
    const { modelId: id, revision } = entry;
    const base = { id, revision, name: manifest.name };
    try {
      const active = (await store.models.slots(id))?.active;
      const role = active && active.revision !== revision ? 'candidate' : 'active';
      await store.models.commitInstall(entry, clock.now(), role);
      hub.tell({ type: 'downloads' });
      hub.tell({ type: 'models' });
      if (role === 'active') return { ...base, result: 'installed' };
      onProgress?.({ phase: 'testing', id });
      const outcome = await trials.settle(id, revision, signal);
      if (!outcome) return { ...base, result: 'waiting' };
      const { result, gate } = outcome;
      return { ...base, result, ...(gate ? { gate } : {}) };
    } catch (reason) {
      return { ...base, result: 'failed', error: toSillError(reason).toData() };
    }
  };

  /** The runtime comes with the app, not with models: without a network it may be missing, and comes with the next one. */
  const lacksRuntime = async (wanted: readonly Judged[], signal: AbortSignal): Promise<boolean> => {
    const report = await device.report();
    let lacks = false;
    for (const { fit } of wanted) {
      if (!fit) continue;
      try {
        await assets.ensure(runtimeBuildFor(fit.device, report), signal);
      } catch (reason) {
        if (toSillError(reason).code !== 'network_unavailable') throw reason;
        lacks = true;
      }
    }
    return lacks;
  };

  const recover = async (): Promise<void> => {
    const left = (await store.models.journal()).filter((entry) => entry.by === 'bundle');
    for (const { revision } of left) await store.models.abandonInstall(revision);
    if (left.length > 0) await store.models.collectGarbage();
  };

  return {
    async inspect(files, signal) {
      const bundle = await verifyBundle(files, { digests, trust }, signal);
      const { opened, list, refused } = bundle;
      return {
        bundle: opened.bundle,
        sizeBytes: opened.sizeBytes,
        volumes: opened.volumes,
        signer: list.signer,
        superseded: list.superseded,
        models: (await judge(bundle)).map(summaryOf),
        refused,
      };
    },

    async import(files, call) {
      const held = await locks.tryHold(IMPORT_LOCK, async (): Promise<ImportReport> => {
        await recover();
        const bundle = await verifyBundle(files, { digests, trust }, call.signal);
        const models = (await judge(bundle)).filter(({ id }) => call.ids?.includes(id) ?? true);
        const refused = bundle.refused.filter(({ id }) => call.ids?.includes(id) ?? true);
        const wanted = models.filter(({ state, refusal }) => state !== 'present' && !refusal);
        const outcomes: ImportOutcome[] = [
          ...models.filter(({ state }) => state === 'present').map((model) => ({ ...outcomeOf(model), result: 'present' as const })),
          ...models.flatMap((model) =>
            model.refusal ? [{ ...outcomeOf(model), result: 'refused' as const, error: model.refusal.toData() }] : [],
          ),
          ...refused.map((model) => ({
            id: model.id,
            name: model.id,
            revision: model.revision,
            result: 'refused' as const,
            error: model.error,
          })),
        ];
        if (wanted.length === 0) {
          const only = outcomes.every(({ result }) => result === 'refused') ? outcomes[0]?.error : undefined;
          if (only) throw SillError.fromData(only);
          return { outcomes, needsRuntime: false };
        }
        const needsRuntime = await lacksRuntime(wanted, call.signal);
        return { outcomes: [...(await take(bundle, wanted, call)), ...outcomes], needsRuntime };
      });
      hub.tell({ type: 'models' });
      if (held) return held.value;
      throw new SillError('busy', 'A file is being imported already, here or in another tab. Wait until it is done, and try again.');
    },

    async recover() {
      await locks.tryHold(IMPORT_LOCK, recover);
    },
  };
}

const digestsOf = ({ manifest, variants }: VerifiedModel, variant: VerifiedModel['variants'][number]): Digest[] =>
  variants.includes(variant) ? chunksOf(manifest, variantOf(manifest, variant)).map((chunk) => chunk.digest) : [];

function refusalOf(
  { entry, manifest }: VerifiedModel,
  fit: VariantFit | undefined,
  failure: string | undefined,
  version: string,
): SillError | undefined {
  const { id, revision } = entry;
  const details = { id, revision };
  if (failure !== undefined) {
    return new SillError('revision_refused', `Version ${shortRevision(revision)} of ${id} failed its test on this device: ${failure}`, {
      details,
    });
  }
  if (compareVersions(version, manifest.minimumRuntime) < 0) {
    return new SillError(
      'unsupported_device',
      `${id} needs Sill ${manifest.minimumRuntime} or later; this is ${version}. Update the app first, and import the file again.`,
      { details },
    );
  }
  try {
    if (fit) refuseUnfit(manifest, fit);
    return undefined;
  } catch (reason) {
    return toSillError(reason);
  }
}

const outcomeOf = ({ id, entry, manifest }: Judged) => ({ id, revision: entry.revision, name: manifest.name });

const summaryOf = ({ id, entry, manifest, fit, state, storedBytes, licenceAcceptedAtMs, refusal }: Judged): BundledModelSummary => ({
  id,
  revision: entry.revision,
  name: manifest.name,
  description: manifest.description,
  task: manifest.task,
  licence: manifest.licence,
  licenceAccepted: licenceAcceptedAtMs !== undefined,
  provenance: manifest.provenance.source,
  ...(entry.publishedAtMs === undefined ? {} : { publishedAtMs: entry.publishedAtMs }),
  ...(entry.notes === undefined ? {} : { notes: entry.notes }),
  ...(fit ? { fit } : {}),
  sizeBytes: fit?.sizeBytes ?? 0,
  storedBytes,
  state,
  ...(refusal ? { refusal: refusal.toData() } : {}),
});
