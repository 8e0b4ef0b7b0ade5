import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { IMPORT_TEXT } from '../../src/core/importGate.ts';
import { ggufTokenizerConfigJson, ggufTokenizerJson } from '../../src/forge/gguf/ggufFiles.ts';
import { ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
import type { Gguf } from '../../src/forge/gguf/readGguf.ts';
import { headDim } from '../../src/forge/llama.ts';
import { EMPTY, logProbability, OrtLlama } from '../evaluate/ortLlama.ts';
import { withStaging } from '../models/staging.ts';
import { GRAPH_NAMES, writeGraph } from './writeGraph.ts';

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
    const tokenizer = new Tokenizer(ggufTokenizerJson(vocabulary, model.architecture), ggufTokenizerConfigJson(vocabulary, model));
    const ids = tokenizer.encode(IMPORT_TEXT).ids.slice(0, model.config.context);
    await writeGraph(folder, 'fp32', model);
    const llama = await OrtLlama.loadWide(join(folder, GRAPH_NAMES.fp32), { heads: model.config.kvHeads, headDim: headDim(model.config) });
    try {
      const { logits } = await llama.run(ids.slice(0, -1), EMPTY, 0);
      const sum = logits.reduce((all, scores, i) => all - logProbability(scores, ids[i + 1] ?? Number.NaN), 0);
      return { nll: Number((sum / logits.length).toFixed(4)), tokens: logits.length };
    } finally {
      await llama.release();
    }
  });
