import { SillError } from './errors.ts';
import type { HubDescription } from './hubModel.ts';
import type { FoundInFile, Making } from './making.ts';
import { MANIFEST_SCHEMA, type Manifest, parseManifest } from './manifest.ts';
import type { SinkQuestion } from './sinkSearch.ts';

/** Where an imported model comes from, as far as it can be remembered. */
export type ImportSource =
  | { readonly kind: 'files'; readonly files: ReadonlyArray<{ readonly name: string; readonly sizeBytes: number }> }
  /** On the page's own origin. */
  | { readonly kind: 'url'; readonly url: string };

/** A model that a person brings, until it is made. */
export interface Importing {
  readonly source: ImportSource;
  /** With the variant that is made, and the one that it is held against. */
  readonly description: HubDescription;
  /** What is to be measured of its 8-bit form. */
  readonly sinkQuestion?: SinkQuestion;
  /** Of the bytes of the file, so that it is known again without reading all of it. */
  readonly fingerprint: string;
}

/** Ids with this prefix are of models that somebody brought as a file: no catalog may claim them. */
const BROUGHT_PREFIX = 'file:';

export const isBrought = (id: string): boolean => id.startsWith(BROUGHT_PREFIX);

const MAX_NAME = 80;

/** A name that can be part of an id, from what a file is called. */
export function importName(fileName: string): string {
  const plain = fileName
    .replace(/^.*[/\\]/, '')
    .replace(/\.gguf$/i, '')
    .replace(/-\d{5}-of-\d{5}$/, '')
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, MAX_NAME);
  return plain || 'model';
}

/** What a file at an address is called. */
export function fileNameAt(url: string): string {
  const last = url.replace(/[?#].*$/, '').replace(/^.*\//, '');
  try {
    return decodeURIComponent(last);
  } catch {
    // A "%" that stands for itself, as browsers leave it.
    return last;
  }
}

export const importId = (name: string): string => BROUGHT_PREFIX + importName(name);

/** As the file says: its id, and its own name where it has one. */
export const licenceIn = ({ licence, licenceName }: FoundInFile): string | undefined =>
  licence && licenceName && licence !== licenceName ? `${licence} (${licenceName})` : (licence ?? licenceName);

interface Described {
  readonly id: string;
  readonly fileName: string;
  readonly minimumRuntime: string;
}

/** What can be said of a brought model before it is made. */
export function describeImport(found: FoundInFile, { id, fileName, minimumRuntime }: Described): HubDescription {
  const { name, licenceLink, parameters, contextLength, generation, chatTemplate, sinkTokens, forms } = found;
  const licence = licenceIn(found);
  return {
    id,
    name: (name ?? importName(fileName)).slice(0, 120),
    description: `Imported on this device from ${fileName.slice(0, 200)}. Nobody signed it.`,
    task: 'text-generation',
    languages: [],
    licence: {
      spdx: (found.licence ?? 'unknown').slice(0, 64),
      text: licence
        ? `The file names its licence as "${licence.slice(0, 200)}" and carries no text of it.${licenceLink ? ` Read it at ${licenceLink.slice(0, 500)}` : ''}`
        : 'The file does not say under which licence it may be used. Ask where you got it from before you use it for more than a look.',
    },
    parameters,
    contextLength,
    generation,
    ...(chatTemplate ? { chatTemplate } : {}),
    ...(sinkTokens.length > 0 ? { sinkTokens } : {}),
    variants: forms.map(({ variant }) => variant),
    minimumRuntime,
    provenance: { source: `file: ${fileName.slice(0, 400)}` },
  };
}

/**
 * The manifest of what was made.
 * @param more what is known only now: where it came from, and how it scored
 * @throws SillError `invalid_manifest`
 */
export function manifestOfImport(
  { description }: Pick<Importing, 'description'>,
  { files, needs }: Making,
  variantId: string,
  more: Pick<HubDescription, 'provenance' | 'referenceScores' | 'sinkTokens'>,
): Manifest {
  const variants = description.variants
    .filter(({ id }) => id === variantId)
    .map((variant) => ({ ...variant, ...(needs && variant.dtype !== 'q8' ? { needs } : {}) }));
  const wanted = new Set(variants.flatMap((variant) => variant.files));
  return parseManifest({
    ...description,
    ...more,
    variants,
    schema: MANIFEST_SCHEMA,
    files: files
      .filter(({ path }) => wanted.has(path))
      .map(({ path, sizeBytes, chunks }) => ({ path, sizeBytes, chunks: chunks.map((chunk) => ({ ...chunk })) })),
  });
}

/** Of a manifest, which has no room for those of many parts. */
const MAX_INTEGRITY = 500;

/** What a manifest says of the files that a model was made of: whole digests, and of how many more it does not tell. */
export function integrityOf(digests: readonly string[]): string {
  const all = digests.join(' ');
  if (all.length <= MAX_INTEGRITY) return all;
  const words = (told: number): string => `${digests.slice(0, told).join(' ')} and ${digests.length - told} more`;
  let told = digests.length;
  while (told > 0 && words(told).length > MAX_INTEGRITY) told--;
  return words(told);
}

/** @param source absent where whoever reads does not know it: then the file was chosen */
export const unreadable = (cause: unknown, source?: ImportSource): SillError =>
  source?.kind === 'url'
    ? new SillError(
        'invalid_request',
        `What was fetched from ${source.url} cannot be read any more, or is another file now than the one whose import was begun. Go on with the import to ` +
          'fetch it again; if another file lies there now, cancel the import and begin it anew.',
        { details: { reason: 'unreadable', url: source.url }, cause },
      )
    : new SillError(
        'invalid_request',
        'The file cannot be read any more: it was changed, moved or taken away since it was chosen. Choose it again; what was made of it is kept.',
        { details: { reason: 'unreadable' }, cause },
      );
