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

/** What pages saw installed, since everything was erased last. */
export interface InstalledNote {
  readonly era: string;
  readonly models: readonly LostModel[];
}

const NoteSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.object({ era: v.string(), models: v.array(LostModelSchema) }),
    // As it was written before there were eras.
    v.pipe(
      v.array(LostModelSchema),
      v.transform((models) => ({ era: '', models })),
    ),
  ]),
);

/** What a page wrote down; nothing where it wrote nothing, or something else has. */
export function parseNote(text: unknown): InstalledNote {
  const parsed = v.safeParse(NoteSchema, text);
  return parsed.success ? parsed.output : { era: '', models: [] };
}
