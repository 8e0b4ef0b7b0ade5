import { ARCHITECTURES } from '../../architectures/known.ts';
import { memorySource } from '../../testing/tinyLlama.ts';
import { ggufConfig } from '../ggufConfig.ts';
import { expectedShapes } from '../ggufModel.ts';
import { readGguf } from '../readGguf.ts';
import type { WrittenTensor, WrittenValue } from '../writeGguf.ts';
import { BYTE_PIECES, byteVocabulary } from './byteVocabulary.ts';
import { bytesOf } from './tinyGguf.ts';

/** A tiny random model of one family. */
export interface Family {
  readonly title: string;
  readonly architecture: string;
  /** Metadata beside those that all have, without the architecture's name before them. */
  readonly values?: Readonly<Record<string, WrittenValue>>;
  /** Tensors that not every file has, with their shapes. */
  readonly more?: Readonly<Record<string, readonly number[]>>;
}

const BASE = { context_length: 512, embedding_length: 64, block_count: 3, feed_forward_length: 96 };
const OUTPUT = { 'output.weight': [64, 288] };

/** Everything that Sill can build, so small and so set that each part counts. */
export const FAMILIES: readonly Family[] = [
  { title: 'llama', architecture: 'llama' },
  { title: 'llama, head of its own', architecture: 'llama', more: OUTPUT },
  {
    title: 'llama, wide heads (Mistral Nemo)',
    architecture: 'llama',
    values: { 'attention.key_length': { uint32: 32 }, 'attention.value_length': { uint32: 32 }, 'rope.dimension_count': { uint32: 32 } },
  },
  {
    title: 'llama, linear scaling',
    architecture: 'llama',
    values: { 'rope.scaling.type': { string: 'linear' }, 'rope.scaling.factor': { float32: 4 } },
  },
  { title: 'llama, divisors of Llama 3', architecture: 'llama', more: { 'rope_freqs.weight': [8] } },
  {
    title: 'qwen2, YaRN',
    architecture: 'qwen2',
    values: {
      'rope.freq_base': { float32: 1000 },
      'rope.scaling.type': { string: 'yarn' },
      'rope.scaling.factor': { float32: 4 },
      'rope.scaling.original_context_length': { uint32: 16 },
    },
  },
  { title: 'qwen3', architecture: 'qwen3', more: OUTPUT },
  {
    title: 'mistral3, YaRN',
    architecture: 'mistral3',
    values: {
      'rope.scaling.type': { string: 'yarn' },
      'rope.scaling.factor': { float32: 2 },
      'rope.scaling.original_context_length': { uint32: 32 },
      'rope.scaling.yarn_beta_fast': { float32: 4 },
      'rope.scaling.yarn_log_multiplier': { float32: 1 },
      'attention.temperature_scale': { float32: 0.1 },
    },
  },
  { title: 'gemma', architecture: 'gemma', values: { 'attention.key_length': { uint32: 32 }, 'attention.value_length': { uint32: 32 } } },
  {
    title: 'gemma2',
    architecture: 'gemma2',
    values: {
      'attention.key_length': { uint32: 32 },
      'attention.value_length': { uint32: 32 },
      'attention.sliding_window': { uint32: 4 },
      attn_logit_softcapping: { float32: 2 },
      final_logit_softcapping: { float32: 3 },
    },
  },
  {
    title: 'gemma3',
    architecture: 'gemma3',
    values: {
      block_count: { uint32: 7 },
      'attention.sliding_window': { uint32: 4 },
      'rope.freq_base': { float32: 1_000_000 },
      'rope.scaling.type': { string: 'linear' },
      'rope.scaling.factor': { float32: 8 },
    },
  },
  { title: 'phi3', architecture: 'phi3', more: OUTPUT },
  {
    title: 'phi3, two lists of divisors',
    architecture: 'phi3',
    values: {
      'rope.scaling.attn_factor': { float32: 1.2 },
      'rope.scaling.original_context_length': { uint32: 256 },
      'rope.dimension_count': { uint32: 12 },
    },
    more: { ...OUTPUT, 'rope_factors_short.weight': [6], 'rope_factors_long.weight': [6] },
  },
];

function metadataOf({ architecture, values }: Family): Map<string, WrittenValue> {
  const own = Object.entries({
    ...Object.fromEntries(Object.entries(BASE).map(([key, uint32]) => [key, { uint32 }])),
    'attention.head_count': { uint32: 4 },
    'attention.head_count_kv': { uint32: 2 },
    'attention.layer_norm_rms_epsilon': { float32: 1e-5 },
    ...values,
  });
  return new Map<string, WrittenValue>([
    ['general.architecture', { string: architecture }],
    ...own.map(([key, value]) => [`${architecture}.${key}`, value] as const),
    ...byteVocabulary(),
  ]);
}

/** Random weights by name, the same in every run. Around 1 for what scales, above it for divisors. */
function random(name: string, dims: readonly number[]): WrittenTensor {
  let seed = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 2_147_483_647, 7);
  const next = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  const middle = name.includes('rope_') ? 2 : name.includes('norm') ? 1 : 0;
  const values = Float32Array.from({ length: dims.reduce((product, side) => product * side, 1) }, () => next() * 0.5 + middle);
  return { name, dims, type: 'F32', values: () => values };
}

/** The bytes of a GGUF file of that family. */
export function familyGguf(family: Family): Uint8Array {
  const metadata = metadataOf(family);
  const more = Object.entries(family.more ?? {}).map(([name, dims]) => random(name, dims));
  const architecture = ARCHITECTURES.get(family.architecture);
  if (!architecture) throw new Error(`there is no architecture ${family.architecture}`);
  const described = readGguf([memorySource(bytesOf({ metadata, tensors: more }))]);
  const shapes = expectedShapes(described, architecture, ggufConfig(described, architecture, BYTE_PIECES.length));
  const others = [...shapes].filter(([name]) => !(name in (family.more ?? {})));
  return bytesOf({ metadata, tensors: [...others.map(([name, dims]) => random(name, dims)), ...more] });
}
