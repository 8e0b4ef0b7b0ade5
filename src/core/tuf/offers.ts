import * as v from 'valibot';
import { type CatalogEntry, CatalogEntrySchema } from '../catalog.ts';
import type { TargetFile, TargetsData } from './metadata.ts';

const MANIFEST_NAME = 'manifest.json';

const { publishedAtMs: _, ...signedEntries } = CatalogEntrySchema.entries;

/** What a publisher signs about one revision: `custom.sill` of its target. Times are written as text there. */
const OfferSchema = v.pipe(
  v.object({
    ...signedEntries,
    publishedAt: v.pipe(
      v.string(),
      v.isoTimestamp(),
      v.check((text) => Date.parse(text) >= 0, 'expected a time'),
    ),
  }),
  v.transform(({ publishedAt, ...offer }): CatalogEntry => ({ ...offer, publishedAtMs: Date.parse(publishedAt) })),
);
const CustomSchema = v.object({ sill: OfferSchema });

/** As it is written, before `OfferSchema` has looked at it. */
export type OfferData = v.InferInput<typeof OfferSchema>;

/** @throws ValiError for an offer that a device would pass over. */
export const checkOffer = (data: OfferData): CatalogEntry => v.parse(OfferSchema, data);

/** The name under which the manifest of an entry is signed. */
export const targetName = (entry: Pick<CatalogEntry, 'path'>): string => `${entry.path}/${MANIFEST_NAME}`;

/** Where a target lies below `targets/`: named by its content, so that a server may keep two versions side by side. */
export function targetPath(name: string, target: TargetFile): string {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  return `${folder}${target.hashes.sha256}.${name.slice(folder.length)}`;
}

/**
 * What signed targets offer, the newest of each model first and withdrawn revisions last. Targets that are no manifests of Sill, or
 * are described in a way that only a later version understands, are passed over.
 */
export function offersOf(targets: TargetsData): CatalogEntry[] {
  const offers = Object.entries(targets.targets).flatMap(([name, { custom }]) => {
    const parsed = v.safeParse(CustomSchema, custom);
    return parsed.success && targetName(parsed.output.sill) === name ? [parsed.output.sill] : [];
  });
  return offers.sort(byNewest);
}

function byNewest(a: CatalogEntry, b: CatalogEntry): number {
  if ((a.withdrawn === undefined) !== (b.withdrawn === undefined)) return a.withdrawn === undefined ? -1 : 1;
  return (b.publishedAtMs ?? 0) - (a.publishedAtMs ?? 0) || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.revision < b.revision ? -1 : 1);
}
