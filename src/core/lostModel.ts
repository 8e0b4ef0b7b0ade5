import * as v from 'valibot';
import { isModelId, isVariantId, type ModelId, type VariantId } from './ids.ts';

export const LostModelSchema = v.object({
  id: v.pipe(
    v.string(),
    v.check(isModelId, 'is not a model id'),
    v.transform((text) => text as ModelId),
  ),
  name: v.string(),
  variant: v.pipe(
    v.string(),
    v.check(isVariantId, 'is not a variant'),
    v.transform((text) => text as VariantId),
  ),
  sizeBytes: v.number(),
});

/** A model that was seen installed, remembered in case it vanishes with the database. */
export interface LostModel extends Readonly<v.InferOutput<typeof LostModelSchema>> {}

const NoteSchema = v.pipe(v.string(), v.parseJson(), v.array(LostModelSchema));

/** What a page wrote down; nothing where it wrote nothing, or something else has. */
export function parseLostModels(text: unknown): readonly LostModel[] {
  const parsed = v.safeParse(NoteSchema, text);
  return parsed.success ? parsed.output : [];
}
