import { SillError } from '../../core/errors.ts';
import type { VariantFit } from '../../core/fit.ts';
import type { ModelId, RevisionId, VariantId } from '../../core/ids.ts';
import { isDownload, type JournalEntry } from '../../core/journal.ts';
import { chunksOf, type Manifest, type Variant, variantOf } from '../../core/manifest.ts';
import { compareVersions } from '../../core/version.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CatalogSource } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import { chooseFit } from '../device/choosing.ts';
import type { DeviceService } from '../device/device.ts';
import type { Hub } from '../hub.ts';
import { catalogEntryOf } from '../models/catalogEntries.ts';
import type { Offers } from '../models/offers.ts';
import type { Arrival, ArrivalOptions, Role } from './arrivals.ts';
import type { Downloads } from './downloads.ts';

export interface InstallsDeps {
  readonly store: Store;
  readonly source: CatalogSource;
  readonly downloads: Downloads;
  readonly arrival: Arrival;
  readonly device: DeviceService;
  readonly clock: Clock;
  readonly hub: Hub;
  readonly offers: Pick<Offers, 'first'>;
  /** This app's version, against a manifest's `minimumRuntime`. */
  readonly sillVersion: string;
}

export interface InstallOptions extends ArrivalOptions {
  readonly revision?: RevisionId;
  readonly variant?: VariantId;
  /** The variant that is wanted where the revision has it. */
  readonly keepVariant?: VariantId;
  /** Who wants it; a person by default. */
  readonly by?: 'person' | 'device';
}

export interface Installs {
  /**
   * Brings a model onto the device by way of the queue: active at once when it is the first revision or another variant of the same, otherwise a
   * candidate beside what runs, to be put on trial. Resolves when it is there, whichever tab carried it, and at once when it was. One that is
   * queued or under way already is joined; one that was paused or failed goes on.
   * @throws SillError `unknown_model` | `revision_refused` | `unsupported_device` | `aborted` when it is paused or cancelled, in whichever tab |
   * what source, downloader and store throw
   */
  install(id: ModelId, options: InstallOptions): Promise<Role>;
  /** Pauses an install, whichever tab carries it. False when there is none. */
  stop(id: ModelId): Promise<boolean>;
  /** In this tab, before it is in the queue. */
  isPreparing(id: ModelId): boolean;
}

const PREPARING: InstallProgress = { phase: 'preparing', storedBytes: 0, totalBytes: 0 };

export function createInstalls(deps: InstallsDeps): Installs {
  const { store, source, downloads, device, clock, hub, offers, arrival } = deps;
  const preparing = new Map<ModelId, Set<AbortController>>();

  /** What will be in the queue, or the role that it has already. */
  const prepare = async (id: ModelId, options: InstallOptions, signal: AbortSignal): Promise<JournalEntry | Role> => {
    const catalogEntry = await catalogEntryOf({ source, store, offers }, id, options.revision, signal);
    const { revision } = catalogEntry;
    const manifest = await source.manifest(catalogEntry, signal);
    const begun = (await store.models.journal()).find((entry) => entry.revision === revision && isDownload(entry));
    const wished = options.variant ?? manifest.variants.find((each) => each.id === options.keepVariant)?.id ?? begun?.variant;
    const variant = await chooseVariant(manifest, wished);
    const slots = await store.models.slots(id);
    const wanted = chunksOf(manifest, variant).map((chunk) => chunk.digest);
    const active = slots?.active;
    const role: Role = active && active.revision !== revision ? 'candidate' : 'active';
    const held = role === 'active' ? active : slots?.candidate;
    if (held?.revision === revision && held.variant === variant.id && (await store.chunks.missing(wanted)).length === 0) return role;
    signal.throwIfAborted();
    const by = options.by ?? 'person';
    if (begun?.variant === variant.id) {
      const joined = await downloads.change(id, { type: 'want', by });
      if (joined?.revision === revision) return joined;
    }
    const entry: JournalEntry = {
      modelId: id,
      revision,
      variant: variant.id,
      startedAtMs: clock.now(),
      licenceAcceptedAtMs: await acceptedAtMs(store, id, manifest.licence.text, clock),
      state: 'queued',
      by,
      rank: 0,
    };
    await downloads.enqueue(entry, manifest, await source.proof?.(catalogEntry, signal));
    return entry;
  };

  const chooseVariant = async (manifest: Manifest, wished: VariantId | undefined): Promise<Variant> => {
    if (compareVersions(deps.sillVersion, manifest.minimumRuntime) < 0) {
      throw new SillError(
        'unsupported_device',
        `${manifest.id} needs Sill ${manifest.minimumRuntime} or later; this is ${deps.sillVersion}. Reload the page to update the app.`,
      );
    }
    const { fits, fit } = await chooseFit({ store, device }, manifest, wished);
    if (!fit)
      throw new SillError(
        'invalid_request',
        `${manifest.id} has no variant "${wished}". It has: ${fits.map((f) => f.variant).join(', ')}.`,
      );
    refuseUnfit(manifest, fit);
    return variantOf(manifest, fit.variant);
  };

  return {
    async install(id, options) {
      const abort = new AbortController();
      const others = preparing.get(id) ?? new Set();
      preparing.set(id, others.add(abort));
      const tell = (progress: InstallProgress) => {
        options.onProgress?.(progress);
        hub.tell({ type: 'install', id, progress });
      };
      let entry: JournalEntry | Role;
      try {
        if ((await downloads.progress(id)) === undefined) tell(PREPARING);
        entry = await prepare(id, options, AbortSignal.any([options.signal, abort.signal]));
      } finally {
        others.delete(abort);
        if (others.size === 0) preparing.delete(id);
        hub.tell({ type: 'models' });
      }
      return typeof entry === 'string' ? entry : arrival(entry, options);
    },
    async stop(id) {
      const own = [...(preparing.get(id) ?? [])];
      for (const abort of own) abort.abort();
      return (await downloads.pause(id)) || own.length > 0;
    },
    isPreparing: (id) => preparing.has(id),
  };
}

/** When a person accepted a licence: the same words need not be accepted twice. */
export async function acceptedAtMs({ models }: Store, id: ModelId, licence: string, clock: Clock): Promise<number> {
  const active = (await models.slots(id))?.active;
  const before = active && (await models.manifest(active.revision));
  return active && before?.licence.text === licence ? active.licenceAcceptedAtMs : clock.now();
}

/** @throws SillError `quota_exceeded` | `unsupported_device` where the variant cannot run */
export function refuseUnfit(manifest: Manifest, fit: VariantFit): void {
  if (fit.verdict !== 'no') return;
  const neededBytes = fit.fetchBytes + (fit.madeBytes ?? 0);
  const details = { variant: fit.variant, reasons: fit.reasons, sizeBytes: fit.sizeBytes, fetchBytes: fit.fetchBytes, neededBytes };
  if (fit.reasons.includes('storage')) {
    throw new SillError(
      'quota_exceeded',
      `There is not enough room for ${manifest.name}: it takes ${Math.ceil(neededBytes / 1e6)} MB. Remove a model or free disk space, then try again.`,
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
