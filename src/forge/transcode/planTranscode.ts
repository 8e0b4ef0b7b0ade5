import {
  type FormRecipe,
  type FormSize,
  type FoundForm,
  type FoundInFile,
  TRANSCODED_DEVICES,
  type TranscodedDtype,
} from '../../core/making.ts';
import { STORAGE_BUFFERS } from '../../core/manifest.ts';
import { BLOCK_TOKENS } from '../../core/prefill.ts';
import { evenedBytes, withChannelsOf } from '../channelBytes.ts';
import { PlannedData, type PlannedWeights } from '../externalData.ts';
import {
  endIds,
  ggufConfigJson,
  ggufGenerationConfigJson,
  ggufTokenizerConfigJson,
  ggufTokenizerJson,
  sinkQuestion,
  sinkTokens,
} from '../gguf/ggufFiles.ts';
import { type GgufModel, ggufModel } from '../gguf/ggufModel.ts';
import { ggufName } from '../gguf/ggufName.ts';
import { type GgufVocabulary, ggufVocabulary, tokenCount } from '../gguf/ggufVocabulary.ts';
import type { Gguf } from '../gguf/readGguf.ts';
import { kvDim } from '../llama.ts';
import { attentionBuffers, buildLlama } from '../llamaGraph.ts';
import type { JsonFile } from '../tokenizerFiles.ts';
import { FORMATS, formatOf, GRAPH_NAMES } from './forms.ts';

/** Measured: ONNX Runtime holds weights in its heap 1.07 times, beside 24 MiB of its own and the scores of a block of prompt. */
const HEAP_FACTOR = 1.07;
const HEAP_BASE_BYTES = 64 * 1024 * 1024;
/** Positions whose key-values are counted as working memory: what most chats come to. */
const USUAL_CONTEXT = 2048;

interface PlannedFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The graph of a form, and how its weights come about. */
export interface WeightsPlan {
  readonly graph: PlannedFile;
  readonly weights: { readonly path: string; readonly sizeBytes: number; readonly steps: readonly PlannedWeights[] };
}

/** A form of a model before any of its weights is made. */
export interface TranscodePlan extends Pick<WeightsPlan, 'weights'> {
  /** Tokenizer, configuration and graph: small, and made already. */
  readonly files: readonly PlannedFile[];
}

/** What the file holds, with what becomes of it in each form. @throws SillError `invalid_request` whose `details.reason` is a `GgufFault` */
export function findInGguf(gguf: Gguf, sizeBytes: number, dtypes: readonly TranscodedDtype[]): FoundInFile {
  const vocabulary = ggufVocabulary(gguf.metadata);
  const model = ggufModel(gguf, vocabulary.pieces.length);
  const { bos, chatTemplate } = vocabulary;
  const name = ggufName(gguf.metadata);
  const question = sinkQuestion(vocabulary, model);
  const types: Record<string, number> = {};
  for (const { type } of gguf.tensors.values()) types[type.name] = (types[type.name] ?? 0) + 1;
  const said = (name: string, key: string) => {
    const text = gguf.metadata.text(key)?.trim();
    return text ? { [name]: text } : {};
  };
  return {
    ...(name === undefined ? {} : { name }),
    ...said('licence', 'general.license'),
    ...said('licenceName', 'general.license.name'),
    ...said('licenceLink', 'general.license.link'),
    architecture: model.architecture.name,
    parameters: model.parameters,
    contextLength: model.config.context,
    sizeBytes,
    types,
    tokenizer: { kind: gguf.metadata.text('tokenizer.ggml.model') ?? '', tokens: vocabulary.pieces.length },
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    generation: { ...(bos === undefined ? {} : { bosTokenId: bos }), eosTokenIds: endIds(vocabulary) },
    sinkTokens: sinkTokens(vocabulary, model.config.dim),
    ...(question ? { sinkQuestion: question } : {}),
    forms: formsOf(commonFiles(vocabulary, model), model, dtypes),
  };
}

/** One form, as `findInGguf` tells of it. @throws SillError `invalid_request` whose `details.reason` is a `GgufFault` */
export function planForm(gguf: Gguf, recipe: FormRecipe): FoundForm {
  const vocabulary = ggufVocabulary(gguf.metadata);
  const model = ggufModel(gguf, vocabulary.pieces.length);
  return formOf(sizesOf(commonFiles(vocabulary, model)), weightsOf(model, recipe), model, recipe);
}

/** @throws SillError `invalid_request` whose `details.reason` is a `GgufFault` */
export function planTranscode(gguf: Gguf, recipe: FormRecipe): TranscodePlan {
  const vocabulary = ggufVocabulary(gguf.metadata);
  const model = ggufModel(gguf, vocabulary.pieces.length);
  const { graph, weights } = weightsOf(model, recipe);
  return { files: [...commonFiles(vocabulary, model), graph], weights };
}

/** Of the same, what it takes to make weights: no tokenizer, which is most of what a plan holds. @throws SillError as `planTranscode` */
export const planWeights = (gguf: Gguf, recipe: FormRecipe): WeightsPlan => weightsOf(ggufModel(gguf, tokenCount(gguf.metadata)), recipe);

/** By what channels of each layer are to be divided, layer after layer: together they are what a recipe names. @throws SillError as `planTranscode` | `internal` */
export const evenedParts = (gguf: Gguf, loudness: Float32Array): Generator<Uint8Array<ArrayBuffer>> =>
  evenedBytes(ggufModel(gguf, tokenCount(gguf.metadata)), loudness);

function weightsOf(model: GgufModel, { dtype, wider = [], evened, listening }: FormRecipe): WeightsPlan {
  const graph = GRAPH_NAMES[dtype];
  const data = new PlannedData(`${graph}_data`);
  const weights = evened?.length ? withChannelsOf(model, evened) : model.weights;
  const bytes = new Uint8Array(buildLlama(model.config, weights, formatOf(dtype, wider, listening), data));
  return {
    graph: { path: `onnx/${graph}`, bytes },
    weights: { path: `onnx/${data.location}`, sizeBytes: data.sizeBytes, steps: data.steps },
  };
}

/** Named to transformers.js in `config.json`. Sill does not read it there: what came later is left out, so that a recipe gives the bytes that it gave. */
const NAMED_GRAPHS = [GRAPH_NAMES.int8, GRAPH_NAMES.q4, GRAPH_NAMES.q8];

/** The same in each form, so that they can lie side by side. */
const commonFiles = (vocabulary: GgufVocabulary, model: GgufModel): PlannedFile[] => [
  { path: 'config.json', bytes: jsonBytes(ggufConfigJson(model, vocabulary, NAMED_GRAPHS)) },
  { path: 'generation_config.json', bytes: jsonBytes(ggufGenerationConfigJson(vocabulary)) },
  { path: 'tokenizer.json', bytes: jsonBytes(ggufTokenizerJson(vocabulary, model.architecture)) },
  { path: 'tokenizer_config.json', bytes: jsonBytes(ggufTokenizerConfigJson(vocabulary, model)) },
];

const jsonBytes = (file: JsonFile): Uint8Array<ArrayBuffer> =>
  new Uint8Array(new TextEncoder().encode(`${JSON.stringify(file, undefined, 1)}\n`));

const sizesOf = (files: readonly PlannedFile[]): FormSize[] => files.map(({ path, bytes }) => ({ path, sizeBytes: bytes.length }));

const formsOf = (common: readonly PlannedFile[], model: GgufModel, dtypes: readonly TranscodedDtype[]): FoundForm[] => {
  const sizes = sizesOf(common);
  return dtypes.map((dtype) => formOf(sizes, weightsOf(model, { dtype }), model, { dtype }));
};

function formOf(common: readonly FormSize[], { graph, weights }: WeightsPlan, model: GgufModel, { dtype }: FormRecipe): FoundForm {
  const all = [...common, { path: graph.path, sizeBytes: graph.bytes.length }, { path: weights.path, sizeBytes: weights.sizeBytes }];
  const largestBytes = weights.steps.reduce((most, { ranges }) => Math.max(most, ...ranges.map((range) => range.sizeBytes)), 0);
  return { dtype, files: all, variant: formVariant(dtype, model, all, { sizeBytes: weights.sizeBytes, largestBytes }) };
}

/** What a manifest says of a form. @param weights their size in all, and that of the largest tensor */
export function formVariant(
  dtype: TranscodedDtype,
  { config, architecture }: Pick<GgufModel, 'config' | 'architecture'>,
  files: readonly Pick<FormSize, 'path'>[],
  { sizeBytes, largestBytes }: { readonly sizeBytes: number; readonly largestBytes: number },
): FoundForm['variant'] {
  const numberBytes = FORMATS[dtype].half ? 2 : 4;
  const cacheBytes = 2 * config.layers * kvDim(config) * Math.min(config.context, USUAL_CONTEXT) * numberBytes;
  const device = TRANSCODED_DEVICES[dtype];
  // On a processor attention writes out how much each token of a call makes of each before it, for all heads.
  const shareBytes = device === 'wasm' ? 4 * config.heads * BLOCK_TOKENS * Math.min(config.context, USUAL_CONTEXT) : 0;
  const memoryBytes = Math.ceil(HEAP_FACTOR * sizeBytes + cacheBytes + shareBytes + HEAP_BASE_BYTES);
  const storageBuffers = attentionBuffers(config, architecture.headNorms);
  const onGpu = { bufferBytes: largestBytes, ...(storageBuffers > STORAGE_BUFFERS ? { storageBuffers } : {}) };
  return {
    id: `${dtype}-${device}`,
    dtype,
    device,
    files: files.map(({ path }) => path),
    needs: { memoryBytes, ...(device === 'webgpu' ? onGpu : {}) },
  };
}
