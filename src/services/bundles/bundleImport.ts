import { type RuntimeBuild, runtimeBuildFor } from '../../core/builds.ts';
import { SillError, toSillError } from '../../core/errors.ts';
import type { Digest, ModelId } from '../../core/ids.ts';
import { isDownload, type JournalEntry } from '../../core/journal.ts';
import { TransferMeter } from '../../core/pace.ts';
import { type VerifiedBundle, verifyBundle } from '../../delivery/bundle/verifyBundle.ts';
import type { Locks, RuntimeAssets } from '../../ports/browser.ts';
import type { BundleTrust } from '../../ports/bundle.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Digests } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { BundleReport, ImportOutcome, ImportProgress, ImportReport } from '../../protocol/bundleReports.ts';
import { IMPORT_LOCK } from '../../protocol/locks.ts';
import type { DeviceService } from '../device/device.ts';
import type { Hub } from '../hub.ts';
import type { Trials } from '../updates/trials.ts';
import { missingBytesOf } from '../upkeep/upkeep.ts';
import { digestsOf, type Judged, judgeBundle, outcomeOf, summaryOf } from './bundleJudgement.ts';

const TELL_EVERY_MS = 1000;

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

export function createBundleImport(deps: BundleImportDeps): BundleImport {
  const { store, digests, trust, trials, device, assets, locks, clock, hub } = deps;

  const take = async (bundle: VerifiedBundle, wanted: readonly Judged[], { signal, onProgress }: ImportCall): Promise<ImportOutcome[]> => {
    const begun: Array<{ model: Judged; entry: JournalEntry; before: JournalEntry | undefined }> = [];
    const journal = await store.models.journal();
    const digestsWanted = new Set<Digest>();
    const neededBytes = wanted.reduce((sum, { fit }) => sum + (fit?.fetchBytes ?? 0), 0);
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
      const meter = new TransferMeter();
      const mark = (readBytes: number): void =>
        meter.mark(clock.monotonicMs(), { storedBytes: readBytes, totalBytes, receivedBytes: readBytes });
      const tell = (): void => {
        const read = meter.read(clock.monotonicMs());
        if (!read) return;
        const { storedBytes: readBytes, isQuiet, ...rest } = read;
        onProgress?.({ phase: 'reading', readBytes, ...rest, ...(isQuiet ? { waiting: true } : {}) });
      };
      mark(0);
      tell();
      const ticker = setInterval(tell, TELL_EVERY_MS);
      try {
        await bundle.opened.read({
          signal,
          onChunk: async (digest, bytes) => (missing.has(digest) ? store.chunks.put(digest, bytes) : undefined),
          onRead: (bytes) => {
            mark(bytes);
            tell();
          },
        });
      } finally {
        clearInterval(ticker);
      }
      await bundle.list.commit();
    } catch (reason) {
      for (const { entry, before, model } of begun) {
        await store.models.abandonInstall(entry.revision);
        // What was being downloaded goes on from where it was.
        if (before && isDownload(before)) await store.models.beginInstall(before, model.manifest, model.proof);
      }
      hub.tell({ type: 'downloads' });
      await store.models.collectGarbage();
      throw withNeed(reason, neededBytes);
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

  const isWanted = ({ state, refusal }: Judged): boolean => state !== 'present' && !refusal;

  const buildsFor = async (models: readonly Judged[]): Promise<Set<RuntimeBuild>> => {
    const report = await device.report();
    return new Set(models.filter(isWanted).flatMap(({ fit }) => (fit ? [runtimeBuildFor(fit.device, report)] : [])));
  };

  /** The runtime comes with the app, not with models: without a network it may be missing, and comes with the next one. */
  const lacksRuntime = async (wanted: readonly Judged[], signal: AbortSignal): Promise<boolean> => {
    let lacks = false;
    for (const build of await buildsFor(wanted)) {
      try {
        await assets.ensure(build, signal);
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
      const models = await judgeBundle(deps, bundle);
      return {
        bundle: opened.bundle,
        sizeBytes: opened.sizeBytes,
        volumes: opened.volumes,
        signer: list.signer,
        superseded: list.superseded,
        models: models.map(summaryOf),
        runtimeMissingBytes: await missingBytesOf(await buildsFor(models), assets),
        refused,
      };
    },

    async import(files, call) {
      const held = await locks.tryHold(IMPORT_LOCK, async (): Promise<ImportReport> => {
        await recover();
        const bundle = await verifyBundle(files, { digests, trust }, call.signal);
        const models = (await judgeBundle(deps, bundle, true)).filter(({ id }) => call.ids?.includes(id) ?? true);
        const refused = bundle.refused.filter(({ id }) => call.ids?.includes(id) ?? true);
        const wanted = models.filter(isWanted);
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

/** A full disk refuses one piece; what has to be found room for is the whole, since nothing of it was kept. */
function withNeed(reason: unknown, sizeBytes: number): unknown {
  if (!(reason instanceof SillError) || reason.code !== 'quota_exceeded') return reason;
  return new SillError(reason.code, reason.message, { cause: reason, details: { ...reason.details, sizeBytes, nothingKept: true } });
}
