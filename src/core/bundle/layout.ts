import canonicalize from 'canonicalize';
import * as v from 'valibot';
import {
  type Digest,
  isDigest,
  isModelId,
  isRevisionId,
  isVariantId,
  type ModelId,
  parseDigest,
  type RevisionId,
  type VariantId,
} from '../ids.ts';
import { invalidBundle } from './faults.ts';

/** Names of the OCI image specification 1.1 (image-layout.md, image-index.md, manifest.md), and ours in the vendor tree. */
const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  artifact: 'application/vnd.oci.image.manifest.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  /** The signed list of models: its layers are the files of a TUF repository. */
  catalog: 'application/vnd.sill.catalog.v1',
  tuf: 'application/vnd.sill.tuf.metadata.v1+json',
  /** One revision: its config is the manifest that is signed, its layers are chunks. */
  model: 'application/vnd.sill.model.v1',
  manifest: 'application/vnd.sill.model.manifest.v1+json',
  chunk: 'application/vnd.sill.model.chunk.v1',
} as const;

const TITLE = 'org.opencontainers.image.title';
const REF_NAME = 'org.opencontainers.image.ref.name';
const SILL = 'dev.sill';

export const LAYOUT_FILE = 'oci-layout';
export const LAYOUT_TEXT = '{"imageLayoutVersion":"1.0.0"}';
export const INDEX_FILE = 'index.json';
export const blobFile = (digest: Digest): string => `blobs/${digest.replace(':', '/')}`;

export const INDEX_CAP_BYTES = 1024 * 1024;
/** 65,536 chunks take about 12 MiB. */
export const DOCUMENT_CAP_BYTES = 32 * 1024 * 1024;
/** As large as a chunk of a manifest may be. */
export const CHUNK_CAP_BYTES = 64 * 1024 * 1024;
const MAX_MODELS = 256;
export const MAX_VOLUMES = 999;

/** A piece of content by its digest, as OCI's descriptors name it. */
export interface Blobref {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** Which part of a bundle a file is; one file alone is part 1 of 1. */
export interface VolumeMark {
  /** The same in all parts of one bundle. */
  readonly bundle: Digest;
  readonly number: number;
  readonly count: number;
}

/** The files of a TUF repository by name (`2.root.json`, `timestamp.json`), each with where it lies in the bundle. */
export interface CatalogDocument {
  readonly files: ReadonlyArray<Blobref & { readonly name: string }>;
}

export interface ModelDocument {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly variants: readonly VariantId[];
  readonly manifest: Blobref;
  /** Each once, in the order in which the files need them. */
  readonly chunks: readonly Blobref[];
}

export interface IndexDocument {
  readonly catalog: Blobref | undefined;
  readonly models: ReadonlyArray<Blobref>;
  readonly volume: VolumeMark;
}

/** The config of an artefact that has none: the specification's empty JSON object. */
export const EMPTY_TEXT = '{}';

export const EMPTY: Blobref = {
  digest: parseDigest('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'),
  sizeBytes: 2,
};

const size = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const digest = v.pipe(v.string(), v.guard(isDigest));
// Loose, as the specification asks of readers: what it adds later is passed over.
const descriptor = <const Type extends string>(mediaType: Type) =>
  v.looseObject({ mediaType: v.literal(mediaType), digest, size, annotations: v.optional(v.record(v.string(), v.string())) });
const document = <const Type extends string>(mediaType: Type) => ({ schemaVersion: v.literal(2), mediaType: v.literal(mediaType) });

const counted = v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number), v.minValue(1));
const IndexSchema = v.looseObject({
  ...document(MEDIA.index),
  manifests: v.pipe(v.array(v.looseObject({ ...descriptor(MEDIA.artifact).entries, artifactType: v.string() })), v.maxLength(MAX_MODELS)),
  annotations: v.looseObject({ [`${SILL}.bundle`]: digest, [`${SILL}.volume`]: counted, [`${SILL}.volumes`]: counted }),
});
const CatalogSchema = v.looseObject({
  ...document(MEDIA.artifact),
  artifactType: v.literal(MEDIA.catalog),
  config: descriptor(MEDIA.empty),
  layers: v.pipe(
    v.array(
      v.looseObject({
        ...descriptor(MEDIA.tuf).entries,
        annotations: v.looseObject({ [TITLE]: v.pipe(v.string(), v.regex(/^[\w.]{1,40}$/)) }),
      }),
    ),
    v.minLength(1),
    v.maxLength(512),
  ),
});
const ModelSchema = v.looseObject({
  ...document(MEDIA.artifact),
  artifactType: v.literal(MEDIA.model),
  config: descriptor(MEDIA.manifest),
  layers: v.pipe(v.array(descriptor(MEDIA.chunk)), v.minLength(1)),
  annotations: v.looseObject({
    [`${SILL}.id`]: v.pipe(v.string(), v.guard(isModelId)),
    [`${SILL}.revision`]: v.pipe(v.string(), v.guard(isRevisionId)),
    [`${SILL}.variants`]: v.pipe(
      v.string(),
      v.transform((text) => text.split(',')),
      v.array(v.pipe(v.string(), v.guard(isVariantId))),
    ),
  }),
});

const text = (data: object): string => canonicalize(data) ?? '';
const written = (mediaType: string, { digest: of, sizeBytes }: Blobref) => ({ mediaType, digest: of, size: sizeBytes });
const blobref = (of: { readonly digest: Digest; readonly size: number }): Blobref => ({ digest: of.digest, sizeBytes: of.size });

export const writeCatalogDocument = ({ files }: CatalogDocument): string =>
  text({
    schemaVersion: 2,
    mediaType: MEDIA.artifact,
    artifactType: MEDIA.catalog,
    config: written(MEDIA.empty, EMPTY),
    layers: files.map(({ name, ...file }) => ({ ...written(MEDIA.tuf, file), annotations: { [TITLE]: name } })),
  });

export const writeModelDocument = ({ id, revision, variants, manifest, chunks }: ModelDocument): string =>
  text({
    schemaVersion: 2,
    mediaType: MEDIA.artifact,
    artifactType: MEDIA.model,
    config: written(MEDIA.manifest, manifest),
    layers: chunks.map((chunk) => written(MEDIA.chunk, chunk)),
    annotations: { [`${SILL}.id`]: id, [`${SILL}.revision`]: revision, [`${SILL}.variants`]: variants.join(',') },
  });

export interface IndexContents {
  readonly catalog: Blobref;
  readonly models: ReadonlyArray<Blobref & Pick<ModelDocument, 'id' | 'revision'>>;
}

/** @param volume absent for the text whose digest names the bundle. Every other text of a bundle is as long as all its others. */
export function writeIndex({ catalog, models }: IndexContents, volume?: VolumeMark): string {
  const number = (value: number): string => String(value).padStart(3, '0');
  return text({
    schemaVersion: 2,
    mediaType: MEDIA.index,
    manifests: [
      { ...written(MEDIA.artifact, catalog), artifactType: MEDIA.catalog },
      ...models.map(({ id, revision, ...of }) => ({
        ...written(MEDIA.artifact, of),
        artifactType: MEDIA.model,
        annotations: { [REF_NAME]: `${id}:${revision.slice('sha256:'.length, 'sha256:'.length + 12)}` },
      })),
    ],
    ...(volume
      ? {
          annotations: {
            [`${SILL}.bundle`]: volume.bundle,
            [`${SILL}.volume`]: number(volume.number),
            [`${SILL}.volumes`]: number(volume.count),
          },
        }
      : {}),
  });
}

/** @throws SillError `invalid_bundle` with fault `not_a_bundle` | `inconsistent` */
export function parseIndex(json: string): IndexDocument {
  const { manifests, annotations } = read(IndexSchema, json, INDEX_FILE, 'not_a_bundle');
  const ofType = (type: string) => manifests.filter(({ artifactType }) => artifactType === type).map(blobref);
  const volume = { bundle: annotations[`${SILL}.bundle`], number: annotations[`${SILL}.volume`], count: annotations[`${SILL}.volumes`] };
  const catalogs = ofType(MEDIA.catalog);
  if (volume.number > volume.count || catalogs.length > 1) throw invalidBundle('inconsistent', { file: INDEX_FILE });
  return { catalog: catalogs[0], models: ofType(MEDIA.model), volume };
}

/** @throws SillError `invalid_bundle` with fault `inconsistent` */
export function parseCatalogDocument(json: string, file: string): CatalogDocument {
  const { layers } = read(CatalogSchema, json, file);
  return { files: layers.map((layer) => ({ ...blobref(layer), name: layer.annotations[TITLE] })) };
}

/** @throws SillError `invalid_bundle` with fault `inconsistent` */
export function parseModelDocument(json: string, file: string): ModelDocument {
  const { config, layers, annotations } = read(ModelSchema, json, file);
  return {
    id: annotations[`${SILL}.id`],
    revision: annotations[`${SILL}.revision`],
    variants: annotations[`${SILL}.variants`],
    manifest: blobref(config),
    chunks: layers.map(blobref),
  };
}

function read<S extends v.GenericSchema>(
  schema: S,
  json: string,
  file: string,
  fault: 'not_a_bundle' | 'inconsistent' = 'inconsistent',
): v.InferOutput<S> {
  try {
    return v.parse(schema, JSON.parse(json));
  } catch (cause) {
    const where = v.isValiError(cause) ? (v.getDotPath(cause.issues[0]) ?? '') : '';
    throw invalidBundle(fault, { file, ...(where ? { at: where } : {}) }, cause);
  }
}
