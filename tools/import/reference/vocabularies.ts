import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { bytesOf } from '../../../src/forge/gguf/testing/tinyGguf.ts';
import type { WrittenTensor, WrittenValue } from '../../../src/forge/gguf/writeGguf.ts';
import { FIRST_TEXT_ID } from '../../../src/forge/llama2cTokenizer.ts';
import { SOURCES_FOLDER, sourceFolder } from '../../models/fetchSources.ts';
import { SOURCES } from '../../models/sources.ts';
import { HARD_TEXTS } from '../../models/testing/hardTexts.ts';
import { storiesPieces } from '../../models/testing/storiesGguf.ts';

/** A real vocabulary under the rules of one family. */
export interface Vocabulary {
  readonly title: string;
  /** A GGUF file with this vocabulary and no weights. */
  file(): Uint8Array;
  /** Texts at which these rules show. */
  readonly texts: readonly string[];
}

const SHAPE: ReadonlyArray<readonly [string, WrittenValue]> = [
  ['context_length', { uint32: 64 }],
  ['embedding_length', { uint32: 64 }],
  ['block_count', { uint32: 1 }],
  ['feed_forward_length', { uint32: 64 }],
  ['attention.head_count', { uint32: 2 }],
  ['attention.layer_norm_rms_epsilon', { float32: 1e-5 }],
];
const NONE: readonly WrittenTensor[] = [];

function fileOf(architecture: string, name: string, tokenizer: Readonly<Record<string, WrittenValue>>): Uint8Array {
  const metadata = new Map<string, WrittenValue>([
    ['general.architecture', { string: architecture }],
    ['general.name', { string: name }],
    ...SHAPE.map(([key, value]) => [`${architecture}.${key}`, value] as const),
    ...Object.entries(tokenizer).map(([key, value]) => [`tokenizer.ggml.${key}`, value] as const),
  ]);
  return bytesOf({ metadata, tensors: NONE });
}

type Added = readonly [text: string, kind: 'control' | 'added'];

/** The vocabulary of Llama 2 with more pieces behind it. */
function sentencePieces(
  architecture: string,
  name: string,
  added: readonly Added[],
  rules: Readonly<Record<string, WrittenValue>> = {},
): Uint8Array {
  const pieces = storiesPieces();
  const kinds = pieces.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < FIRST_TEXT_ID ? 6 : 1));
  return fileOf(architecture, name, {
    model: { string: 'llama' },
    tokens: { strings: [...pieces.map(({ text }) => text), ...added.map(([text]) => text)] },
    scores: { float32s: [...pieces.map(({ score }) => score), ...added.map(() => -1000)] },
    token_type: { int32s: [...kinds, ...added.map(([, kind]) => (kind === 'control' ? 3 : 4))] },
    bos_token_id: { uint32: 1 },
    eos_token_id: { uint32: 2 },
    unknown_token_id: { uint32: 0 },
    ...rules,
  });
}

const OriginalSchema = v.looseObject({
  added_tokens: v.array(v.object({ id: v.number(), content: v.string() })),
  model: v.looseObject({ vocab: v.record(v.string(), v.number()), merges: v.array(v.tuple([v.string(), v.string()])) }),
});

/** The tokenizer.json of MiniMind: 6,400 pieces of bytes. */
function byteLevelOriginal() {
  const source = sourceFolder(SOURCES_FOLDER, SOURCES.minimind);
  return v.parse(OriginalSchema, JSON.parse(readFileSync(join(source, 'tokenizer.json'), 'utf8')));
}

function byteLevel(pre: string): Uint8Array {
  const original = byteLevelOriginal();
  const pieces = Object.entries(original.model.vocab).sort(([, a], [, b]) => a - b);
  const controls = new Set(original.added_tokens.map(({ id }) => id));
  return fileOf('llama', pre, {
    model: { string: 'gpt2' },
    pre: { string: pre },
    tokens: { strings: pieces.map(([text]) => text) },
    token_type: { int32s: pieces.map(([, id]) => (controls.has(id) ? 3 : 1)) },
    merges: { strings: original.model.merges.map((pair) => pair.join(' ')) },
    bos_token_id: { uint32: 1 },
    eos_token_id: { uint32: 2 },
  });
}

const CUTS = ['gpt-2', 'llama-bpe', 'qwen2', 'smollm', 'tekken', 'gpt-4o'] as const;
/** Other names of the same: whether they are is seen on few texts. */
const OTHER_NAMES = [
  ...['falcon3', 'pixtral', 'midm-2.0', 'llama4', 'kanana2'],
  ...['phi-2', 'mellum', 'a.x-4.0', 'refact', 'starcoder', 'minerva-7b'],
] as const;

/** Where ways to cut differ: cases, contractions, runs of digits, slashes after signs, lines. */
const CUT_TEXTS = [
  'HelloWorld helloWORLD XMLHttpRequest iPhone',
  "I'M sure we'll say DON'T, they'Ve",
  '1 12 123 1234 12345678 3.14',
  'path/to//file ./a ../b ok?/ //comment',
  'a  b   c\n\n  d\n \n\te \r\n\r\nf   ',
  'Ünïcödé ÀÉÎ ßẞ ǅ ʰ ª',
  'x²y³ ①② Ⅷ ੴ',
  'a<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n',
  '\'\'\' """ ### --- ... …',
  'don´t it`s ‘quoted’ “so”',
  'ไทย ภาษา ก็',
  'मैं हूँ',
  'a\u0301e\u0301 n\u0303',
] as const;

const GEMMA: readonly Added[] = [
  ['<start_of_turn>', 'control'],
  ['<end_of_turn>', 'control'],
  ['\n\n', 'added'],
  ['\n\n\n', 'added'],
  ['  ', 'added'],
  ['    ', 'added'],
  ['\t\t', 'added'],
  ['<table>', 'added'],
  ['<unused0>', 'added'],
];
const GEMMA_TEXTS = [
  '<start_of_turn>user\nHello<end_of_turn>\n<start_of_turn>model\n',
  'a<table>b',
  '<table> x <table>',
  'one\n\ntwo\n\n\nthree\n\n\n\nfour',
  'a  b   c    d     e',
  '\t\tx\t\t\ty',
  ' <start_of_turn> ',
  '<unused0><unused0>',
  'if x:\n    return  y\n\n\n',
] as const;

const PHI: readonly Added[] = [
  ['<|endoftext|>', 'control'],
  ['<|assistant|>', 'control'],
  ['<|system|>', 'control'],
  ['<|end|>', 'control'],
  ['<|user|>', 'control'],
];
const PHI_TEXTS = [
  '<|user|>\nHello<|end|>\n<|assistant|>\n',
  '<|system|>\nYou are kind.<|end|>\n<|user|>\nWhat?<|end|>\n<|assistant|>',
  'a<|end|> b',
  'a <|end|>   b  ',
  '<|user|> <|end|>',
  '<|endoftext|> x',
  '<s> x </s> y',
  '<|user|>\n\n\nx',
] as const;

export const VOCABULARIES: readonly Vocabulary[] = [
  ...CUTS.map((pre) => ({ title: pre, file: () => byteLevel(pre), texts: [...HARD_TEXTS, ...CUT_TEXTS] })),
  ...OTHER_NAMES.map((pre) => ({ title: pre, file: () => byteLevel(pre), texts: CUT_TEXTS })),
  {
    title: 'gemma',
    file: () => sentencePieces('gemma2', 'Gemma', GEMMA, { add_space_prefix: { bool: false }, add_bos_token: { bool: true } }),
    texts: [...HARD_TEXTS, ...GEMMA_TEXTS],
  },
  { title: 'phi3', file: () => sentencePieces('phi3', 'phi-3', PHI), texts: [...HARD_TEXTS, ...PHI_TEXTS] },
];
