import { SillError } from './errors.ts';

/** A field that nothing has. Not a unique symbol: declaration files, as those of the SDK, could not name it. */
type Branded<Name extends string> = string & { readonly ' brand': Name };

/** `sha256:` and 64 lower-case hexadecimal digits, as in the OCI image specification. */
export type Digest = Branded<'Digest'>;
/** The digest of a canonical manifest: one immutable version of a model. */
export type RevisionId = Branded<'RevisionId'>;
/** `name`, `owner/name` or `source:owner/name`. */
export type ModelId = Branded<'ModelId'>;
/** One dtype on one device, named in the manifest, as `int8-wasm`. */
export type VariantId = Branded<'VariantId'>;

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MODEL_ID = /^(?:[a-z][a-z0-9]*:)?[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)?$/;
const VARIANT_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

const MAX_MODEL_ID_LENGTH = 200;

export const isDigest = (text: string): text is Digest => DIGEST.test(text);
export const isRevisionId = (text: string): text is RevisionId => DIGEST.test(text);
export const isModelId = (text: string): text is ModelId =>
  text.length <= MAX_MODEL_ID_LENGTH && MODEL_ID.test(text) && !text.includes('..');
export const isVariantId = (text: string): text is VariantId => VARIANT_ID.test(text);

/** @throws SillError `invalid_request` for text that is no digest. */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw refused('digest', text, 'sha256: and 64 hexadecimal digits');
  return text;
}

/** @throws SillError `invalid_request` for text that is no revision. */
export function parseRevisionId(text: string): RevisionId {
  if (!isRevisionId(text)) throw refused('revision', text, 'sha256: and 64 hexadecimal digits');
  return text;
}

/** @throws SillError `invalid_request` for text that cannot name a model. */
export function parseModelId(text: string): ModelId {
  if (!isModelId(text)) throw refused('model id', text, 'a name such as stories15m or owner/name');
  return text;
}

/** @throws SillError `invalid_request` for text that cannot name a variant. */
export function parseVariantId(text: string): VariantId {
  if (!isVariantId(text)) throw refused('variant', text, 'a name such as int8-wasm');
  return text;
}

/** The hexadecimal part, for file names and URLs. */
export const hexOf = (digest: Digest | RevisionId): string => digest.slice('sha256:'.length);

/** The first 12 digits of a revision or another digest, also of one that was stored as text: what people see and compare. */
export const shortRevision = (revision: string): string => revision.replace(/^sha256:/, '').slice(0, 12);

function refused(what: string, text: string, expected: string): SillError {
  return new SillError('invalid_request', `"${text.slice(0, 80)}" is not a ${what}: expected ${expected}.`);
}
