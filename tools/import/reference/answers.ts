import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import * as v from 'valibot';
import { ggufTokenizerConfigJson, ggufTokenizerJson } from '../../../src/forge/gguf/ggufFiles.ts';
import { ggufModel } from '../../../src/forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../../../src/forge/gguf/ggufVocabulary.ts';
import { headDim } from '../../../src/forge/llama.ts';
import { MODELS_FOLDER } from '../../models/ensure.ts';
import { builtModel } from '../../models/testing/builtModel.ts';
import { withGguf } from '../openGguf.ts';
import { GRAPH_NAMES, writeGraph } from '../writeGraph.ts';
import { withReferenceFolder } from './record.ts';

const QUESTIONS = [
  { question: 'What is the capital of France?', most: 24 },
  { question: 'Give three tips for staying healthy.', most: 320 },
];

const file = v.record(v.string(), v.unknown());

/** What the unquantised weights of TinyLlama answer, greedily. Takes 4.4 GB of disk and twice that of memory. */
await withReferenceFolder('tinyllamaAnswers.json', async (folder) => {
  const { folder: delivered, manifest } = await builtModel(MODELS_FOLDER, 'tinyllama');
  const { tokenizer, heads, dim } = await withGguf(join(delivered, 'tinyllama.gguf'), async (gguf) => {
    const vocabulary = ggufVocabulary(gguf.metadata);
    const model = ggufModel(gguf, vocabulary.pieces.length, () => undefined);
    await writeGraph(folder, 'fp32', model);
    const files = [ggufTokenizerJson(vocabulary, model.architecture), ggufTokenizerConfigJson(vocabulary, model)];
    const [rules, settings] = files.map((each) => v.parse(file, JSON.parse(JSON.stringify(each))));
    return { tokenizer: new Tokenizer(rules ?? {}, settings ?? {}), heads: model.config.kvHeads, dim: headDim(model.config) };
  });
  const session = await InferenceSession.create(join(folder, GRAPH_NAMES.fp32));
  const past = (): Record<string, Tensor> =>
    Object.fromEntries(
      session.inputNames
        .filter((name) => name.startsWith('past_key_values'))
        .map((name) => [name, new Tensor('float32', new Float32Array(), [1, heads, 0, dim])]),
    );
  const int64 = (values: readonly number[], dims: readonly number[]) => new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const cases = [];
  for (const { question, most } of QUESTIONS) {
    const template = new Template(manifest.chatTemplate ?? '');
    const prompt = template.render({ messages: [{ role: 'user', content: question }], eos_token: '</s>', add_generation_prompt: true });
    const promptIds = tokenizer.encode(prompt).ids;
    const [ids, margins]: [number[], number[]] = [[], []];
    let [cache, given, length] = [past(), promptIds, 0];
    while (ids.length < most) {
      length += given.length;
      const { logits, ...present } = await session.run({
        input_ids: int64(given, [1, given.length]),
        attention_mask: int64(new Array<number>(length).fill(1), [1, length]),
        num_logits_to_keep: int64([1], []),
        ...cache,
      });
      if (!(logits?.data instanceof Float32Array)) throw new Error('the graph gave no float32 logits');
      const row = logits.data;
      const best = row.reduce((top, score, id) => (score > (row[top] ?? Number.NEGATIVE_INFINITY) ? id : top), 0);
      const second = row.reduce((top, score, id) => (id === best ? top : Math.max(top, score)), Number.NEGATIVE_INFINITY);
      ids.push(best);
      margins.push(Number(((row[best] ?? Number.NaN) - second).toFixed(4)));
      if (manifest.generation?.eosTokenIds.includes(best)) break;
      given = [best];
      cache = Object.fromEntries(Object.entries(present).map(([name, tensor]) => [name.replace('present', 'past_key_values'), tensor]));
    }
    const text = tokenizer.decode(ids, { skip_special_tokens: true });
    console.log(`${question}\n${text}\n`);
    cases.push({ prompt, prompt_ids: promptIds, greedy_ids: ids, greedy_text: text, top1_margin: margins });
  }
  const { version } = v.parse(
    v.object({ version: v.string() }),
    JSON.parse(await readFile(new URL('../../../node_modules/onnxruntime-node/package.json', import.meta.url), 'utf8')),
  );
  return { origin: `onnxruntime-node ${version} over every weight of the GGUF file as a 32-bit float`, cases };
});
