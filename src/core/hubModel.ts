import * as v from 'valibot';
import { SillError } from './errors.ts';
import { MANIFEST_SCHEMA, type Manifest, type ManifestChunk, type ManifestData, type ManifestFile, parseManifest } from './manifest.ts';
import { type FolderFile, graphOf, variantsOfFolder } from './modelFolder.ts';
import { POOLING_FILE } from './pooling.ts';
import { positionsOf } from './positions.ts';
import { firstUseId } from './sources.ts';
import { filesNeeded, graphsOf, TASKS, type Task, taskNamed, taskOfArchitecture, whyNot } from './tasks.ts';

/** A file as its server describes it, before any byte of it was seen. */
export interface HubFile extends FolderFile {
  /** Of the whole file, in hexadecimal, where the server knows it. */
  readonly sha256?: string;
}

/** What a server tells of one commit of a repository. */
export interface HubListing {
  readonly commit: string;
  readonly files: readonly HubFile[];
  /** The task as the server calls it, as `feature-extraction`. */
  readonly pipeline?: string;
  readonly licence?: string;
  readonly languages?: readonly string[];
  readonly parameters?: number;
}

export interface HubModel extends HubListing {
  readonly repository: string;
  /** Where a person can read about it. */
  readonly pageUrl: string;
  /** Contents of `config.json`, `generation_config.json` and the licence's file. */
  readonly config: unknown;
  readonly generation: unknown;
  readonly licenceText?: string;
  /** What a person says that it is for, before what its server and its configuration say. */
  readonly task?: Task;
  /** This app's version: what reads the files now may be what it takes. */
  readonly minimumRuntime: string;
}

/** The manifest without its files: their chunks are known once their bytes are. */
export type HubDescription = Omit<ManifestData, 'schema' | 'files'>;

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const ConfigSchema = v.looseObject({
  model_type: v.fallback(v.optional(v.string()), undefined),
  architectures: v.fallback(v.optional(v.array(v.string()), []), []),
  max_position_embeddings: v.fallback(v.optional(count), undefined),
  max_target_positions: v.fallback(v.optional(count), undefined),
  pad_token_id: v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined),
  hidden_size: v.fallback(v.optional(count), undefined),
  id2label: v.fallback(v.optional(v.record(v.string(), v.string()), {}), {}),
});
const id = v.pipe(v.number(), v.integer(), v.minValue(0));
const GenerationSchema = v.looseObject({
  bos_token_id: v.fallback(v.optional(id), undefined),
  eos_token_id: v.fallback(v.optional(v.union([id, v.array(id)])), undefined),
});

/** What loads beside the weights; other files of a repository stay where they are. */
const SHARED = [
  ...['config.json', 'generation_config.json', 'preprocessor_config.json', 'processor_config.json'],
  ...['tokenizer.json', 'tokenizer_config.json', POOLING_FILE],
];
/** Of models that speak: the sound of each voice. */
const VOICE = /^voices\/[^/]+\.bin$/;
/** Of an embedding model: vectors that are made otherwise than its authors make them lie otherwise, and nothing shows it. */
const UNPOOLED = ` It has no ${POOLING_FILE} that says how one vector of a text is made: unless its graph does that, it is the mean over the tokens.`;
const BYTES_PER_WEIGHT = { fp32: 4, fp16: 2, int8: 1, q8: 1, q4: 0.6, q4f16: 0.6 } as const;

/**
 * What can be said of a model on a server in Hugging Face's layout from its files' names and its configuration.
 * @throws SillError `unsupported_task` | `unsupported_device` naming what is missing
 */
export function describeHubModel(model: HubModel): HubDescription {
  const config = v.parse(ConfigSchema, plain(model.config));
  const task = taskOf(model, config);
  const graphs = graphsOf(task, config.model_type);
  const paths = new Set(model.files.map((file) => file.path));
  const missing = filesNeeded(task, config.model_type).filter((path) => !paths.has(path));
  const isVoice = (path: string) => task === 'text-to-audio' && VOICE.test(path);
  const useful = model.files.filter((file) => SHARED.includes(file.path) || graphOf(file.path) || isVoice(file.path));
  const voices = useful.map((file) => file.path).filter(isVoice);
  const variants = variantsOfFolder(useful, new Set(graphs))
    .filter(({ files }) => graphs.every((name) => files.some((path) => path.endsWith('.onnx') && graphOf(path)?.name === name)))
    .map((variant) => (voices.length === 0 ? variant : { ...variant, files: [...variant.files, ...voices].sort() }));
  if (variants.length === 0) missing.push(graphs.map((name) => `onnx/${name}.onnx`).join(' and '));
  if (missing.length > 0) {
    throw new SillError(
      'unsupported_device',
      `${model.repository} cannot be run here: it has no ${missing.join(', no ')}. Look for an ONNX export of it, often in a repository of its own.`,
      { details: { repository: model.repository, missing } },
    );
  }
  const largest = Math.max(...variants.map((variant) => weightsOf(model.files, variant.files) / BYTES_PER_WEIGHT[variant.dtype]));
  const contextLength = positionsOf(config) ?? config.max_target_positions;
  return {
    id: firstUseId(model.repository),
    name: model.repository.slice(model.repository.indexOf('/') + 1),
    description: `Taken from ${model.pageUrl}. What it is good for is said there.${task === 'feature-extraction' && !paths.has(POOLING_FILE) ? UNPOOLED : ''}`,
    task,
    languages: (model.languages ?? []).filter((tag) => /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(tag)),
    licence: licenceOf(model),
    parameters: Math.max(1, Math.round(model.parameters ?? largest)),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(task === 'feature-extraction' && config.hidden_size !== undefined ? { dimensions: config.hidden_size } : {}),
    ...(task === 'text-generation' ? generationOf(model.generation) : {}),
    variants,
    minimumRuntime: model.minimumRuntime,
    provenance: { source: `${model.pageUrl}@${model.commit}`, conversion: 'None. Trusted on first use.' },
  };
}

/**
 * The manifest of one variant, whose files are known by now.
 * @throws SillError `invalid_manifest`
 */
export function manifestOfHub(description: HubDescription, variant: string, files: readonly ManifestFile[]): Manifest {
  const variants = description.variants.filter((each) => each.id === variant);
  return parseManifest({ ...description, variants, schema: MANIFEST_SCHEMA, files });
}

const PIECE_BYTES = 16 * 1024 * 1024;

/**
 * A manifest of the right sizes, for judging what fits: beside the `chunks` of a file that are known its digests stand for bytes that nobody has
 * seen yet.
 */
export function expectedManifest(
  description: HubDescription,
  files: ReadonlyArray<HubFile & { readonly chunks?: readonly ManifestChunk[] }>,
): Manifest {
  let next = 0;
  const chunk = (sizeBytes: number) => ({ digest: `sha256:${(next++).toString(16).padStart(64, '0')}`, sizeBytes });
  const wanted = new Set(description.variants.flatMap((variant) => variant.files));
  return parseManifest({
    ...description,
    schema: MANIFEST_SCHEMA,
    files: files
      .filter((file) => wanted.has(file.path))
      .map(({ path, sizeBytes, chunks: known = [] }) => {
        const unknownBytes = known.reduce((left, each) => left - each.sizeBytes, sizeBytes);
        const whole = Array.from({ length: Math.floor(unknownBytes / PIECE_BYTES) }, () => chunk(PIECE_BYTES));
        const rest = unknownBytes % PIECE_BYTES;
        return { path, sizeBytes, chunks: [...known, ...whole, ...(rest > 0 ? [chunk(rest)] : [])] };
      }),
  });
}

function taskOf({ task, pipeline, repository }: HubModel, config: v.InferOutput<typeof ConfigSchema>): Task {
  const { model_type, architectures, id2label } = config;
  const stated = task ?? (pipeline === undefined ? undefined : taskNamed(pipeline));
  const found =
    stated ?? (model_type === 'whisper' ? 'automatic-speech-recognition' : taskOfArchitecture(architectures, Object.values(id2label)));
  const what = pipeline ?? architectures[0] ?? model_type ?? 'nothing that its configuration names';
  // What its server calls it and this app does not know is no task of another name: its architecture would only be a guess.
  if (found === undefined || (stated === undefined && pipeline !== undefined)) {
    throw new SillError(
      'unsupported_task',
      `${repository} is made for ${what}, which is none of the tasks that Sill runs. If it can do one of them, name that task when you add it: ${TASKS.join(', ')}.`,
      { details: { repository, task: what } },
    );
  }
  const reason = whyNot(found, model_type);
  if (reason === undefined) return found;
  throw new SillError('unsupported_task', `${repository} cannot be run here: ${reason}.`, { details: { repository, task: what } });
}

function licenceOf({ licence, licenceText, pageUrl, repository }: HubModel): HubDescription['licence'] {
  const spdx = licence ?? 'unknown';
  const none =
    licence === undefined
      ? `${repository} does not say under which licence it may be used. Ask its author before you use it for more than a look: ${pageUrl}`
      : `${repository} names its licence as "${licence}" and carries no text of it. Read it at ${pageUrl}`;
  return { spdx: spdx.slice(0, 64), text: licenceText?.trim().slice(0, 100_000) || none };
}

function generationOf(json: unknown): Pick<HubDescription, 'generation'> {
  const { bos_token_id: bosTokenId, eos_token_id: eos } = v.parse(GenerationSchema, plain(json));
  if (eos === undefined) return {};
  return { generation: { ...(bosTokenId === undefined ? {} : { bosTokenId }), eosTokenIds: [eos].flat() } };
}

const plain = (json: unknown): unknown => (typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {});

function weightsOf(files: readonly HubFile[], paths: readonly string[]): number {
  return files.reduce((sum, file) => sum + (paths.includes(file.path) && graphOf(file.path) ? file.sizeBytes : 0), 0);
}
