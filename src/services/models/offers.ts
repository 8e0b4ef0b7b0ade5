import type { Catalog, CatalogEntry } from '../../core/catalog.ts';
import { rankVariants } from '../../core/fit.ts';
import type { Refusal } from '../../core/gateReason.ts';
import type { Digest, ModelId, RevisionId, VariantId } from '../../core/ids.ts';
import { chunksOf, type Manifest, variantOf } from '../../core/manifest.ts';
import { diffRevisions, type RevisionDiff, type RevisionSide } from '../../core/revisionDiff.ts';
import type { InstalledRevision, Quarantined, Slots } from '../../core/slots.ts';
import { firstRevision, judgeUpdates, type UpdateVerdict } from '../../core/updates.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CatalogSource } from '../../ports/delivery.ts';
import type { Store } from '../../ports/store.ts';
import type { DeviceService } from '../device/device.ts';
import { fractionsOf, type Identity } from '../device/identity.ts';

export interface OffersDeps {
  readonly store: Store;
  readonly source: CatalogSource;
  readonly device: DeviceService;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly sillVersion: string;
}

export interface Question {
  readonly catalog: Catalog;
  readonly slots: Slots;
  readonly channel: 'stable' | 'beta';
  readonly askedByPerson: boolean;
}

export interface Offers {
  /** What an installed model may become; the manifest is that of the offer. @throws what the source throws for the offer's manifest */
  judge(question: Question, signal: AbortSignal): Promise<UpdateVerdict & { readonly manifest?: Manifest }>;
  /** What a device without the model begins with; all entries are of one model. */
  first(entries: readonly CatalogEntry[]): Promise<CatalogEntry | undefined>;
  quarantined(id: ModelId): Promise<Map<RevisionId, Refusal>>;
  /** The variant that an update of the installed one becomes: the same where there is one, otherwise what fits best. */
  variantFor(manifest: Manifest, active: InstalledRevision): Promise<VariantId | undefined>;
  /** From the active revision to another, with what is on the device taken into account. */
  diff(active: InstalledRevision, to: Manifest): Promise<{ readonly variant: VariantId; readonly diff: RevisionDiff } | undefined>;
  /** Between any two, with what is on the device taken into account. */
  compare(from: RevisionSide, to: RevisionSide): Promise<RevisionDiff>;
}

export function createOffers({ store, source, device, identity, clock, sillVersion }: OffersDeps): Offers {
  const refusals = async (): Promise<Array<[Quarantined, Refusal]>> =>
    (await store.models.quarantined()).map((each) => [each, { reason: each.reason, ...(each.why ? { why: each.why } : {}) }]);
  const quarantined = async (id: ModelId) =>
    new Map((await refusals()).filter(([{ modelId }]) => modelId === id).map(([{ revision }, refusal]) => [revision, refusal]));

  const variantFor = async (manifest: Manifest, active: InstalledRevision) =>
    manifest.variants.some((variant) => variant.id === active.variant)
      ? active.variant
      : rankVariants(manifest, await device.report())[0]?.variant;

  const compare: Offers['compare'] = async (from, to) => {
    const wanted = chunksOf(to.manifest, variantOf(to.manifest, to.variant)).map((chunk) => chunk.digest);
    const missing = new Set(await store.chunks.missing(wanted));
    return diffRevisions(from, to, new Set<Digest>(wanted.filter((digest) => !missing.has(digest))));
  };

  return {
    async first(entries) {
      const failed = new Map((await refusals()).map(([{ revision }, refusal]) => [revision, refusal]));
      return firstRevision({ entries, quarantined: failed, fractionOf: await fractionsOf(identity, entries), nowMs: clock.now() });
    },
    quarantined,
    variantFor,
    async judge({ catalog, slots, channel, askedByPerson }, signal) {
      const entries = catalog.models.filter((entry) => entry.id === slots.modelId);
      const licence = slots.active && (await store.models.manifest(slots.active.revision))?.licence.text;
      const known = new Map<RevisionId, { minimumRuntime: string; sameLicence: boolean }>();
      const question = {
        entries,
        slots,
        channel,
        askedByPerson,
        known,
        quarantined: await quarantined(slots.modelId),
        fractionOf: await fractionsOf(identity, entries),
        stale: catalog.freshness === 'stale',
        appVersion: sillVersion,
        nowMs: clock.now(),
      };
      let manifest: Manifest | undefined;
      while (true) {
        const verdict = judgeUpdates(question);
        const entry = verdict.offer?.entry;
        // What its manifest says may speak against the offer: then the next one is looked at.
        if (!entry || known.has(entry.revision)) return { ...verdict, ...(entry && manifest ? { manifest } : {}) };
        manifest = await source.manifest(entry, signal);
        known.set(entry.revision, {
          minimumRuntime: manifest.minimumRuntime,
          sameLicence: licence === undefined || licence === manifest.licence.text,
        });
      }
    },
    async diff(active, to) {
      const from = await store.models.manifest(active.revision);
      const variant = await variantFor(to, active);
      if (!from || variant === undefined) return undefined;
      return { variant, diff: await compare({ manifest: from, variant: active.variant }, { manifest: to, variant }) };
    },
    compare,
  };
}
