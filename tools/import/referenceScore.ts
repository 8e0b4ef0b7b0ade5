import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { IMPORT_TEXT } from '../../src/core/importGate.ts';
import { ggufTokenizerConfigJson, ggufTokenizerJson } from '../../src/forge/gguf/ggufFiles.ts';
import { ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
import type { Gguf } from '../../src/forge/gguf/readGguf.ts';
import type { JsonFile } from '../../src/forge/tokenizerFiles.ts';
import { withStaging } from '../models/staging.ts';
import { loadGraph, scoreGraph } from './scoreGraph.ts';
import { writeGraph } from './writeGraph.ts';

export interface ReferenceScore {
  /** Mean negative log-likelihood of a token but the first, in nats, to four places. */
  readonly nll: number;
  /** How many were scored. */
  readonly tokens: number;
}

/**
 * What a model foretells `IMPORT_TEXT` with before anything of it is rounded: every weight of its file as a 32-bit float. Each form that a device makes
 * of the file is held against that.
 * @param beside a folder on a disk with four bytes for each weight; nothing stays there
 */
export const referenceScore = (gguf: Gguf, beside: string): Promise<ReferenceScore> =>
  withStaging(beside, async (folder) => {
    const vocabulary = ggufVocabulary(gguf.metadata);
    const model = ggufModel(gguf, vocabulary.pieces.length, () => undefined);
    const [rules, settings] = [ggufTokenizerJson(vocabulary, model.architecture), ggufTokenizerConfigJson(vocabulary, model)].map(asRead);
    const ids = new Tokenizer(rules ?? {}, settings ?? {}).encode(IMPORT_TEXT).ids.slice(0, model.config.context);
    await writeGraph(folder, 'fp32', model);
    const { nll } = await scoreGraph(await loadGraph(folder, 'fp32', model), ids);
    return { nll: Number(nll.toFixed(4)), tokens: ids.length - 1 };
  });

const FileSchema = v.record(v.string(), v.unknown());

const asRead = (file: JsonFile): v.InferOutput<typeof FileSchema> => v.parse(FileSchema, JSON.parse(JSON.stringify(file)));
