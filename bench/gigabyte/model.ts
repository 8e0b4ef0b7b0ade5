import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExternalData } from '../../src/forge/externalData.ts';
import { parameterCount } from '../../src/forge/llama.ts';
import { configJson, generationConfigJson } from '../../src/forge/llamaFiles.ts';
import { buildLlama } from '../../src/forge/llamaGraph.ts';
import { int8, q4 } from '../../src/forge/weightFormats.ts';
import { randomWeights, TINYLLAMA_SHAPE } from './shape.ts';

const FORMATS = { int8: ['model_int8.onnx', int8], q4: ['model_q4.onnx', q4] } as const;

export const GIGABYTE_FOLDER = '.cache/bench/gigabyte';
export const GIGABYTE = { id: 'gigabyte', vocabulary: TINYLLAMA_SHAPE.vocab, context: TINYLLAMA_SHAPE.context } as const;

/** In the form of TinyLlama's, so that a conversation is as long. */
const CHAT_TEMPLATE =
  "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}</s>\n{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}";

/**
 * A llama of the size and the shape of TinyLlama in a model folder in Hugging Face layout, 1.05 GiB in its variant for the processor and 0.8 in
 * the one for the GPU. Its weights are random and the same in each layer, so that it writes nonsense: it is made to be loaded, and to take the
 * time and the memory that its size takes.
 * @param tokenizer folder of a model with a vocabulary of 32,000
 */
export async function makeGigabyte(tokenizer: string): Promise<void> {
  const folder = GIGABYTE_FOLDER;
  if (!existsSync(folder)) await writeModel(folder, tokenizer);
  // Anew each time, since the manifest's format may have changed.
  await writeFile(join(folder, 'sill.json'), JSON.stringify(about()));
}

async function writeModel(folder: string, tokenizer: string): Promise<void> {
  const staging = `${folder}.part`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(join(staging, 'onnx'), { recursive: true });
  const names = Object.values(FORMATS).map(([name]) => name);
  await writeFile(join(staging, 'config.json'), JSON.stringify(configJson(TINYLLAMA_SHAPE, true, names)));
  await writeFile(join(staging, 'generation_config.json'), JSON.stringify(generationConfigJson([2])));
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) await copyFile(join(tokenizer, name), join(staging, name));
  const weights = randomWeights(TINYLLAMA_SHAPE);
  for (const [name, format] of Object.values(FORMATS)) {
    const location = `${name}_data`;
    const file = openSync(join(staging, 'onnx', location), 'w');
    try {
      const data = new ExternalData(location, (bytes) => {
        for (let written = 0; written < bytes.byteLength; ) written += writeSync(file, bytes, written);
      });
      await writeFile(join(staging, 'onnx', name), buildLlama(TINYLLAMA_SHAPE, weights, format, data));
    } finally {
      closeSync(file);
    }
  }
  await rename(staging, folder);
}

function about(): object {
  const tokenizerFiles = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];
  return {
    id: GIGABYTE.id,
    name: 'A gigabyte of noise',
    description: 'Random weights in the shape of TinyLlama, to measure what loading takes.',
    task: 'text-generation',
    provenance: { source: 'bench/gigabyte' },
    licence: { spdx: 'CC0-1.0', text: 'Random numbers.' },
    parameters: parameterCount(TINYLLAMA_SHAPE, true),
    contextLength: TINYLLAMA_SHAPE.context,
    generation: { bosTokenId: 1, eosTokenIds: [2] },
    chatTemplate: CHAT_TEMPLATE,
    variants: [
      { id: 'int8-wasm', dtype: 'int8', device: 'wasm' },
      // The same files, as they come with a build of the runtime that has the GPU: no GPU runs them, and the processor does in that build.
      { id: 'int8-webgpu', dtype: 'int8', device: 'webgpu' },
      { id: 'q4-webgpu', dtype: 'q4', device: 'webgpu' },
    ].map((variant) => {
      const [name] = variant.dtype === 'int8' ? FORMATS.int8 : FORMATS.q4;
      return { ...variant, needs: { memoryBytes: 2 ** 30 }, files: [...tokenizerFiles, `onnx/${name}`, `onnx/${name}_data`] };
    }),
  };
}
