import type { Catalog } from '../core/catalog.ts';
import { rankVariants } from '../core/fit.ts';
import type { Digest, ModelId, RevisionId, VariantId } from '../core/ids.ts';
import { chunksOf, type Manifest, variantOf } from '../core/manifest.ts';
import { diffRevisions, type RevisionDiff } from '../core/revisionDiff.ts';
import type { Rollout } from '../core/rollout.ts';
import type { InstalledRevision, Slots } from '../core/slots.ts';
import { judgeUpdates, type UpdateVerdict } from '../core/updates.ts';
import type { Clock } from '../ports/clock.ts';
import type { CatalogSource } from '../ports/delivery.ts';
import type { Store } from '../ports/store.ts';
import type { DeviceService } from './device.ts';
import type { Identity } from './identity.ts';

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
  quarantined(id: ModelId): Promise<Map<RevisionId, string>>;
  /** The variant that an update of the installed one becomes: the same where there is one, otherwise what fits best. */
  variantFor(manifest: Manifest, active: InstalledRevision): Promise<VariantId | undefined>;
  /** From the active revision to another, with what is on the device taken into account. */
  diff(active: InstalledRevision, to: Manifest): Promise<{ readonly variant: VariantId; readonly diff: RevisionDiff } | undefined>;
}

export function createOffers({ store, source, device, identity, clock, sillVersion }: OffersDeps): Offers {
  const quarantined = async (id: ModelId) =>
    new Map((await store.models.quarantined()).filter((each) => each.modelId === id).map(({ revision, reason }) => [revision, reason]));

  const variantFor = async (manifest: Manifest, active: InstalledRevision) =>
    manifest.variants.some((variant) => variant.id === active.variant)
      ? active.variant
      : rankVariants(manifest, await device.report())[0]?.variant;

  return {
    quarantined,
    variantFor,
    async judge({ catalog, slots, channel, askedByPerson }, signal) {
      const entries = catalog.models.filter((entry) => entry.id === slots.modelId);
      const fractions = new Map<string, number>();
      for (const { rollout } of entries) if (rollout) fractions.set(rollout.id, await identity.fraction(rollout.id));
      const licence = slots.active && (await store.models.manifest(slots.active.revision))?.licence.text;
      const known = new Map<RevisionId, { minimumRuntime: string; sameLicence: boolean }>();
      const question = {
        entries,
        slots,
        channel,
        askedByPerson,
        known,
        quarantined: await quarantined(slots.modelId),
        fractionOf: ({ id }: Rollout) => fractions.get(id) ?? 1,
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
      const wanted = chunksOf(to, variantOf(to, variant)).map((chunk) => chunk.digest);
      const missing = new Set(await store.chunks.missing(wanted));
      const stored = new Set<Digest>(wanted.filter((digest) => !missing.has(digest)));
      return { variant, diff: diffRevisions({ manifest: from, variant: active.variant }, { manifest: to, variant }, stored) };
    },
  };
}
