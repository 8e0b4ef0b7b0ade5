import { headDim, kvDim, type LlamaConfig, type LlamaWeights, queryDim } from '../llama.ts';
import type { Matrix } from '../matrix.ts';
import { rotaryPairs } from '../rotary.ts';
import { SPACE_MARK, type VocabularyPiece } from '../tokenizerFiles.ts';
import type { WrittenType } from './quantizeTensor.ts';
import type { GgufContent, WrittenTensor, WrittenValue } from './writeGguf.ts';

/** `enum llama_token_type`. */
const KINDS: Readonly<Record<VocabularyPiece['kind'], number>> = { text: 1, unknown: 2, control: 3, added: 4, unused: 5, byte: 6 };
/** `enum llama_ftype`. */
export const FILE_TYPES: Readonly<Record<WrittenType, number>> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7 };

export interface LlamaToWrite {
  readonly name: string;
  readonly licence: string;
  readonly config: LlamaConfig;
  readonly weights: LlamaWeights;
  readonly pieces: readonly VocabularyPiece[];
  readonly bos: number;
  readonly eos: number;
}

/**
 * A llama with a SentencePiece vocabulary as a GGUF file that llama.cpp, wllama and Sill read.
 * @param type of its matrices; vectors stay 32-bit floats, as everywhere
 */
export function llamaGguf(model: LlamaToWrite, type: WrittenType): GgufContent {
  return { metadata: metadataOf(model, type), tensors: tensorsOf(model, type) };
}

function metadataOf({ name, licence, config, pieces, bos, eos }: LlamaToWrite, type: WrittenType): Map<string, WrittenValue> {
  return new Map<string, WrittenValue>([
    ['general.architecture', { string: 'llama' }],
    ['general.name', { string: name }],
    ['general.license', { string: licence }],
    ['general.file_type', { uint32: FILE_TYPES[type] }],
    ['general.quantization_version', { uint32: 2 }],
    ['llama.context_length', { uint32: config.context }],
    ['llama.embedding_length', { uint32: config.dim }],
    ['llama.block_count', { uint32: config.layers }],
    ['llama.feed_forward_length', { uint32: config.hidden }],
    ['llama.rope.dimension_count', { uint32: headDim(config) }],
    ['llama.rope.freq_base', { float32: config.ropeTheta }],
    ['llama.attention.head_count', { uint32: config.heads }],
    ['llama.attention.head_count_kv', { uint32: config.kvHeads }],
    ['llama.attention.layer_norm_rms_epsilon', { float32: config.normEps }],
    ['llama.vocab_size', { uint32: config.vocab }],
    ['tokenizer.ggml.model', { string: 'llama' }],
    ['tokenizer.ggml.tokens', { strings: pieces.map(({ text }) => text.replaceAll(' ', SPACE_MARK)) }],
    ['tokenizer.ggml.scores', { float32s: pieces.map(({ score }) => score) }],
    ['tokenizer.ggml.token_type', { int32s: pieces.map(({ kind }) => KINDS[kind]) }],
    ['tokenizer.ggml.bos_token_id', { uint32: bos }],
    ['tokenizer.ggml.eos_token_id', { uint32: eos }],
    ['tokenizer.ggml.unknown_token_id', { uint32: 0 }],
    ['tokenizer.ggml.add_bos_token', { bool: true }],
    ['tokenizer.ggml.add_eos_token', { bool: false }],
  ]);
}

function tensorsOf({ config, weights }: LlamaToWrite, type: WrittenType): WrittenTensor[] {
  const { dim, hidden, vocab, layers } = config;
  const vector = (name: string, values: () => Float32Array): WrittenTensor => ({ name, dims: [dim], type: 'F32', values });
  const matrix = (name: string, columns: number, rows: number, of: () => Matrix): WrittenTensor => ({
    name,
    dims: [columns, rows],
    type,
    values: () => of().values,
  });
  const pairs = (of: Matrix): Matrix => rotaryPairs(of, headDim(config));
  const layerTensors = (index: number): WrittenTensor[] => {
    const part = `blk.${index}`;
    const layer = () => weights.layer(index);
    return [
      vector(`${part}.attn_norm.weight`, () => layer().attentionNorm),
      matrix(`${part}.attn_q.weight`, dim, queryDim(config), () => pairs(layer().query)),
      matrix(`${part}.attn_k.weight`, dim, kvDim(config), () => pairs(layer().key)),
      matrix(`${part}.attn_v.weight`, dim, kvDim(config), () => layer().value),
      matrix(`${part}.attn_output.weight`, queryDim(config), dim, () => layer().attentionOutput),
      vector(`${part}.ffn_norm.weight`, () => layer().feedForwardNorm),
      matrix(`${part}.ffn_gate.weight`, dim, hidden, () => layer().gate),
      matrix(`${part}.ffn_up.weight`, dim, hidden, () => layer().up),
      matrix(`${part}.ffn_down.weight`, hidden, dim, () => layer().down),
    ];
  };
  const classifier = weights.classifier();
  return [
    matrix('token_embd.weight', dim, vocab, () => weights.embedding()),
    ...Array.from({ length: layers }, (_, index) => layerTensors(index)).flat(),
    vector('output_norm.weight', () => weights.finalNorm()),
    ...(classifier ? [matrix('output.weight', dim, vocab, () => classifier)] : []),
  ];
}
