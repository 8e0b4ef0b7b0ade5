import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import * as v from 'valibot';
import { IMPORT_TEXT } from '../../src/core/importGate.ts';
import { ggufTokenizerConfigJson, ggufTokenizerJson } from '../../src/forge/gguf/ggufFiles.ts';
import { ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
import type { Gguf } from '../../src/forge/gguf/readGguf.ts';
import { headDim } from '../../src/forge/llama.ts';
import type { JsonFile } from '../../src/forge/tokenizerFiles.ts';
import { logProbability } from '../evaluate/ortLlama.ts';
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
    const [rules, settings] = [ggufTokenizerJson(vocabulary, model.architecture), ggufTokenizerConfigJson(vocabulary, model)].map(asRead);
    const ids = new Tokenizer(rules ?? {}, settings ?? {}).encode(IMPORT_TEXT).ids.slice(0, model.config.context);
    await writeGraph(folder, 'fp32', model);
    const scores = await scoresOf(join(folder, GRAPH_NAMES.fp32), ids.slice(0, -1), [1, model.config.kvHeads, 0, headDim(model.config)]);
    const width = scores.length / (ids.length - 1);
    const sum = ids.slice(1).reduce((all, id, i) => all - logProbability(scores.subarray(i * width, (i + 1) * width), id), 0);
    return { nll: Number((sum / (ids.length - 1)).toFixed(4)), tokens: ids.length - 1 };
  });

/**
 * Of each token what comes next, row after row, in one call. By the runtime's build for Node: WebAssembly has no room for a gigabyte of weights
 * in 32 bits, whose products are the same in both but for rounding.
 */
async function scoresOf(path: string, ids: readonly number[], noPast: readonly number[]): Promise<Float32Array> {
  const session = await InferenceSession.create(path, { logSeverityLevel: 3 });
  try {
    const int64 = (values: readonly number[], dims: readonly number[]) => new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
    const { logits } = await session.run({
      ...Object.fromEntries(
        session.inputNames
          .filter((name) => name.startsWith('past_key_values'))
          .map((name) => [name, new Tensor('float32', new Float32Array(), noPast)]),
      ),
      input_ids: int64(ids, [1, ids.length]),
      attention_mask: int64(new Array<number>(ids.length).fill(1), [1, ids.length]),
      num_logits_to_keep: int64([0], []),
    });
    if (!(logits?.data instanceof Float32Array)) throw new Error('the graph gave no float32 logits');
    return logits.data;
  } finally {
    await session.release();
  }
}

const FileSchema = v.record(v.string(), v.unknown());

const asRead = (file: JsonFile): v.InferOutput<typeof FileSchema> => v.parse(FileSchema, JSON.parse(JSON.stringify(file)));
