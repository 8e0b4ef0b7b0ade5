import { type FoundForm, type FoundInFile, TRANSCODED_DEVICES, type TranscodedDtype } from '../../core/making.ts';
import { PlannedData, type PlannedWeights } from '../externalData.ts';
import {
  endIds,
  ggufConfigJson,
  ggufGenerationConfigJson,
  ggufTokenizerConfigJson,
  ggufTokenizerJson,
  sinkTokens,
} from '../gguf/ggufFiles.ts';
import { type GgufModel, ggufModel } from '../gguf/ggufModel.ts';
import { ggufName } from '../gguf/ggufName.ts';
import { type GgufVocabulary, ggufVocabulary } from '../gguf/ggufVocabulary.ts';
import type { Gguf } from '../gguf/readGguf.ts';
import { kvDim } from '../llama.ts';
import { buildLlama } from '../llamaGraph.ts';
import type { JsonFile } from '../tokenizerFiles.ts';
import { FORMATS, GRAPH_NAMES } from './forms.ts';

/** Measured: ONNX Runtime holds weights in its heap 1.07 times, beside 24 MiB of its own and the scores of a block of prompt. */
const HEAP_FACTOR = 1.07;
const HEAP_BASE_BYTES = 64 * 1024 * 1024;
/** Positions whose key-values are counted as working memory: what most chats come to. */
const USUAL_CONTEXT = 2048;

/** A form of a model before any of its weights is made. */
export interface TranscodePlan {
  /** Tokenizer, configuration and graph: small, and made already. */
  readonly files: ReadonlyArray<{ readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }>;
  readonly weights: { readonly path: string; readonly sizeBytes: number; readonly steps: readonly PlannedWeights[] };
}

/** What the file holds, with what becomes of it in each form. @throws SillError `invalid_request` whose `details.reason` is a `GgufFault` */
export function findInGguf(gguf: Gguf, sizeBytes: number, dtypes: readonly TranscodedDtype[]): FoundInFile {
  const vocabulary = ggufVocabulary(gguf.metadata);
  const model = ggufModel(gguf, vocabulary.pieces.length);
  const { bos, chatTemplate } = vocabulary;
  const name = ggufName(gguf.metadata);
  const types: Record<string, number> = {};
  for (const { type } of gguf.tensors.values()) types[type.name] = (types[type.name] ?? 0) + 1;
  const said = (name: string, key: string) => {
    const text = gguf.metadata.text(key)?.trim();
    return text ? { [name]: text } : {};
  };
  return {
    ...(name === undefined ? {} : { name }),
    ...said('licence', 'general.license'),
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
    forms: dtypes.map((dtype) => formOf(planOf(vocabulary, model, dtype), model, dtype)),
  };
}

/** @throws SillError `invalid_request` whose `details.reason` is a `GgufFault` */
export function planTranscode(gguf: Gguf, dtype: TranscodedDtype): TranscodePlan {
  const vocabulary = ggufVocabulary(gguf.metadata);
  return planOf(vocabulary, ggufModel(gguf, vocabulary.pieces.length), dtype);
}

function planOf(vocabulary: GgufVocabulary, model: GgufModel, dtype: TranscodedDtype): TranscodePlan {
  const graph = GRAPH_NAMES[dtype];
  const data = new PlannedData(`${graph}_data`);
  const bytes = new Uint8Array(buildLlama(model.config, model.weights, FORMATS[dtype], data));
  return {
    files: [
      // The same in each form, so that they can lie side by side.
      { path: 'config.json', bytes: jsonBytes(ggufConfigJson(model, vocabulary, Object.values(GRAPH_NAMES))) },
      { path: 'generation_config.json', bytes: jsonBytes(ggufGenerationConfigJson(vocabulary)) },
      { path: 'tokenizer.json', bytes: jsonBytes(ggufTokenizerJson(vocabulary, model.architecture)) },
      { path: 'tokenizer_config.json', bytes: jsonBytes(ggufTokenizerConfigJson(vocabulary, model)) },
      { path: `onnx/${graph}`, bytes },
    ],
    weights: { path: `onnx/${data.location}`, sizeBytes: data.sizeBytes, steps: data.steps },
  };
}

const jsonBytes = (file: JsonFile): Uint8Array<ArrayBuffer> =>
  new Uint8Array(new TextEncoder().encode(`${JSON.stringify(file, undefined, 1)}\n`));

function formOf({ files, weights }: TranscodePlan, { config }: GgufModel, dtype: TranscodedDtype): FoundForm {
  const all = [
    ...files.map(({ path, bytes }) => ({ path, sizeBytes: bytes.length })),
    { path: weights.path, sizeBytes: weights.sizeBytes },
  ];
  const cacheBytes = 2 * config.layers * kvDim(config) * Math.min(config.context, USUAL_CONTEXT) * 4;
  const memoryBytes = Math.ceil(HEAP_FACTOR * weights.sizeBytes + cacheBytes + HEAP_BASE_BYTES);
  const largestBytes = weights.steps.reduce((most, { ranges }) => Math.max(most, ...ranges.map((range) => range.sizeBytes)), 0);
  const largest = dtype === 'q4' ? { bufferBytes: largestBytes } : {};
  const device = TRANSCODED_DEVICES[dtype];
  return {
    dtype,
    files: all,
    variant: { id: `${dtype}-${device}`, dtype, device, files: all.map(({ path }) => path), needs: { memoryBytes, ...largest } },
  };
}
