import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { ggufTokenizerConfigJson, ggufTokenizerJson } from '../../../src/forge/gguf/ggufFiles.ts';
import { ggufModel } from '../../../src/forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../../../src/forge/gguf/ggufVocabulary.ts';
import { headDim } from '../../../src/forge/llama.ts';
import { argmax, EMPTY, lastOf, OrtLlama } from '../../evaluate/ortLlama.ts';
import { MODELS_FOLDER } from '../../models/ensure.ts';
import { builtModel } from '../../models/testing/builtModel.ts';
import { withGguf } from '../openGguf.ts';
import { GRAPH_NAMES, writeGraph } from '../writeGraph.ts';
import { withReferenceFolder } from './record.ts';

const QUESTIONS = [
  { question: 'What is the capital of France?', most: 24 },
  { question: 'Give three tips for staying healthy.', most: 320 },
];

/** What the unquantised weights of TinyLlama answer, greedily. Takes 4.4 GB of disk and twice that of memory. */
await withReferenceFolder('tinyllamaAnswers.json', async (folder) => {
  const { folder: delivered, manifest } = await builtModel(MODELS_FOLDER, 'tinyllama');
  const { tokenizer, shape } = await withGguf(join(delivered, 'tinyllama.gguf'), async (gguf) => {
    const vocabulary = ggufVocabulary(gguf.metadata);
    const model = ggufModel(gguf, vocabulary.pieces.length, () => undefined);
    await writeGraph(folder, 'fp32', model);
    return {
      tokenizer: new Tokenizer(ggufTokenizerJson(vocabulary, model.architecture), ggufTokenizerConfigJson(vocabulary, model)),
      shape: { heads: model.config.kvHeads, headDim: headDim(model.config) },
    };
  });
  const llama = await OrtLlama.loadWide(join(folder, GRAPH_NAMES.fp32), shape);
  const cases = [];
  for (const { question, most } of QUESTIONS) {
    const template = new Template(manifest.chatTemplate ?? '');
    const prompt = template.render({ messages: [{ role: 'user', content: question }], eos_token: '</s>', add_generation_prompt: true });
    const promptIds = tokenizer.encode(prompt).ids;
    const [ids, margins]: [number[], number[]] = [[], []];
    let [given, past] = [promptIds, EMPTY];
    while (ids.length < most) {
      const step = await llama.run(given, past);
      const row = lastOf(step.logits);
      const best = argmax(row);
      const second = row.reduce((top, score, id) => (id === best ? top : Math.max(top, score)), Number.NEGATIVE_INFINITY);
      ids.push(best);
      margins.push(Number(((row[best] ?? Number.NaN) - second).toFixed(4)));
      if (manifest.generation?.eosTokenIds.includes(best)) break;
      [given, past] = [[best], step.past];
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
