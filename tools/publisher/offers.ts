import { TargetFile, type Targets } from '@tufjs/models';
import * as v from 'valibot';
import { type CatalogEntry, CatalogEntrySchema } from '../../src/core/catalog.ts';
import { checkOffer, type OfferData, targetName } from '../../src/core/tuf/offers.ts';
import { sha256 } from '../digests.ts';
import { PublisherError } from './publisherError.ts';

/** A target that offers one revision: its manifest, and what is said about it. */
export function offerTarget(offer: OfferData, manifest: Uint8Array): TargetFile {
  return withOffer(
    { length: manifest.length, path: targetName(offer), hashes: { sha256: sha256(manifest).slice('sha256:'.length) } },
    offer,
  );
}

/** @throws PublisherError `usage` for what devices would not understand */
export function withOffer(target: Pick<TargetFile, 'length' | 'path' | 'hashes'>, offer: OfferData): TargetFile {
  // Absent options would have no canonical form.
  const plain: OfferData = JSON.parse(JSON.stringify(offer));
  try {
    checkOffer(plain);
  } catch (cause) {
    const words = v.isValiError(cause) ? `${cause.message} (at ${v.getDotPath(cause.issues[0]) ?? 'the top level'})` : String(cause);
    throw new PublisherError('usage', `That cannot be published: ${words}.`, cause);
  }
  const { length, path, hashes } = target;
  return new TargetFile({ length, path, hashes, unrecognizedFields: { custom: JSON.parse(JSON.stringify({ sill: plain })) } });
}

export interface Offered {
  readonly target: TargetFile;
  readonly entry: CatalogEntry;
  readonly data: OfferData;
}

/** Everything that the targets offer, in their order. */
export function offered(targets: Targets): Offered[] {
  return Object.values(targets.targets).flatMap((target) => {
    const data = target.custom.sill;
    const entry = entryOf(data);
    return entry ? [{ target, ...entry }] : [];
  });
}

function entryOf(data: unknown): Omit<Offered, 'target'> | undefined {
  const parsed = v.safeParse(OfferDataSchema, data);
  return parsed.success ? { data: parsed.output, entry: checkOffer(parsed.output) } : undefined;
}

const { publishedAtMs: _, ...entries } = CatalogEntrySchema.entries;
const OfferDataSchema = v.object({ ...entries, publishedAt: v.string() });

/**
 * The one revision that is meant: by the beginning of its digest, or the newest of the model.
 * @throws PublisherError `usage` for none, or for several
 */
export function findOffer(targets: Targets, id: string, revision: string | undefined): Offered {
  const wanted = revision?.replace(/^sha256:/, '');
  const ofModel = offered(targets).filter(({ entry }) => entry.id === id);
  const found = ofModel.filter(({ entry }) => wanted === undefined || entry.revision.startsWith(`sha256:${wanted}`));
  const [newest, second] = found.sort((a, b) => (b.entry.publishedAtMs ?? 0) - (a.entry.publishedAtMs ?? 0));
  if (!newest) {
    const known = ofModel.map(({ entry }) => entry.revision.slice('sha256:'.length, 'sha256:'.length + 12));
    throw new PublisherError(
      'usage',
      `${id} has no ${wanted ? `revision ${wanted}` : 'revision'} here. It has: ${known.join(', ') || 'none'}.`,
    );
  }
  if (second && wanted !== undefined) throw new PublisherError('usage', `"${wanted}" is the beginning of several revisions of ${id}.`);
  return newest;
}
