import type { Catalog, CatalogEntry } from '../../core/catalog.ts';
import type { DeviceReport } from '../../core/device.ts';
import { SillError, toSillError } from '../../core/errors.ts';
import { rankVariants } from '../../core/fit.ts';
import { type ModelId, type RevisionId, shortRevision } from '../../core/ids.ts';
import { isBrought } from '../../core/importing.ts';
import { isDownload, isImport, type JournalEntry } from '../../core/journal.ts';
import { chunksOf, type Manifest, type Variant, variantBytes, variantOf } from '../../core/manifest.ts';
import type { Slots } from '../../core/slots.ts';
import { isFirstUse } from '../../core/sources.ts';
import { tierOf } from '../../core/tier.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CatalogSource } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { ModelList, ModelSummary } from '../../protocol/modelReports.ts';
import type { RemovalReport } from '../../protocol/storageReports.ts';
import { missingChunks } from '../device/choosing.ts';
import type { DeviceService } from '../device/device.ts';
import { readPlacement } from '../device/placement.ts';
import type { Downloads } from '../downloads/downloads.ts';
import { manifestOfEntry } from '../downloads/entryManifest.ts';
import type { Installs } from '../downloads/installs.ts';
import type { Hub } from '../hub.ts';
import type { Session } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { createKeptCases } from '../updates/keptCases.ts';
import { createChatTemplates } from './chatTemplates.ts';
import type { DerivedModelsService } from './derivedModels.ts';
import { withDerived } from './derivedSummaries.ts';
import type { Offers } from './offers.ts';

export interface ModelsDeps {
  readonly store: Store;
  readonly source: CatalogSource;
  readonly installs: Installs;
  readonly downloads: Downloads;
  readonly sessions: Sessions;
  readonly device: DeviceService;
  readonly hub: Hub;
  readonly offers: Pick<Offers, 'first'>;
  readonly clock: Clock;
  readonly derived: Pick<DerivedModelsService, 'list' | 'remove' | 'madeFrom'>;
}

export interface Models {
  /**
   * Installed and unfinished models first from this device, then what the catalog offers. Works with no network.
   * @param options.recent the catalog may be some seconds old: for whoever lists again because something on this device has changed
   */
  list(signal: AbortSignal, options?: { readonly recent: boolean }): Promise<ModelList>;
  /** @throws SillError `unknown_model` */
  summary(id: ModelId, signal: AbortSignal, report?: Promise<DeviceReport>): Promise<ModelSummary>;
  /**
   * The whole model, or one revision that is not the running one; of a derived model its Modelfile.
   * @throws SillError `unknown_model` when the device holds nothing of it | `invalid_request` for the running revision
   */
  remove(id: ModelId, revision?: RevisionId): Promise<RemovalReport>;
}

/** How old the catalog may be; where any will do, no server is asked. */
type Age = 'new' | 'recent' | 'any';

type Offered = Omit<ModelList, 'models'> & { readonly known: readonly Known[] };

interface Known {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly manifest: Manifest;
  readonly offered: boolean;
  readonly source?: string;
}

/** For so long a list that may be old needs no question to the server: every tab makes one at every change of a model. */
const RECENT_MS = 15_000;

/** What was brought comes last. Nothing moves because it was published anew, or because the catalog cannot be reached. */
const inList = (a: Known, b: Known): number => Number(isBrought(a.id)) - Number(isBrought(b.id)) || (a.id < b.id ? -1 : 1);

export function createModels({ store, source, installs, downloads, sessions, device, hub, clock, offers, derived }: ModelsDeps): Models {
  const templates = createChatTemplates(store);
  let askedAtMs = Number.NEGATIVE_INFINITY;
  /** What this engine was told a moment ago, or what anybody looked up since, is as good for whoever asks for no more. */
  const listed = async (signal: AbortSignal, age: Age): Promise<Catalog> => {
    if (age === 'any' || (age === 'recent' && clock.monotonicMs() - askedAtMs < RECENT_MS)) {
      const known = await source.known();
      if (known && (age === 'any' || known.freshness === 'fresh')) return known;
    }
    const catalog = await source.catalog(signal);
    // A place that did not answer is asked again at once: it may be back.
    askedAtMs = catalog.refreshError ? Number.NEGATIVE_INFINITY : clock.monotonicMs();
    return catalog;
  };

  const offeredModels = async (signal: AbortSignal, age: Age, only?: ModelId): Promise<Offered> => {
    try {
      const { models, refreshError, freshness, expiresAtMs, checkedAtMs } = await listed(signal, age);
      const stable = models.filter((entry) => entry.channel === 'stable' && (only === undefined || entry.id === only));
      const ids = [...new Set(stable.map((entry) => entry.id))];
      const firsts = await Promise.all(ids.map((id) => offers.first(stable.filter((entry) => entry.id === id))));
      const newest = firsts.filter((entry) => entry !== undefined);
      const results = await Promise.allSettled(newest.map((entry) => offered(source, entry, signal)));
      const known = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      // One broken manifest must not hide the good models, nor be hidden by them.
      const failed = results.find((result) => result.status === 'rejected');
      const catalogError = refreshError ?? (failed && toSillError(failed.reason).toData());
      return {
        known,
        ...(catalogError ? { catalogError } : {}),
        ...(checkedAtMs === undefined ? {} : { catalogCheckedAtMs: checkedAtMs }),
        ...(freshness === 'stale' && expiresAtMs !== undefined ? { catalogStaleSinceMs: expiresAtMs } : {}),
      };
    } catch (reason) {
      signal.throwIfAborted();
      return { known: [], catalogError: toSillError(reason).toData() };
    }
  };

  const heldModels = async (slots: readonly Slots[], journal: readonly JournalEntry[]): Promise<Known[]> => {
    const held = new Map<ModelId, Known>();
    for (const entry of journal) {
      // Nobody can continue it without its file: it is seen in Import alone.
      if (isImport(entry)) continue;
      const manifest = await manifestOfEntry(store, entry);
      const { modelId: id, revision, adoption } = entry;
      if (manifest)
        held.set(id, { id, revision, manifest, offered: adoption !== undefined, ...(adoption ? { source: adoption.url } : {}) });
    }
    for (const { modelId: id, active } of slots) {
      const manifest = active && (await store.models.manifest(active.revision));
      if (manifest) held.set(id, { id, revision: active.revision, manifest, offered: false });
    }
    return [...held.values()];
  };

  const summarise = async (
    known: Known,
    report: DeviceReport,
    slots: Slots | undefined,
    journal: JournalEntry | undefined,
  ): Promise<ModelSummary> => {
    const { id, revision, manifest } = known;
    const active = slots?.active;
    const held = active && (await store.models.manifest(active.revision));
    const download = journal && isDownload(journal) ? journal : undefined;
    const installing = download?.state === 'queued' || download?.state === 'running' || installs.isPreparing(id);
    const progress = download && (await downloads.progress(id));
    const lost = active && held && (await lostOf(store, held, variantOf(held, active.variant)));
    const place = (await readPlacement(store.settings)).models[id];
    const trust = isBrought(id) ? 'brought' : isFirstUse(id) ? 'first-use' : 'signed';
    const holdsConversations = await templates.holdsConversations(held ?? manifest, {
      isInstalled: held !== undefined,
      isPacked: trust !== 'first-use',
    });
    const making = hub.makingOf(id);
    const { session, bytes = 0 } = sessions.states().find((each) => each.id === id) ?? {};
    return {
      id,
      revision,
      offered: known.offered,
      name: manifest.name,
      description: manifest.description,
      task: manifest.task,
      tier: tierOf(manifest.parameters),
      parameters: manifest.parameters,
      languages: manifest.languages,
      licence: manifest.licence,
      provenance: manifest.provenance.source,
      trust,
      ...(known.source === undefined ? {} : { source: known.source }),
      ...(manifest.contextLength === undefined ? {} : { contextLength: manifest.contextLength }),
      ...(holdsConversations === undefined ? {} : { holdsConversations }),
      state: installing ? 'installing' : active && held ? 'installed' : journal ? 'unfinished' : 'available',
      ...(active && held
        ? {
            installed: {
              revision: active.revision,
              variant: active.variant,
              sizeBytes: variantBytes(held, variantOf(held, active.variant)),
              installedAtMs: active.installedAtMs,
              ...(variantOf(held, active.variant).madeFrom ? { made: true as const } : {}),
            },
          }
        : {}),
      ...(making ? { making } : {}),
      ...(lost ? { lost } : {}),
      ...(progress ? { progress } : {}),
      ...(journal?.error && !installing ? { error: journal.error } : {}),
      fits: rankVariants(manifest, report, await missingChunks(store, manifest)),
      ...(session ? { loaded: loadedOf(session, bytes) } : {}),
      ...(place ? { place } : {}),
    };
  };

  const weighted = async (signal: AbortSignal, age: Age, only?: ModelId, asked = device.report()) => {
    const isWanted = ({ modelId }: { readonly modelId: ModelId }) => only === undefined || modelId === only;
    const [{ known, ...aboutCatalog }, allSlots, allJournal, report] = await Promise.all([
      offeredModels(signal, age, only),
      store.models.allSlots(),
      store.models.journal(),
      asked,
    ]);
    const [slots, journal] = [allSlots.filter(isWanted), allJournal.filter(isWanted)];
    const held = await heldModels(slots, journal);
    const all = [...known, ...held.filter((model) => !known.some((other) => other.id === model.id))].sort(inList);
    const models = await Promise.all(
      all.map((model) =>
        summarise(
          model,
          report,
          slots.find((slot) => slot.modelId === model.id),
          journal.find((entry) => entry.modelId === model.id && !isImport(entry)),
        ),
      ),
    );
    return { models, ...aboutCatalog };
  };

  const list: Models['list'] = async (signal, { recent } = { recent: false }) => {
    const { models, ...aboutCatalog } = await weighted(signal, recent ? 'recent' : 'new');
    return { models: withDerived(models, await derived.list()), ...aboutCatalog };
  };

  const removeRevision = async (id: ModelId, revision: RevisionId): Promise<void> => {
    const slots = await store.models.slots(id);
    const begun = (await store.models.journal()).find((entry) => entry.modelId === id && entry.revision === revision);
    if (begun) {
      await installs.stop(id);
      return store.models.abandonInstall(revision);
    }
    if (slots?.previous?.revision === revision) {
      await store.models.change(id, { type: 'drop', revision, atMs: clock.now() });
      return;
    }
    if (slots?.active?.revision !== revision && slots?.candidate?.revision !== revision) throw unknownModel(id);
    throw new SillError(
      'invalid_request',
      `Version ${shortRevision(revision)} of ${id} is the one that runs or is about to. Go to another version first, or remove the whole model.`,
      { details: { id, revision } },
    );
  };

  return {
    list,
    async summary(id, signal, report) {
      const made = await derived.list();
      const { models } = await weighted(signal, 'any', made.some((each) => each.id === id) ? undefined : id, report);
      const model = withDerived(models, made).find((candidate) => candidate.id === id);
      if (!model) throw unknownModel(id);
      return model;
    },
    async remove(id, revision) {
      if (revision !== undefined) {
        await removeRevision(id, revision);
        const { freedBytes } = await store.models.collectGarbage();
        hub.tell({ type: 'models' });
        return { freedBytes };
      }
      if (await derived.remove(id)) return { freedBytes: 0 };
      await installs.stop(id);
      sessions.unload(id);
      if (!(await store.models.remove(id, clock.now()))) throw unknownModel(id);
      await createKeptCases(store.settings).forget(id);
      const orphaned = await derived.madeFrom(id);
      const { freedBytes } = await store.models.collectGarbage();
      hub.tell({ type: 'downloads' });
      hub.tell({ type: 'models' });
      return { freedBytes, ...(orphaned.length > 0 ? { orphaned } : {}) };
    },
  };
}

async function offered(source: CatalogSource, entry: CatalogEntry, signal: AbortSignal): Promise<Known> {
  const manifest = await source.manifest(entry, signal);
  return {
    id: entry.id,
    revision: entry.revision,
    manifest,
    offered: true,
    ...(entry.source === undefined ? {} : { source: entry.source }),
  };
}

/** Chunks of an installed variant that are no longer here: evicted by the browser, or taken out as damaged. */
async function lostOf(store: Store, manifest: Manifest, variant: Variant): Promise<ModelSummary['lost']> {
  const chunks = chunksOf(manifest, variant);
  const missing = new Set(await store.chunks.missing(chunks.map(({ digest }) => digest)));
  if (missing.size === 0) return undefined;
  const sizeBytes = chunks.reduce((sum, chunk) => sum + (missing.has(chunk.digest) ? chunk.sizeBytes : 0), 0);
  return { chunks: missing.size, sizeBytes };
}

const loadedOf = ({ model, variant, fallback }: Session, size: number): NonNullable<ModelSummary['loaded']> => ({
  variant: variant.id,
  device: model.report.device,
  build: model.report.build,
  threads: model.report.threads,
  size,
  ...(fallback ? { fallback } : {}),
});

const unknownModel = (id: ModelId): SillError =>
  new SillError('unknown_model', `This device has no model "${id}" and the catalog offers none of that name.`, { details: { id } });
