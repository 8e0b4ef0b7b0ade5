import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SillError } from '../../src/core/errors.ts';
import type { MatrixError } from '../../src/core/making.ts';
import {
  endIds,
  ggufConfigJson,
  ggufGenerationConfigJson,
  ggufTokenizerConfigJson,
  ggufTokenizerJson,
  sinkQuestion,
  sinkTokens,
} from '../../src/forge/gguf/ggufFiles.ts';
import { type GgufModel, ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { ggufName } from '../../src/forge/gguf/ggufName.ts';
import { type GgufVocabulary, ggufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
import type { Gguf } from '../../src/forge/gguf/readGguf.ts';
import type { JsonFile } from '../../src/forge/tokenizerFiles.ts';
import { formVariant } from '../../src/forge/transcode/planTranscode.ts';
import type { About } from '../models/packFolder.ts';
import { settle, withStaging } from '../models/staging.ts';
import { type FormQuality, formMaker, type GatedForm } from './gateForm.ts';
import { withGguf } from './openGguf.ts';
import { GRAPH_NAMES, type GraphDtype, type WrittenWeights } from './writeGraph.ts';

export type ImportedDtype = Exclude<GraphDtype, 'fp32' | 'q8'>;

export interface ImportOptions {
  readonly dtypes: readonly ImportedDtype[];
  /** Whether each form is held against 8-bit blocks of the same weights, as a device does that imports the file; else it is taken as it comes. */
  readonly check?: boolean;
  /** Told of progress: which form, and the share of its weights that was read, 0 to 1. */
  readonly onProgress?: (dtype: ImportedDtype, fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** What follows from the file alone. Name, licence and origin have to be said. */
export type Imported = Pick<About, 'parameters' | 'contextLength' | 'generation' | 'chatTemplate' | 'sinkTokens' | 'variants'> & {
  readonly name: string | undefined;
  readonly licence: string | undefined;
  readonly architecture: string;
  /** How many tensors are quantised in which form. */
  readonly types: Readonly<Record<string, number>>;
  /** Forms that are there. */
  readonly made: readonly ImportedDtype[];
  /** How far each matrix of a form is from the numbers in the file, in the order of the graph. */
  readonly errors: Readonly<Partial<Record<ImportedDtype, readonly MatrixError[]>>>;
  /** How well each came out, where it was checked. */
  readonly quality: Readonly<Partial<Record<ImportedDtype, FormQuality>>>;
  /** Forms whose channels are evened. */
  readonly evened: readonly ImportedDtype[];
  /** Forms that lost too much, and are not there. */
  readonly refused: Readonly<Partial<Record<ImportedDtype, string>>>;
};

/**
 * Writes the model of a GGUF file as a folder in Hugging Face layout: tokenizer, configuration and one graph for each form. The folder
 * appears when it is whole; nothing is left of an import that fails. Peak memory follows the largest tensor, not the model.
 * @param path of the file, or of one of its parts
 * @throws SillError `invalid_request` when the file cannot be used, `revision_refused` when each form of it loses too much, PublisherError `usage` when it is not there
 */
export function importGguf(path: string, folder: string, options: ImportOptions): Promise<Imported> {
  return withGguf(path, (gguf) =>
    withStaging(dirname(folder), async (staging) => {
      const made = join(staging, 'model');
      const imported = await writeModel(gguf, made, options);
      await settle(made, folder);
      return imported;
    }),
  );
}

/** Writes the files of `importGguf` into a folder that is there or not; what it wrote of them stays when it fails. */
export async function writeModel(
  gguf: Gguf,
  folder: string,
  { dtypes, check = false, onProgress, signal }: ImportOptions,
): Promise<Imported> {
  const vocabulary = ggufVocabulary(gguf.metadata);
  const total = [...gguf.tensors.values()].reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
  let current: ImportedDtype | undefined;
  let readBytes = 0;
  const model = ggufModel(gguf, vocabulary.pieces.length, (tensor) => {
    signal?.throwIfAborted();
    readBytes += tensor.sizeBytes;
    if (current) onProgress?.(current, readBytes / total);
  });
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const json = (name: string, content: JsonFile) => writeFile(join(folder, name), `${JSON.stringify(content, undefined, 1)}\n`);
  await json('tokenizer.json', ggufTokenizerJson(vocabulary, model.architecture));
  await json('tokenizer_config.json', ggufTokenizerConfigJson(vocabulary, model));
  await json('generation_config.json', ggufGenerationConfigJson(vocabulary));
  const variants: Array<About['variants'][number]> = [];
  const madeForms: ImportedDtype[] = [];
  const errors: Partial<Record<ImportedDtype, readonly MatrixError[]>> = {};
  const quality: Partial<Record<ImportedDtype, FormQuality>> = {};
  const evened: ImportedDtype[] = [];
  const refused: Partial<Record<ImportedDtype, string>> = {};
  let sinks: readonly number[] = sinkTokens(vocabulary, model.config.dim);
  const cuts = { question: sinkQuestion(vocabulary, model), sinkTokens: sinks };
  const make = await formMaker(folder, model, cuts, check);
  const wanted = [...dtypes];
  for (const dtype of wanted) {
    current = dtype;
    readBytes = 0;
    try {
      const { written, quality: how, isEvened, sinkTokens: measured }: GatedForm = await make(dtype, signal);
      variants.push(variantOf(dtype, written, model));
      madeForms.push(dtype);
      errors[dtype] = written.errors;
      if (how) quality[dtype] = how;
      if (isEvened) evened.push(dtype);
      sinks = measured ?? sinks;
    } catch (reason) {
      // Another form may do: which is told. What 4 bits cannot hold, 16 may.
      if (!(reason instanceof SillError) || reason.code !== 'revision_refused') throw reason;
      if (dtype === 'q4' && !wanted.includes('fp16')) wanted.push('fp16');
      if (variants.length === 0 && dtype === wanted.at(-1)) throw reason;
      refused[dtype] = reason.message;
      for (const name of [GRAPH_NAMES[dtype], `${GRAPH_NAMES[dtype]}_data`]) await rm(join(folder, 'onnx', name));
    }
  }
  const names = madeForms.map((dtype) => GRAPH_NAMES[dtype]);
  await json('config.json', ggufConfigJson(model, vocabulary, names));
  return {
    ...describe(gguf, vocabulary, model, variants, [...sinks]),
    ...{ made: madeForms, errors, quality, evened, refused },
  };
}

function variantOf(dtype: ImportedDtype, written: WrittenWeights, model: GgufModel): About['variants'][number] {
  const graph = `onnx/${GRAPH_NAMES[dtype]}`;
  const files = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', graph, `${graph}_data`];
  return formVariant(
    dtype,
    model,
    files.map((path) => ({ path })),
    written,
  );
}

function describe(
  gguf: Gguf,
  vocabulary: GgufVocabulary,
  model: GgufModel,
  variants: About['variants'],
  sinkTokens: number[],
): Omit<Imported, 'made' | 'errors' | 'quality' | 'evened' | 'refused'> {
  const { bos, chatTemplate } = vocabulary;
  const types: Record<string, number> = {};
  for (const { type } of gguf.tensors.values()) types[type.name] = (types[type.name] ?? 0) + 1;
  return {
    name: ggufName(gguf.metadata),
    licence: gguf.metadata.text('general.license'),
    architecture: model.architecture.name,
    types,
    parameters: model.parameters,
    contextLength: model.config.context,
    generation: { ...(bos === undefined ? {} : { bosTokenId: bos }), eosTokenIds: endIds(vocabulary) },
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    sinkTokens,
    variants,
  };
}
