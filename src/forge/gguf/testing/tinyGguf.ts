import { headDim, kvDim, type LlamaConfig, queryDim } from '../../llama.ts';
import { TINY } from '../../testing/tinyLlama.ts';
import type { WrittenType } from '../quantizeTensor.ts';
import { type GgufContent, type WrittenTensor, type WrittenValue, writeGguf } from '../writeGguf.ts';

export const bytesOf = (content: GgufContent): Uint8Array => {
  const parts: Uint8Array[] = [];
  writeGguf(content, (bytes) => parts.push(bytes.slice()));
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.byteLength;
  }
  return all;
};

const PIECES = ['<unk>', '<s>', '</s>', '<0x0A>', ...Array.from({ length: TINY.vocab - 4 }, (_, i) => String.fromCharCode(0x61 + i))];

/** Metadata of a tiny model. */
export function tinyMetadata(architecture: string, shape: LlamaConfig = TINY): Map<string, WrittenValue> {
  const own = (key: string) => `${architecture}.${key}`;
  return new Map<string, WrittenValue>([
    ['general.architecture', { string: architecture }],
    [own('context_length'), { uint32: shape.context }],
    [own('embedding_length'), { uint32: shape.dim }],
    [own('block_count'), { uint32: shape.layers }],
    [own('feed_forward_length'), { uint32: shape.hidden }],
    [own('attention.head_count'), { uint32: shape.heads }],
    [own('attention.head_count_kv'), { uint32: shape.kvHeads }],
    [own('attention.layer_norm_rms_epsilon'), { float32: shape.normEps }],
    ['tokenizer.ggml.model', { string: 'llama' }],
    ['tokenizer.ggml.tokens', { strings: PIECES }],
    ['tokenizer.ggml.scores', { float32s: PIECES.map((_, id) => -id) }],
    ['tokenizer.ggml.token_type', { int32s: PIECES.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 4 ? 6 : 1)) }],
  ]);
}

export interface Extras {
  readonly qkvBias?: boolean;
  readonly headNorms?: boolean;
  readonly ropeDivisors?: boolean;
  readonly classifier?: boolean;
}

/** Random weights, the same in every run. */
export function tinyWeights(type: WrittenType, extras: Extras = {}, shape: LlamaConfig = TINY): WrittenTensor[] {
  const { dim, hidden, layers, vocab } = shape;
  let seed = 7;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  const tensor = (name: string, dims: readonly number[], shift = 0): WrittenTensor => {
    const values = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random() * 0.5 + shift);
    return { name, dims, type: dims.length > 1 ? type : 'F32', values: () => values };
  };
  const kv = kvDim(shape);
  const layer = (index: number): WrittenTensor[] => {
    const part = (name: string, ...dims: number[]) => tensor(`blk.${index}.${name}`, dims, name.includes('norm') ? 1 : 0);
    return [
      part('attn_norm.weight', dim),
      part('attn_q.weight', dim, queryDim(shape)),
      part('attn_k.weight', dim, kv),
      part('attn_v.weight', dim, kv),
      part('attn_output.weight', queryDim(shape), dim),
      part('ffn_norm.weight', dim),
      part('ffn_gate.weight', dim, hidden),
      part('ffn_up.weight', dim, hidden),
      part('ffn_down.weight', hidden, dim),
      ...(extras.qkvBias ? [part('attn_q.bias', queryDim(shape)), part('attn_k.bias', kv), part('attn_v.bias', kv)] : []),
      ...(extras.headNorms ? [part('attn_q_norm.weight', headDim(shape)), part('attn_k_norm.weight', headDim(shape))] : []),
    ];
  };
  return [
    tensor('token_embd.weight', [dim, vocab]),
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    tensor('output_norm.weight', [dim], 1),
    ...(extras.classifier ? [tensor('output.weight', [dim, vocab])] : []),
    ...(extras.ropeDivisors ? [tensor('rope_freqs.weight', [headDim(shape) / 2], 2)] : []),
  ];
}

export const tinyGguf = (type: WrittenType = 'F32', architecture = 'llama', extras: Extras = {}, shape: LlamaConfig = TINY): Uint8Array =>
  bytesOf({ metadata: tinyMetadata(architecture, shape), tensors: tinyWeights(type, extras, shape) });

/** The same in parts, by their names as llama.cpp gives and fills them: the first one alone says what the model is. */
export function splitGguf(name: string, type: WrittenType, count: number): Map<string, Uint8Array<ArrayBuffer>> {
  const tensors = tinyWeights(type);
  const ofFive = (value: number): string => String(value).padStart(5, '0');
  const part = (number: number): Uint8Array<ArrayBuffer> => {
    const own = tensors.slice(number, number === count - 1 ? undefined : number + 1);
    const split = new Map<string, WrittenValue>([
      ['split.no', { uint32: number }],
      ['split.count', { uint32: count }],
      ['split.tensors.count', { uint32: tensors.length }],
    ]);
    return new Uint8Array(bytesOf({ metadata: new Map([...(number === 0 ? tinyMetadata('llama') : []), ...split]), tensors: own }));
  };
  return new Map(Array.from({ length: count }, (_, number) => [`${name}-${ofFive(number + 1)}-of-${ofFive(count)}.gguf`, part(number)]));
}
