import type { Architecture } from '../architectures/architecture.ts';
import { ARCHITECTURES } from '../architectures/known.ts';
import { headDim, kvDim, type LlamaConfig, type LlamaWeights, queryDim, rotaryDim } from '../llama.ts';
import { ggufConfig } from './ggufConfig.ts';
import { refused } from './ggufError.ts';
import { quoted } from './ggufMetadata.ts';
import { ggufWeights } from './ggufWeights.ts';
import type { Gguf, GgufTensor } from './readGguf.ts';
import { LONG_DIVISORS, ROPE_DIVISORS, SHORT_DIVISORS } from './ropeScaling.ts';

/** In old files, made from what the graph makes itself. */
const UNUSED = /\.attn_rot_embd$|\.rotary_emb\.inv_freq$/;
/** What is no part of what was trained. */
const CONSTANTS: readonly string[] = [ROPE_DIVISORS, SHORT_DIVISORS, LONG_DIVISORS];

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
  const config = ggufConfig(gguf, architecture, vocab);
  const shapes = expectedShapes(gguf, architecture, config);
  checkTensors(gguf, shapes);
  const trained = [...gguf.tensors.values()].filter((tensor) => shapes.has(tensor.name) && !CONSTANTS.includes(tensor.name));
  return {
    architecture,
    config,
    ownClassifier: gguf.tensors.has('output.weight'),
    parameters: trained.reduce((sum, { dims }) => sum + dims.reduce((product, side) => product * side, 1), 0),
    weights: ggufWeights(gguf, architecture, config, onRead),
  };
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Every tensor that the graph has a place for. */
export function expectedShapes({ tensors }: Gguf, architecture: Architecture, config: LlamaConfig): Shapes {
  const { dim, hidden, vocab } = config;
  const [query, kv, head] = [queryDim(config), kvDim(config), headDim(config)];
  const shapes = new Map<string, readonly number[]>([
    ['token_embd.weight', [dim, vocab]],
    ['output_norm.weight', [dim]],
  ]);
  if (tensors.has('output.weight')) shapes.set('output.weight', [dim, vocab]);
  for (const name of CONSTANTS) if (tensors.has(name)) shapes.set(name, [rotaryDim(config) / 2]);
  for (let layer = 0; layer < config.layers; layer++) {
    const add = (part: string, ...dims: number[]) => shapes.set(`blk.${layer}.${part}`, dims);
    add('attn_norm.weight', dim);
    if (architecture.fused) {
      add('attn_qkv.weight', dim, query + 2 * kv);
      add('ffn_up.weight', dim, 2 * hidden);
    } else {
      add('attn_q.weight', dim, query);
      add('attn_k.weight', dim, kv);
      add('attn_v.weight', dim, kv);
      add('ffn_gate.weight', dim, hidden);
      add('ffn_up.weight', dim, hidden);
    }
    add('attn_output.weight', query, dim);
    add('ffn_norm.weight', dim);
    add('ffn_down.weight', hidden, dim);
    if (architecture.postNorms) for (const part of ['attention', 'ffw']) add(`post_${part}_norm.weight`, dim);
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
