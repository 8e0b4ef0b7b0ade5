import type { Catalog, CatalogEntry } from '../../core/catalog.ts';
import { type ErrorData, SillError, toSillError } from '../../core/errors.ts';
import { type ModelId, type RevisionId, shortRevision } from '../../core/ids.ts';
import { type Manifest, variantBytes, variantOf } from '../../core/manifest.ts';
import type { RevisionDiff, RevisionSide } from '../../core/revisionDiff.ts';
import type { Slots } from '../../core/slots.ts';
import { newestFirst, type UpdateVerdict } from '../../core/updates.ts';
import type { CatalogSource } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { VersionSummary, VersionsReport } from '../../protocol/updateReports.ts';
import type { Offers } from '../models/offers.ts';
import type { Updates } from './updates.ts';

export interface VersionsDeps {
  readonly store: Store;
  readonly source: CatalogSource;
  readonly offers: Offers;
  readonly updates: Pick<Updates, 'policy'>;
}

/** Manifests that are fetched to show what would change: of the newest only, since a model may have years of them. */
const COMPARED = 8;
const ROLES = ['active', 'previous', 'candidate'] as const;

/**
 * A model's versions, on the device and in the catalog, and its story. Without a network: those on the device, and why.
 * @throws SillError `model_not_installed` when this device has neither the model nor a story of it
 */
export async function versionsOf(deps: VersionsDeps, id: ModelId, signal: AbortSignal): Promise<VersionsReport> {
  const { store, offers, updates } = deps;
  const [slots, history, quarantined, { channel }] = await Promise.all([
    store.models.slots(id),
    store.models.history(id),
    offers.quarantined(id),
    updates.policy(),
  ]);
  if (!slots && history.length === 0) {
    throw new SillError('model_not_installed', `${id} is not installed on this device, and never was.`, { details: { id } });
  }
  const { catalog, catalogError } = await catalogOf(deps.source, signal);
  const entries = newestFirst(catalog?.models.filter((entry) => entry.id === id) ?? []);
  let verdict: UpdateVerdict = { withheld: [], withdrawn: [] };
  if (catalog && slots?.active) {
    // A manifest that cannot be fetched leaves the offer open; the versions themselves are known.
    verdict = await offers.judge({ catalog, slots, channel, askedByPerson: false }, signal).catch(() => verdict);
  }
  const order = new Set<RevisionId>(entries.map((entry) => entry.revision));
  for (const role of ROLES) if (slots?.[role]) order.add(slots[role].revision);
  const versions = await Promise.all(
    [...order].map(async (revision, index): Promise<VersionSummary> => {
      const entry = entries.find((each) => each.revision === revision);
      const held = await store.models.manifest(revision);
      const fetched = !held && entry && index < COMPARED ? await deps.source.manifest(entry, signal).catch(() => undefined) : undefined;
      const failure = quarantined.get(revision);
      const why = verdict.withheld.find((each) => each.entry.revision === revision)?.why;
      return {
        revision,
        published: entry !== undefined,
        offered: verdict.offer?.entry.revision === revision,
        comparable: held !== undefined || entry !== undefined,
        ...heldAs(slots, revision, held),
        ...(entry ? publishedAs(entry) : {}),
        ...(failure === undefined ? {} : { quarantined: failure }),
        ...(why ? { withheld: why } : {}),
        ...(await comparison(deps, slots, revision, held ?? fetched)),
      };
    }),
  );
  return { id, versions, history, ...(slots?.pinned ? { pinned: slots.pinned } : {}), ...(catalogError ? { catalogError } : {}) };
}

async function catalogOf(source: CatalogSource, signal: AbortSignal): Promise<{ catalog?: Catalog; catalogError?: ErrorData }> {
  try {
    const catalog = await source.catalog(signal);
    return { catalog, ...(catalog.refreshError ? { catalogError: catalog.refreshError } : {}) };
  } catch (reason) {
    signal.throwIfAborted();
    return { catalogError: toSillError(reason).toData() };
  }
}

function heldAs(slots: Slots | undefined, revision: RevisionId, manifest: Manifest | undefined): Partial<VersionSummary> {
  const role = ROLES.find((each) => slots?.[each]?.revision === revision);
  const held = role && slots?.[role];
  if (!held) return {};
  const sizeBytes = manifest && variantBytes(manifest, variantOf(manifest, held.variant));
  return { role, variant: held.variant, installedAtMs: held.installedAtMs, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
}

function publishedAs({ channel, publishedAtMs, notes, critical, withdrawn }: CatalogEntry): Partial<VersionSummary> {
  return {
    channel,
    ...(publishedAtMs === undefined ? {} : { publishedAtMs }),
    ...(notes === undefined ? {} : { notes }),
    ...(critical === undefined ? {} : { critical }),
    ...(withdrawn === undefined ? {} : { withdrawn: withdrawn.reason }),
  };
}

async function comparison(
  { offers }: VersionsDeps,
  slots: Slots | undefined,
  revision: RevisionId,
  manifest: Manifest | undefined,
): Promise<Partial<VersionSummary>> {
  if (!slots?.active || !manifest || slots.active.revision === revision) return {};
  const way = await offers.diff(slots.active, manifest);
  return way ? { diff: way.diff, sizeBytes: way.diff.toBytes } : {};
}

/**
 * What lies between two revisions of a model, whichever of them is on the device, and what would be downloaded for the second.
 * @throws SillError `model_not_installed` | `unknown_model` for one that is neither here nor in the catalog | what the source throws
 */
export async function diffOf(
  { store, source, offers }: VersionsDeps,
  id: ModelId,
  revisions: { readonly from: RevisionId; readonly to: RevisionId },
  signal: AbortSignal,
): Promise<RevisionDiff> {
  const slots = await store.models.slots(id);
  const active = slots?.active;
  if (!active) throw new SillError('model_not_installed', `${id} is not installed on this device.`, { details: { id } });
  const known = await source.known();
  const sideOf = async (revision: RevisionId): Promise<RevisionSide> => {
    const held = ROLES.map((role) => slots[role]).find((each) => each?.revision === revision);
    const entry = known?.models.find((each) => each.id === id && each.revision === revision);
    const manifest = (await store.models.manifest(revision)) ?? (entry && (await source.manifest(entry, signal)));
    const variant = manifest && (held?.variant ?? (await offers.variantFor(manifest, active)));
    if (manifest && variant !== undefined) return { manifest, variant };
    throw new SillError('unknown_model', `Version ${shortRevision(revision)} of ${id} is neither on this device nor in the catalog.`, {
      details: { id, revision },
    });
  };
  return offers.compare(await sideOf(revisions.from), await sideOf(revisions.to));
}
