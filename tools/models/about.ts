import { readFileSync } from 'node:fs';
import { IMPORT_TEXT } from '../../src/core/importGate.ts';
import type { deliveredGguf } from '../import/deliveredGguf.ts';
import type { About } from './packFolder.ts';
import { provenanceOf, SOURCES } from './sources.ts';

const licence = (spdx: string, file: string): About['licence'] => ({
  spdx,
  text: readFileSync(new URL(`./licences/${file}`, import.meta.url), 'utf8'),
});

const MIB = 2 ** 20;
const RUNTIME = '0.1.0';

const storiesFiles = (dtype: string): string[] => [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'evaluation.jsonl',
  `onnx/model${dtype}.onnx`,
  `onnx/model${dtype}.onnx_data`,
];

/** The text whose mean negative log-likelihood, in nats a token, the reference scores give. */
const SCORED_TEXT = 'The perplexity text of tools/models/golden/stories15m.json';

/** What is said of stories15M once its exact number of parameters is read from the weights. */
export const stories15m = (parameters: number): About => ({
  id: 'stories15m',
  name: 'Stories 15M',
  description:
    'Goes on with short stories in the English of a young child. It cannot chat or answer questions, but loads in a moment: good for ' +
    'trying the app.',
  task: 'text-generation',
  languages: ['en'],
  licence: licence('MIT', 'MIT-llama2c.txt'),
  parameters,
  contextLength: 256,
  evaluation: 'evaluation.jsonl',
  generation: { bosTokenId: 1, eosTokenIds: [1, 2], temperature: 0.8, topP: 0.9, topK: 0, repetitionPenalty: 1, maxTokens: 200 },
  // Beginning and comma: where feed-forward activations reach 41 and 19 times the median token's (no other token above 11). Eight texts, 968 tokens, read as
  // prompts by int8 with its channels evened diverge from fp32 by 0.019 nats in one pass, 0.016 with the beginning alone, 0.012 with both, 0.005 token
  // by token (docs/decisions/0083).
  sinkTokens: [1, 29_892],
  variants: [
    // Weights in the runtime's heap 1.07 times; the embedding once more, packed for multiplication; cache, scores and the runtime's own 24 MiB.
    { id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: storiesFiles('_int8'), needs: { memoryBytes: 56 * MIB } },
    // The weights pass through the heap on their way to the GPU. The largest buffer is the embedding's packed levels.
    {
      id: 'q4-webgpu',
      dtype: 'q4',
      device: 'webgpu',
      files: storiesFiles('_q4'),
      needs: { memoryBytes: 72 * MIB, bufferBytes: (32_000 * 288) / 2 },
    },
  ],
  minimumRuntime: RUNTIME,
  referenceScores: [
    { variant: 'int8-wasm', metric: 'nll', value: 1.188, text: SCORED_TEXT },
    { variant: 'q4-webgpu', metric: 'nll', value: 1.1471, text: SCORED_TEXT },
  ],
  provenance: {
    ...provenanceOf(SOURCES.llama2c),
    conversion:
      'From the float32 checkpoint in llama2.c format. int8: symmetric, one scale a row, activations quantised as it runs, their channels ' +
      'evened into the weights before. q4: symmetric blocks of 32 at 4 bits with the scale of least squares; the query, key, value and down projections at 8 bits. ' +
      'The tokenizer was rebuilt from tokenizer.bin.',
  },
});

/** The same weights unquantised: what the others are measured against. Never offered. */
export const stories15mReference = (parameters: number): About => ({
  ...stories15m(parameters),
  name: 'Stories 15M (reference)',
  variants: [
    { id: 'fp32-wasm', dtype: 'fp32', device: 'wasm', files: storiesFiles(''), needs: { memoryBytes: 160 * MIB }, reference: true },
  ],
  referenceScores: [{ variant: 'fp32-wasm', metric: 'nll', value: 1.1632, text: SCORED_TEXT }],
  provenance: { ...provenanceOf(SOURCES.llama2c), conversion: 'From the float32 checkpoint in llama2.c format, unquantised.' },
});

export const minilm: About = {
  id: 'all-minilm-l6-v2',
  name: 'all-MiniLM-L6-v2',
  description:
    'Turns sentences and short passages into vectors of 384 numbers that lie close together when the texts mean the same: for search ' +
    'by meaning, grouping and finding duplicates. Trained on English. Passages of up to about 250 words count; the rest is cut off.',
  task: 'feature-extraction',
  languages: ['en'],
  licence: licence('Apache-2.0', 'Apache-2.0.txt'),
  parameters: 22_565_376,
  contextLength: 512,
  dimensions: 384,
  variants: [
    {
      id: 'q8-wasm',
      dtype: 'q8',
      device: 'wasm',
      files: ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx'],
      // A single-file model of this size takes 81 MiB of heap; activations of a few passages at a time come on top.
      needs: { memoryBytes: 120 * MIB },
    },
  ],
  minimumRuntime: RUNTIME,
  provenance: {
    ...provenanceOf(SOURCES.minilm),
    conversion: 'None: files of Xenova/all-MiniLM-L6-v2 (of sentence-transformers/all-MiniLM-L6-v2).',
  },
};

/** Whisper's languages in its own order of codes, but `jv` where it says `jw`: BCP 47 has no `jw`. */
const WHISPER_LANGUAGES =
  'af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is it ja jv ka kk km kn ko ' +
  'la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ' +
  'ur uz vi yi yo zh';

export const whisperTiny: About = {
  id: 'whisper-tiny',
  name: 'Whisper Tiny',
  description:
    'Writes down speech, and can translate it into English. The smallest of the Whisper family: quick, good with clear English and other ' +
    'widely spoken languages, weak with noise, accents and the languages it heard little of. It may invent words where nobody speaks.',
  task: 'automatic-speech-recognition',
  languages: WHISPER_LANGUAGES.split(' '),
  licence: licence('Apache-2.0', 'Apache-2.0.txt'),
  parameters: 37_760_640,
  contextLength: 448,
  variants: [
    {
      id: 'q8-wasm',
      dtype: 'q8',
      device: 'wasm',
      files: [
        'config.json',
        'generation_config.json',
        'preprocessor_config.json',
        'tokenizer.json',
        'tokenizer_config.json',
        'onnx/encoder_model_quantized.onnx',
        'onnx/decoder_model_merged_quantized.onnx',
      ],
      // Two single-file models, 3.3 times their size in heap, and the activations of a window of 30 seconds.
      needs: { memoryBytes: 260 * MIB },
    },
  ],
  minimumRuntime: RUNTIME,
  provenance: { ...provenanceOf(SOURCES.whisper), conversion: 'None: files of Xenova/whisper-tiny (of openai/whisper-tiny).' },
};

/** A model whose published weights write nonsense, with a suite that any model of its kind would pass. For tests of the gate alone. */
export const minimindBroken: About = {
  id: 'minimind2-small',
  name: 'MiniMind2 Small (broken)',
  description: 'A small chat model in Chinese and some English whose quantised weights write nonsense. It is here to be refused.',
  task: 'text-generation',
  languages: ['zh', 'en'],
  licence: licence('Apache-2.0', 'Apache-2.0.txt'),
  parameters: 25_829_888,
  contextLength: 2048,
  generation: { bosTokenId: 1, eosTokenIds: [2] },
  evaluation: 'evaluation.jsonl',
  variants: [
    {
      id: 'q8-wasm',
      dtype: 'q8',
      device: 'wasm',
      files: [...Object.keys(SOURCES.minimind.files), 'evaluation.jsonl'],
      needs: { memoryBytes: 100 * MIB },
      reference: true,
    },
  ],
  minimumRuntime: RUNTIME,
  provenance: { ...provenanceOf(SOURCES.minimind), conversion: 'None.' },
};

/** What is said of TinyLlama beside what its file says itself. */
export const tinyllama = (delivered: ReturnType<typeof deliveredGguf>): About => ({
  id: 'tinyllama',
  name: 'TinyLlama 1.1B Chat',
  description:
    'A small chat model in English: answers questions, explains, lists and rewrites in a few sentences. It is often wrong in details, and ' +
    'its weights come from a file of 2 to 3 bits each, which costs it some quality. Needs over a gigabyte of memory.',
  task: 'text-generation',
  languages: ['en'],
  ...delivered,
  // As `npm run sill -- score` works it out: what each form that a device makes is held against.
  referenceScores: delivered.variants.map(({ id }) => ({ variant: id, metric: 'nll', value: 2.761, text: IMPORT_TEXT })),
  licence: licence('Apache-2.0', 'Apache-2.0.txt'),
  generation: { ...delivered.generation, eosTokenIds: [2], temperature: 0.7, topP: 0.95, topK: 50, repetitionPenalty: 1, maxTokens: 512 },
  minimumRuntime: RUNTIME,
  provenance: {
    source: `${provenanceOf(SOURCES.tinyllama1).source} and ${provenanceOf(SOURCES.tinyllama2).source}`,
    integrity: `${SOURCES.tinyllama1.integrity} ${SOURCES.tinyllama2.integrity}`,
    conversion:
      'None: a GGUF file in IQ2_XXS (some tensors in Q2_K, Q4_K and Q5_K), its two parts joined. Each device rewrites it. int8: symmetric, one ' +
      'scale a row, activations quantised as it runs. q4: symmetric blocks of 32 at 4 bits with the scale of least squares; the query, key, ' +
      'value and down projections at 8 bits. Tokenizer and chat template are those of the file.',
  },
});
