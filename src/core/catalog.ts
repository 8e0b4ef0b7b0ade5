import * as v from 'valibot';
import { type ErrorData, SillError } from './errors.ts';
import { isModelId, isRevisionId, type ModelId, type RevisionId } from './ids.ts';
import { isPlainPath } from './manifest.ts';
import { RolloutSchema } from './rollout.ts';

export const CATALOG_SCHEMA = 1;

export const CatalogEntrySchema = v.strictObject({
  id: v.pipe(
    v.string(),
    v.check(isModelId, 'expected a model id'),
    v.transform((s) => s as ModelId),
  ),
  revision: v.pipe(
    v.string(),
    v.check(isRevisionId, 'expected a revision'),
    v.transform((s) => s as RevisionId),
  ),
  channel: v.picklist(['stable', 'beta']),
  /** Folder of this revision, relative to the catalog: its manifest.json and its files lie there. */
  path: v.pipe(v.string(), v.check(isPlainPath, 'expected a plain relative folder')),
  publishedAtMs: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Words of the publisher about this revision. */
  notes: v.exactOptional(v.pipe(v.string(), v.maxLength(10_000))),
  /** Goes to everybody at once, whatever the phases of its rollout. */
  critical: v.exactOptional(v.boolean()),
  /** Never offered again; where it is installed, people are warned. */
  withdrawn: v.exactOptional(v.strictObject({ reason: v.pipe(v.string(), v.maxLength(2000)) })),
  rollout: v.exactOptional(RolloutSchema),
});

const CatalogSchema = v.strictObject({
  schema: v.literal(CATALOG_SCHEMA),
  models: v.pipe(v.array(CatalogEntrySchema), v.maxLength(10_000)),
});

export interface CatalogEntry extends v.InferOutput<typeof CatalogEntrySchema> {
  /** Address of the source that offers it, where that is not the site's own catalog. Said by this device, never by a catalog. */
  readonly source?: string;
}

/** What a source offers: any number of revisions of each model. */
export interface Catalog extends v.InferOutput<typeof CatalogSchema> {
  readonly models: CatalogEntry[];
  /** Of a signed source. `stale`: its signatures have expired, so that nothing new is accepted; installed models keep running. */
  readonly freshness?: 'fresh' | 'stale';
  /** When the signatures expire, or did. */
  readonly expiresAtMs?: number;
  /** The last time that the source was asked and everything was in order. */
  readonly checkedAtMs?: number;
  /** Why what is listed is only what was known before. */
  readonly refreshError?: ErrorData;
}

/** @throws SillError `invalid_catalog`, with the path of the first fault. */
export function parseCatalog(data: unknown): Catalog {
  const result = v.safeParse(CatalogSchema, data);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new SillError(
    'invalid_catalog',
    `The list of models is not one that this version of Sill can read: ${issue.message} (at ${v.getDotPath(issue) ?? 'the top level'}). ` +
      'Installed models keep working. Ask the operator of this site to publish the catalog again.',
  );
}
