import { runtimeBuildFor } from '../core/builds.ts';
import type { CatalogEntry } from '../core/catalog.ts';
import { isAbort, SillError, toSillError } from '../core/errors.ts';
import { rankVariants, type VariantFit } from '../core/fit.ts';
import { type Digest, type ModelId, type RevisionId, shortRevision, type VariantId } from '../core/ids.ts';
import type { JournalEntry } from '../core/journal.ts';
import { chunksOf, filesOf, type Manifest, type Variant, variantBytes, variantOf } from '../core/manifest.ts';
import { Pace } from '../core/pace.ts';
import { compareVersions } from '../core/version.ts';
import type { Locks, RuntimeAssets } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { CatalogSource, Downloader } from '../ports/delivery.ts';
import type { Store } from '../ports/store.ts';
import { installLock } from '../protocol/locks.ts';
import type { InstallProgress } from '../protocol/reports.ts';
import type { DeviceService } from './device.ts';
import type { Hub } from './hub.ts';
import type { Offers } from './offers.ts';

export interface InstallsDeps {
  readonly store: Store;
  readonly source: CatalogSource;
  readonly downloader: Downloader;
  readonly assets: RuntimeAssets;
  readonly device: DeviceService;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
  readonly offers: Pick<Offers, 'first'>;
  /** This app's version, against a manifest's `minimumRuntime`. */
  readonly sillVersion: string;
}

export interface InstallOptions {
  readonly revision?: RevisionId;
  readonly variant?: VariantId;
  /** The variant that is wanted where the revision has it. */
  readonly keepVariant?: VariantId;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: InstallProgress) => void;
}

export interface Installs {
  /**
   * Brings a model onto the device: active at once when it is the first revision or another variant of the same, otherwise a candidate beside
   * what runs, to be put on trial. Goes on from what an earlier try stored; resolves at once when it is there.
   * @throws SillError `unknown_model` | `revision_refused` | `busy` | `unsupported_device` | what source, downloader and store throw
   */
  install(id: ModelId, options: InstallOptions): Promise<'active' | 'candidate'>;
  /** Stops an install of this or another tab. False when none is running. */
  stop(id: ModelId): Promise<boolean>;
  progress(id: ModelId): InstallProgress | undefined;
  isRunning(id: ModelId): Promise<boolean>;
}

export function createInstalls(deps: InstallsDeps): Installs {
  const { store, source, downloader, assets, device, locks, clock, hub } = deps;
  const running = new Map<ModelId, { abort: AbortController; progress: InstallProgress }>();
  hub.onStopAsked((id) => running.get(id)?.abort.abort());

  const watched = new Set<ModelId>();
  hub.listen((event) => {
    if (event.type !== 'install' || event.progress.phase === 'trying' || running.has(event.id) || watched.has(event.id)) return;
    watched.add(event.id);
    // A tab that is closed says nothing, but its lock is free then.
    void locks
      .share(installLock(event.id), async () => undefined)
      .finally(() => {
        watched.delete(event.id);
        hub.tell({ type: 'models' });
      });
  });

  const run = async (id: ModelId, options: InstallOptions, signal: AbortSignal, report: (progress: InstallProgress) => void) => {
    const catalogEntry = await entryOf(deps, id, options.revision, signal);
    const manifest = await source.manifest(catalogEntry, signal);
    const kept = manifest.variants.find((each) => each.id === options.keepVariant)?.id;
    const variant = await chooseVariant(manifest, options.variant ?? kept);
    const slots = await store.models.slots(id);
    const wanted = chunksOf(manifest, variant).map((chunk) => chunk.digest);
    const active = slots?.active;
    const role = active && active.revision !== catalogEntry.revision ? 'candidate' : 'active';
    const held = role === 'active' ? active : slots?.candidate;
    if (held?.revision === catalogEntry.revision && held.variant === variant.id && (await store.chunks.missing(wanted)).length === 0)
      return role;
    const before = active && (await store.models.manifest(active.revision));

    const entry: JournalEntry = {
      modelId: id,
      revision: catalogEntry.revision,
      variant: variant.id,
      startedAtMs: clock.now(),
      // The same words need not be accepted twice.
      licenceAcceptedAtMs: active && before?.licence.text === manifest.licence.text ? active.licenceAcceptedAtMs : clock.now(),
      state: 'running',
    };
    await store.models.beginInstall(entry, manifest, await source.proof?.(catalogEntry, signal));
    hub.tell({ type: 'models' });
    try {
      await fetchAll(catalogEntry, manifest, variant, signal, report);
      const totalBytes = variantBytes(manifest, variant);
      report({ phase: 'activating', storedBytes: totalBytes, totalBytes });
      await store.models.commitInstall(entry, clock.now(), role);
      await store.models.collectGarbage();
      return role;
    } catch (reason) {
      const error = toSillError(reason);
      const stopped: JournalEntry = isAbort(reason) ? { ...entry, state: 'stopped' } : { ...entry, state: 'failed', error: error.toData() };
      // The first failure is the one to tell: a full disk may refuse this note too.
      await store.models.updateJournal(stopped).catch(() => undefined);
      throw error;
    }
  };

  const chooseVariant = async (manifest: Manifest, wished: VariantId | undefined): Promise<Variant> => {
    if (compareVersions(deps.sillVersion, manifest.minimumRuntime) < 0) {
      throw new SillError(
        'unsupported_device',
        `${manifest.id} needs Sill ${manifest.minimumRuntime} or later; this is ${deps.sillVersion}. Reload the page to update the app.`,
      );
    }
    const fits = rankVariants(manifest, await device.report(), await missingChunks(store, manifest));
    const fit = wished === undefined ? fits[0] : fits.find((candidate) => candidate.variant === wished);
    if (!fit)
      throw new SillError(
        'invalid_request',
        `${manifest.id} has no variant "${wished}". It has: ${fits.map((f) => f.variant).join(', ')}.`,
      );
    refuseUnfit(manifest, fit);
    return variantOf(manifest, fit.variant);
  };

  const fetchAll = async (
    entry: CatalogEntry,
    manifest: Manifest,
    variant: Variant,
    signal: AbortSignal,
    report: (progress: InstallProgress) => void,
  ) => {
    const pace = new Pace();
    const build = runtimeBuildFor(variant.device, await device.report());
    const files = filesOf(manifest, variant).map((file) => ({ url: source.fileUrl(entry, file.path), chunks: file.chunks }));
    await assets.ensure(build, signal);
    await downloader.download(
      { files },
      {
        signal,
        onProgress({ storedBytes: stored, totalBytes, receivedBytes }) {
          pace.mark(clock.monotonicMs(), receivedBytes);
          const bytesPerSecond = pace.bytesPerSecond();
          const secondsLeft = pace.secondsLeft(totalBytes - stored);
          report({
            phase: 'downloading',
            storedBytes: stored,
            totalBytes,
            ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
            ...(secondsLeft === undefined ? {} : { secondsLeft }),
          });
        },
      },
    );
  };

  return {
    async install(id, options) {
      const abort = new AbortController();
      const signal = AbortSignal.any([options.signal, abort.signal]);
      const install = async () => {
        const preparing: InstallProgress = { phase: 'preparing', storedBytes: 0, totalBytes: 0 };
        const state = { abort, progress: preparing };
        running.set(id, state);
        const report = (progress: InstallProgress) => {
          state.progress = progress;
          options.onProgress?.(progress);
          hub.tell({ type: 'install', id, progress });
        };
        report(preparing);
        try {
          return await run(id, options, signal, report);
        } finally {
          running.delete(id);
        }
      };
      const held = await locks.tryHold(installLock(id), install).finally(() => hub.tell({ type: 'models' }));
      if (!held) {
        throw new SillError(
          'busy',
          `${id} is being installed already, here or in another tab. Its progress is shown in the list of models.`,
        );
      }
      return held.value;
    },
    async stop(id) {
      const own = running.get(id);
      if (own) {
        own.abort.abort();
        return true;
      }
      if (!(await locks.isHeld(installLock(id)))) return false;
      hub.askToStop(id);
      return true;
    },
    progress: (id) => running.get(id)?.progress ?? hub.remoteProgress(id),
    isRunning: (id) => (running.has(id) ? Promise.resolve(true) : locks.isHeld(installLock(id))),
  };
}

async function entryOf(
  { source, store, offers }: Pick<InstallsDeps, 'source' | 'store' | 'offers'>,
  id: ModelId,
  revision: RevisionId | undefined,
  signal: AbortSignal,
): Promise<CatalogEntry> {
  const catalog = await source.catalog(signal);
  const entries = catalog.models.filter((entry) => entry.id === id);
  const quarantined = new Map((await store.models.quarantined()).map((each) => [each.revision, each.reason]));
  const entry = revision === undefined ? await offers.first(entries) : entries.find((candidate) => candidate.revision === revision);
  const why = entry && (quarantined.get(entry.revision) ?? entry.withdrawn?.reason);
  if (entry && why === undefined) return entry;
  // Everything that there is has failed here or was taken back.
  const [bad] = entry ? [entry] : revision === undefined ? entries : [];
  if (bad) {
    throw new SillError(
      'revision_refused',
      `Version ${shortRevision(bad.revision)} of ${id} is not installed: ${why ?? quarantined.get(bad.revision) ?? bad.withdrawn?.reason ?? ''}`,
      { details: { id, revision: bad.revision } },
    );
  }
  const known = [...new Set(catalog.models.map((model) => model.id))];
  throw new SillError(
    'unknown_model',
    revision === undefined
      ? `There is no model "${id}" in this site's catalog. It offers: ${known.join(', ') || 'nothing'}.`
      : `This site's catalog does not offer that revision of "${id}".`,
    { details: { id, known } },
  );
}

/** The chunks of the manifest that are not stored, whichever model would have brought them. */
export async function missingChunks(store: Store, manifest: Manifest): Promise<Set<Digest>> {
  return new Set(await store.chunks.missing(manifest.files.flatMap((file) => file.chunks.map((chunk) => chunk.digest))));
}

/** @throws SillError `quota_exceeded` | `unsupported_device` where the variant cannot run */
export function refuseUnfit(manifest: Manifest, fit: VariantFit): void {
  if (fit.verdict !== 'no') return;
  const details = { variant: fit.variant, reasons: fit.reasons, sizeBytes: fit.sizeBytes, fetchBytes: fit.fetchBytes };
  if (fit.reasons.includes('storage')) {
    throw new SillError(
      'quota_exceeded',
      `There is not enough room for ${manifest.name}: it takes ${Math.ceil(fit.fetchBytes / 1e6)} MB. Remove a model or free disk space, then try again.`,
      { details },
    );
  }
  throw new SillError(
    'unsupported_device',
    `${manifest.name} (${fit.variant}) cannot run on this device: ${fit.reasons.join(', ')}. Update the browser or use another device.`,
    {
      details,
    },
  );
}
