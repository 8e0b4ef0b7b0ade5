import type { Architecture } from '../architectures/architecture.ts';
import { ARCHITECTURES } from '../architectures/known.ts';
import { headDim, kvDim, type LlamaConfig, type LlamaLayer, type LlamaWeights, queryDim } from '../llama.ts';
import type { Matrix } from '../matrix.ts';
import { rotaryHalves } from '../rotary.ts';
import { refused } from './ggufError.ts';
import { tensorMatrix, tensorValues } from './ggufMatrix.ts';
import { type GgufMetadata, quoted } from './ggufMetadata.ts';
import type { Gguf, GgufTensor } from './readGguf.ts';

/** Rotary tables are written for every position. Longer texts than this need more memory for their key-values than a page has. */
export const MAX_CONTEXT = 32_768;
const MAX_LAYERS = 1024;
/** In old files, made from what the graph makes itself. */
const UNUSED = /\.attn_rot_embd$|\.rotary_emb\.inv_freq$/;
const ROPE_DIVISORS = 'rope_freqs.weight';

export interface GgufModel {
  readonly architecture: Architecture;
  readonly config: LlamaConfig;
  readonly weights: LlamaWeights;
  readonly ownClassifier: boolean;
  /** Numbers that were trained. */
  readonly parameters: number;
}

/**
 * The model in a GGUF file, as the graph builder wants it.
 * @param vocab how many tokens the file's vocabulary has
 * @param onRead told of each tensor before its numbers are read
 * @throws SillError `invalid_request` naming what is missing, when the file holds another kind of model or not all of one
 */
export function ggufModel(gguf: Gguf, vocab: number, onRead?: (tensor: GgufTensor) => void): GgufModel {
  const name = gguf.metadata.text('general.architecture') ?? '';
  const architecture = ARCHITECTURES.get(name);
  if (!architecture) {
    const known = [...ARCHITECTURES.keys()].join(', ');
    throw refused('unsupported', `its architecture is ${quoted(name)}, and there is a graph builder for ${known}`);
  }
  const config = configOf(gguf, architecture, vocab);
  const shapes = expectedShapes(gguf, architecture, config);
  checkTensors(gguf, shapes);
  const trained = [...gguf.tensors.values()].filter((tensor) => shapes.has(tensor.name) && tensor.name !== ROPE_DIVISORS);
  return {
    architecture,
    config,
    ownClassifier: gguf.tensors.has('output.weight'),
    parameters: trained.reduce((sum, { dims }) => sum + dims.reduce((product, side) => product * side, 1), 0),
    weights: weightsOf(gguf, architecture, config, onRead),
  };
}

function configOf({ metadata, tensors }: Gguf, { name }: Architecture, vocab: number): LlamaConfig {
  const size = (key: string): number => {
    const value = metadata.count(`${name}.${key}`);
    if (value === undefined || value < 1) throw refused('malformed', `"${name}.${key}" is missing`);
    return value;
  };
  const dim = size('embedding_length');
  const heads = size('attention.head_count');
  const ownHeadDim = metadata.count(`${name}.attention.key_length`);
  const window = metadata.count(`${name}.attention.sliding_window`);
  const divisors = tensors.get(ROPE_DIVISORS);
  const config: LlamaConfig = {
    dim,
    heads,
    hidden: size('feed_forward_length'),
    layers: size('block_count'),
    kvHeads: metadata.count(`${name}.attention.head_count_kv`) ?? heads,
    vocab,
    // Up to the width of its window a model with one is a model without.
    context: Math.min(size('context_length'), window || MAX_CONTEXT, MAX_CONTEXT),
    ropeTheta: metadata.number(`${name}.rope.freq_base`) ?? 10_000,
    normEps: metadata.number(`${name}.attention.layer_norm_rms_epsilon`) ?? 1e-5,
    ...(ownHeadDim === undefined || ownHeadDim * heads === dim ? {} : { headDim: ownHeadDim }),
  };
  const width = headDim(config);
  const sound = [width / 2, heads / config.kvHeads].every((each) => Number.isInteger(each) && each > 0);
  if (!sound || config.layers > MAX_LAYERS || !(config.ropeTheta > 0) || !(config.normEps > 0)) {
    throw refused('malformed', `its sizes do not go together (${heads} heads, ${config.kvHeads} of keys, width ${dim})`);
  }
  refuseUnbuilt(metadata, name, width);
  const factor = linearFactor(metadata, name);
  if (divisors) {
    if (divisors.dims.join() !== String(width / 2)) throw refused('malformed', `"${ROPE_DIVISORS}" has another size than half a head`);
    return { ...config, ropeDivisors: tensorValues(divisors).map((value) => value * factor) };
  }
  return factor === 1 ? config : { ...config, ropeDivisors: new Float32Array(width / 2).fill(factor) };
}

/** What the format can say and no graph of ours does. */
function refuseUnbuilt(metadata: GgufMetadata, name: string, width: number): void {
  const missing = (what: string) => refused('unsupported', `it needs ${what}, which is not built yet`);
  if ((metadata.count(`${name}.expert_count`) ?? 0) > 0) throw missing('a mixture of experts');
  const rotated = metadata.count(`${name}.rope.dimension_count`) ?? width;
  if (rotated !== width) throw missing(`a rotation of ${rotated} of ${width} numbers of a head`);
  if ((metadata.count(`${name}.attention.value_length`) ?? width) !== width) throw missing('values of another width than keys');
  if (metadata.number(`${name}.attention.scale`) !== undefined) throw missing('an attention scale of its own');
}

/** How much slower all pairs turn. Longer texts by other means are refused: half of such a model writes nonsense. */
function linearFactor(metadata: GgufMetadata, name: string): number {
  const type = metadata.text(`${name}.rope.scaling.type`) ?? 'linear';
  const factor = metadata.number(`${name}.rope.scaling.factor`) ?? metadata.number(`${name}.rope.scale_linear`) ?? 1;
  if (type === 'none' || factor === 0) return 1;
  if (type !== 'linear' || factor < 0)
    throw refused('unsupported', `it needs rope scaling of type ${quoted(type)}, which is not built yet`);
  return factor;
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Every tensor that the graph has a place for. */
function expectedShapes({ tensors }: Gguf, architecture: Architecture, config: LlamaConfig): Shapes {
  const { dim, hidden, vocab } = config;
  const [query, kv, head] = [queryDim(config), kvDim(config), headDim(config)];
  const shapes = new Map<string, readonly number[]>([
    ['token_embd.weight', [dim, vocab]],
    ['output_norm.weight', [dim]],
  ]);
  if (tensors.has('output.weight')) shapes.set('output.weight', [dim, vocab]);
  if (tensors.has(ROPE_DIVISORS)) shapes.set(ROPE_DIVISORS, [head / 2]);
  for (let layer = 0; layer < config.layers; layer++) {
    const add = (part: string, ...dims: number[]) => shapes.set(`blk.${layer}.${part}`, dims);
    add('attn_norm.weight', dim);
    add('attn_q.weight', dim, query);
    add('attn_k.weight', dim, kv);
    add('attn_v.weight', dim, kv);
    add('attn_output.weight', query, dim);
    add('ffn_norm.weight', dim);
    add('ffn_gate.weight', dim, hidden);
    add('ffn_up.weight', dim, hidden);
    add('ffn_down.weight', hidden, dim);
    if (architecture.qkvBias)
      for (const [part, width] of [
        ['q', query],
        ['k', kv],
        ['v', kv],
      ] as const)
        add(`attn_${part}.bias`, width);
    if (architecture.headNorms) for (const part of ['q', 'k']) add(`attn_${part}_norm.weight`, head);
  }
  return shapes;
}

function checkTensors({ tensors }: Gguf, shapes: Shapes): void {
  for (const [name, dims] of shapes) {
    const found = tensors.get(name);
    if (!found) throw refused('incomplete', `${quoted(name)} is missing`);
    if (found.dims.join() !== dims.join()) {
      throw refused('malformed', `${quoted(name)} measures ${found.dims.join(' × ')} in place of ${dims.join(' × ')}`);
    }
  }
  // A weight that is left out would make another model of it, which answers without a word that anything is wrong.
  const unknown = [...tensors.keys()].find((name) => !shapes.has(name) && !UNUSED.test(name));
  if (unknown !== undefined) throw refused('unsupported', `it has a weight that the graph has no place for, ${quoted(unknown)}`);
}

function weightsOf(gguf: Gguf, architecture: Architecture, config: LlamaConfig, onRead?: (tensor: GgufTensor) => void): LlamaWeights {
  const tensor = (name: string): GgufTensor => {
    const found = gguf.tensors.get(name);
    if (!found) throw refused('incomplete', `${quoted(name)} is missing`);
    onRead?.(found);
    return found;
  };
  const matrix = (name: string): Matrix => tensorMatrix(tensor(name));
  const vector = (name: string): Float32Array => tensorValues(tensor(name));
  const rotated = (name: string): Matrix =>
    architecture.rotaryPairs === 'neighbours' ? rotaryHalves(matrix(name), headDim(config)) : matrix(name);
  return {
    embedding: () => matrix('token_embd.weight'),
    finalNorm: () => vector('output_norm.weight'),
    classifier: () => (gguf.tensors.has('output.weight') ? matrix('output.weight') : undefined),
    layer(index): LlamaLayer {
      const part = `blk.${index}`;
      return {
        attentionNorm: vector(`${part}.attn_norm.weight`),
        query: rotated(`${part}.attn_q.weight`),
        key: rotated(`${part}.attn_k.weight`),
        value: matrix(`${part}.attn_v.weight`),
        attentionOutput: matrix(`${part}.attn_output.weight`),
        feedForwardNorm: vector(`${part}.ffn_norm.weight`),
        gate: matrix(`${part}.ffn_gate.weight`),
        up: matrix(`${part}.ffn_up.weight`),
        down: matrix(`${part}.ffn_down.weight`),
        ...(architecture.qkvBias ? { qkvBias: joined(['q', 'k', 'v'].map((each) => vector(`${part}.attn_${each}.bias`))) } : {}),
        ...(architecture.headNorms
          ? { headNorms: { query: vector(`${part}.attn_q_norm.weight`), key: vector(`${part}.attn_k_norm.weight`) } }
          : {}),
      };
    },
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}
