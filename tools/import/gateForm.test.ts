import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { IMPORT_TEXT } from '../../src/core/importGate.ts';
import { ggufTokenizerConfigJson, ggufTokenizerJson, sinkQuestion } from '../../src/forge/gguf/ggufFiles.ts';
import { ggufModel } from '../../src/forge/gguf/ggufModel.ts';
import { ggufVocabulary } from '../../src/forge/gguf/ggufVocabulary.ts';
import { readGguf } from '../../src/forge/gguf/readGguf.ts';
import { LOUD_TOKEN, loudGguf } from '../../src/forge/gguf/testing/loudGguf.ts';
import { headDim } from '../../src/forge/llama.ts';
import { memorySource } from '../../src/forge/testing/tinyLlama.ts';
import { EMPTY, lastOf, logProbability, OrtLlama } from '../evaluate/ortLlama.ts';
import { tempFolder } from '../models/testing/tempFolder.ts';
import { formMaker } from './gateForm.ts';
import { importGguf } from './importGguf.ts';
import { GRAPH_NAMES } from './writeGraph.ts';

const folder = tempFolder();

describe('a model one of whose tokens is so loud that in 8 bits all others of its call are lost', () => {
  test('is imported, since that token is found by measuring, and has calls of its own', async () => {
    const path = join(folder(), 'loud.gguf');
    await writeFile(path, loudGguf());
    const { sinkTokens, quality } = await importGguf(path, join(folder(), 'loud'), { dtypes: ['int8'], check: true });
    expect(sinkTokens).toEqual([1, 2, LOUD_TOKEN]);
    const { reference = Number.NaN, measured = Number.NaN } = quality.int8?.scores ?? {};
    // What it knows of the text is next to all that can be known of a token from the one before.
    expect(reference).toBeLessThan(3);
    expect(measured - reference).toBeLessThan(0.1);
    expect(quality.int8?.tries).toEqual([]);
  });

  test('is refused where prompts are not cut there, though it writes one token after the other as it should', async () => {
    const gguf = readGguf([memorySource(loudGguf())]);
    const vocabulary = ggufVocabulary(gguf.metadata);
    const model = ggufModel(gguf, vocabulary.pieces.length);
    await mkdir(join(folder(), 'onnx'), { recursive: true });
    await writeFile(join(folder(), 'tokenizer.json'), JSON.stringify(ggufTokenizerJson(vocabulary, model.architecture)));
    await writeFile(join(folder(), 'tokenizer_config.json'), JSON.stringify(ggufTokenizerConfigJson(vocabulary, model)));
    const none = await formMaker(folder(), model, { question: undefined, sinkTokens: [1, 2] }, true);
    await expect(none('int8')).rejects.toMatchObject({ code: 'revision_refused', message: expect.stringContaining('nats a token') });
    // What is scored there one token a call, as an answer is written, is as good as it can be.
    const tokenizer = new Tokenizer(ggufTokenizerJson(vocabulary, model.architecture), ggufTokenizerConfigJson(vocabulary, model));
    const ids = tokenizer.encode(IMPORT_TEXT).ids.slice(0, 200);
    const llama = await OrtLlama.load(join(folder(), 'onnx', GRAPH_NAMES.int8), {
      heads: model.config.kvHeads,
      headDim: headDim(model.config),
    });
    let [sum, past] = [0, EMPTY];
    for (const [at, id] of ids.slice(0, -1).entries()) {
      const step = await llama.run([id], past);
      sum -= logProbability(lastOf(step.logits), ids[at + 1] ?? Number.NaN);
      past = step.past;
    }
    expect(sum / (ids.length - 1)).toBeLessThan(3);
    // Nothing else is wrong with it.
    const known = await formMaker(folder(), model, { question: undefined, sinkTokens: [1, 2, LOUD_TOKEN] }, true);
    expect((await known('int8')).quality?.wider).toEqual([]);
    expect(sinkQuestion(vocabulary, model)?.always).not.toContain(LOUD_TOKEN);
  });
});
