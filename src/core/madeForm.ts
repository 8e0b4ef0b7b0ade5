import * as v from 'valibot';
import type { Derived } from './derived.ts';
import { type Digest, isDigest, type RevisionId, type VariantId } from './ids.ts';
import type { FormScores } from './importGate.ts';
import { type MakingFile, type MatrixError, RECIPE } from './making.ts';
import type { Manifest, Variant } from './manifest.ts';
import { type FormTry, recipeOf } from './widening.ts';

/** A form that was made on this device of what was delivered: what it is stored as, and how it came out. */
export interface MadeForm {
  readonly files: readonly MakingFile[];
  readonly scores: FormScores;
  readonly errors: readonly MatrixError[];
  /** Names of the matrices that are kept in a higher form: it can be made again in the same way. */
  readonly wider?: readonly string[] | undefined;
  /** By what its channels are divided, in Base64; absent where they are left as they are. */
  readonly evened?: string | undefined;
  /** How it scored before they were. */
  readonly tries?: readonly FormTry[] | undefined;
  /** SHA-256 of each file that was delivered, in hexadecimal. Older records do not say. */
  readonly sha256?: readonly string[] | undefined;
}

/** What is left of the record of a form whose chunks are given up: how it is made, so that the same comes of it again. */
export const withoutChunks = (about: Derived): Derived => ({ ...about, chunks: [], sizeBytes: 0 });

const size = v.pipe(v.number(), v.integer(), v.minValue(1));
/** What overflows scores no number. */
export const FormScoresSchema = v.object({ reference: v.number(), measured: v.union([v.number(), v.nan()]), bound: v.number() });
export const MatrixErrorSchema = v.object({ name: v.string(), error: v.number(), sizeBytes: v.optional(v.number()) });
export const FormTrySchema = v.object({
  wider: v.array(v.string()),
  measured: v.union([v.number(), v.nan()]),
  evened: v.optional(v.boolean()),
});
const MadeFormSchema = v.object({
  files: v.array(
    v.object({
      path: v.string(),
      sizeBytes: size,
      chunks: v.array(v.object({ digest: v.pipe(v.string(), v.guard(isDigest)), sizeBytes: size })),
    }),
  ),
  scores: FormScoresSchema,
  errors: v.array(MatrixErrorSchema),
  wider: v.optional(v.array(v.string())),
  evened: v.optional(v.pipe(v.string(), v.base64())),
  tries: v.optional(v.array(FormTrySchema)),
  sha256: v.optional(v.array(v.string())),
});

const FORM = 'form ';

/** The same as long as the same comes of it. */
export const formKey = (revision: RevisionId, variant: VariantId): string => `${FORM}${RECIPE} ${revision} ${variant}`;

/** A form that an earlier version of the app has made in another way: nothing asks for it any more. */
export const isOutdatedForm = ({ key }: Pick<Derived, 'key'>): boolean => key.startsWith(FORM) && !key.startsWith(`${FORM}${RECIPE} `);

/** The record that makes a form part of an installed revision. @param result digest of `text` */
export const derivedForm = (
  key: string,
  source: RevisionId,
  form: MadeForm,
  { result, atMs, tookMs }: { readonly result: Digest; readonly atMs: number; readonly tookMs?: number },
): Derived => ({
  ...{ key, recipe: recipeOf(RECIPE, form.wider, form.evened !== undefined), source, result, usedAtMs: atMs },
  ...(tookMs === undefined ? {} : { tookMs }),
  sizeBytes: form.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  chunks: form.files.flatMap(({ chunks }) => chunks.map(({ digest }) => digest)),
});

/** Undefined for what another version of the app has written. */
export function parseMadeForm(text: string): MadeForm | undefined {
  try {
    const parsed = v.safeParse(MadeFormSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** The same model, with the files that were made in place of those that were delivered: what a runtime loads. */
export function withMadeFiles(manifest: Manifest, { madeFrom: _madeFrom, ...variant }: Variant, { files }: Pick<MadeForm, 'files'>) {
  const made = { ...variant, files: files.map(({ path }) => path) };
  const own: Manifest = {
    ...manifest,
    files: files.map(({ path, sizeBytes, chunks }) => ({ path, sizeBytes, chunks: chunks.map((chunk) => ({ ...chunk })) })),
    variants: [made],
  };
  return { manifest: own, variant: made };
}
