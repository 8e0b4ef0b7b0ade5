import { SillError } from '../core/errors.ts';
import type { ByteSource } from './byteSource.ts';
import { headDim, kvDim, type LlamaConfig, type LlamaLayer, type LlamaWeights } from './llama.ts';
import type { Matrix } from './matrix.ts';
import { rotaryHalves } from './rotary.ts';

const HEADER_BYTES = 28;
/** Not in the file: llama2.c has both built in. */
const ROPE_THETA = 10_000;
const NORM_EPS = 1e-5;

export interface Llama2cModel {
  readonly config: LlamaConfig;
  readonly weights: LlamaWeights;
  readonly ownClassifier: boolean;
}

/**
 * A checkpoint in llama2.c's first format: seven int32, then float32 tensors, each kind for all layers together.
 * @throws SillError `invalid_request` when the size does not fit the header
 */
export function readLlama2c(source: ByteSource): Llama2cModel {
  if (source.sizeBytes < HEADER_BYTES) throw refused(`it has ${source.sizeBytes} bytes, fewer than a header`);
  const header = source.read(0, HEADER_BYTES);
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  const field = (index: number): number => view.getInt32(index * 4, true);
  const config: LlamaConfig = {
    dim: field(0),
    hidden: field(1),
    layers: field(2),
    heads: field(3),
    kvHeads: field(4),
    // A negative size says that the classifier has weights of its own.
    vocab: Math.abs(field(5)),
    context: field(6),
    ropeTheta: ROPE_THETA,
    normEps: NORM_EPS,
  };
  const ownClassifier = field(5) < 0;
  const sizes = [config.dim, config.hidden, config.layers, config.heads, config.kvHeads, config.vocab, config.context];
  if (sizes.some((size) => !(size > 0)) || config.dim % config.heads !== 0 || config.heads % config.kvHeads !== 0) {
    throw refused('its header is not one of a llama model');
  }
  const layout = layOut(config, ownClassifier);
  if (source.sizeBytes !== layout.sizeBytes) {
    throw refused(`its header asks for ${layout.sizeBytes} bytes and it has ${source.sizeBytes}`);
  }
  return { config, ownClassifier, weights: reader(source, config, layout, ownClassifier) };
}

interface Layout {
  readonly offsets: Readonly<Record<Part, number>>;
  readonly sizeBytes: number;
}

type Part =
  | 'embedding'
  | 'attentionNorm'
  | 'query'
  | 'key'
  | 'value'
  | 'output'
  | 'feedForwardNorm'
  | 'gate'
  | 'down'
  | 'up'
  | 'finalNorm'
  | 'classifier';

function layOut(config: LlamaConfig, ownClassifier: boolean): Layout {
  const { dim, hidden, layers, vocab, context } = config;
  const kv = kvDim(config);
  let end = HEADER_BYTES;
  const take = (count: number): number => {
    const start = end;
    end += count * 4;
    return start;
  };
  const offsets: Record<Part, number> = {
    embedding: take(vocab * dim),
    attentionNorm: take(layers * dim),
    query: take(layers * dim * dim),
    key: take(layers * kv * dim),
    value: take(layers * kv * dim),
    output: take(layers * dim * dim),
    feedForwardNorm: take(layers * dim),
    gate: take(layers * hidden * dim),
    down: take(layers * dim * hidden),
    up: take(layers * hidden * dim),
    finalNorm: take(dim),
    // After the rotary tables, which follow from the shape and are not read.
    classifier: take(context * headDim(config)) + context * headDim(config) * 4,
  };
  if (ownClassifier) take(vocab * dim);
  return { offsets, sizeBytes: end };
}

function reader(source: ByteSource, config: LlamaConfig, { offsets }: Layout, ownClassifier: boolean): LlamaWeights {
  const { dim, hidden, vocab } = config;
  const floats = (part: Part, count: number, index = 0): Float32Array => {
    const bytes = source.read(offsets[part] + index * count * 4, count * 4);
    // Copied: a view of floats must begin at a multiple of four, and the caller may reuse its buffer.
    return new Float32Array(bytes.slice().buffer);
  };
  const matrix = (part: Part, rows: number, columns: number, index = 0): Matrix => ({
    rows,
    columns,
    values: floats(part, rows * columns, index),
  });
  return {
    embedding: () => matrix('embedding', vocab, dim),
    layer: (index): LlamaLayer => ({
      attentionNorm: floats('attentionNorm', dim, index),
      query: rotaryHalves(matrix('query', dim, dim, index), headDim(config)),
      key: rotaryHalves(matrix('key', kvDim(config), dim, index), headDim(config)),
      value: matrix('value', kvDim(config), dim, index),
      attentionOutput: matrix('output', dim, dim, index),
      feedForwardNorm: floats('feedForwardNorm', dim, index),
      gate: matrix('gate', hidden, dim, index),
      down: matrix('down', dim, hidden, index),
      up: matrix('up', hidden, dim, index),
    }),
    finalNorm: () => floats('finalNorm', dim),
    classifier: () => (ownClassifier ? matrix('classifier', vocab, dim) : undefined),
  };
}

const refused = (why: string): SillError =>
  new SillError('invalid_request', `This is not a llama2.c checkpoint that Sill can read: ${why}. Nothing was converted.`);
