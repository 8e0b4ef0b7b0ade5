import * as v from 'valibot';
import { isModelId, isRevisionId, isVariantId, type ModelId } from '../../core/ids.ts';
import { FormScoresSchema, FormTrySchema, MatrixErrorSchema } from '../../core/madeForm.ts';
import type { SettingsStore } from '../../ports/store.ts';
import type { ImportRecord } from '../../protocol/importReports.ts';

const RECORDS_KEY = 'imported-models';
const MAX_RECORDS = 50;

const RefusedSchema = v.object({ variant: v.pipe(v.string(), v.guard(isVariantId)), scores: FormScoresSchema });

const RecordSchema = v.object({
  id: v.pipe(v.string(), v.guard(isModelId)),
  revision: v.pipe(v.string(), v.guard(isRevisionId)),
  variant: v.pipe(v.string(), v.guard(isVariantId)),
  recipe: v.string(),
  source: v.variant('kind', [
    v.object({ kind: v.literal('files'), files: v.array(v.object({ name: v.string(), sizeBytes: v.number() })) }),
    v.object({ kind: v.literal('url'), url: v.string() }),
  ]),
  sha256: v.array(v.string()),
  sourceBytes: v.number(),
  sizeBytes: v.number(),
  scores: FormScoresSchema,
  errors: v.array(MatrixErrorSchema),
  wider: v.optional(v.array(v.string())),
  evened: v.optional(v.boolean()),
  tries: v.optional(v.array(FormTrySchema)),
  /** One alone is how older versions wrote it. */
  refused: v.optional(
    v.union([
      v.array(RefusedSchema),
      v.pipe(
        RefusedSchema,
        v.transform((only) => [only]),
      ),
    ]),
  ),
  tookMs: v.number(),
  atMs: v.number(),
});

/** How what was imported here came to be. */
export interface ImportRecords {
  /** Newest first. */
  list(): Promise<ImportRecord[]>;
  /** Replaces the record of the same revision. */
  put(record: ImportRecord): Promise<void>;
  /** Drops those of models that are not here any more. */
  keepOnly(ids: ReadonlySet<ModelId>): Promise<void>;
}

export function createImportRecords(settings: SettingsStore): ImportRecords {
  const list = async (): Promise<ImportRecord[]> => {
    const stored = await settings.get(RECORDS_KEY);
    return (Array.isArray(stored) ? stored : []).flatMap((each: unknown) => {
      const parsed = v.safeParse(RecordSchema, each);
      return parsed.success ? [parsed.output] : [];
    });
  };
  return {
    list,
    async put(record) {
      const others = (await list()).filter(({ revision }) => revision !== record.revision);
      await settings.set(RECORDS_KEY, [record, ...others].slice(0, MAX_RECORDS));
    },
    async keepOnly(ids) {
      const all = await list();
      const kept = all.filter(({ id }) => ids.has(id));
      if (kept.length < all.length) await settings.set(RECORDS_KEY, kept);
    },
  };
}
