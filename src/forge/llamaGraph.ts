import { STORAGE_BUFFERS } from '../core/manifest.ts';
import { declareLengths } from './attentionLengths.ts';
import { cappedAttention, declarePositions, type Positions } from './cappedAttention.ts';
import type { WeightData } from './externalData.ts';
import { cast } from './floatFormats.ts';
import { type Attribute, type FloatType, GraphBuilder, MICROSOFT } from './graphBuilder.ts';
import { headDim, kvDim, type LlamaConfig, type LlamaLayer, type LlamaWeights, queryDim, rotaryDim } from './llama.ts';
import { stack } from './matrix.ts';
import { rotaryFrequencies, rotaryTable } from './rotary.ts';
import { SCORES, type WeightFormat } from './weightFormats.ts';

const PRODUCER = { name: 'sill', version: '1' };
const INT64_MAX = 0x7fff_ffff_ffff_ffffn;

/**
 * A llama decoder with its key-values as inputs and outputs, in transformers.js's layout.
 *
 * Inputs: `input_ids` int64 `[batch_size, sequence_length]`, `attention_mask` int64 `[batch_size, total_sequence_length]` (ones; no
 * padding on the left), `num_logits_to_keep` int64 scalar (how many last positions get logits, 0 for all; transformers.js sets 1),
 * `past_key_values.N.key` and `.value` `[batch_size, kvHeads, past_sequence_length, headDim]`.
 * Outputs: `logits` float32 `[batch_size, kept, vocab]`, `present.N.key` and `.value`. Key-values are of the format's arithmetic, 32 bits or 16.
 *
 * In 16 bits too the sum that runs through all layers and its normalisation are in 32: there huge activations of a few tokens live, which
 * 16 bits would end in infinity, and what many layers add is not rounded by each.
 *
 * The names of the symbolic dimensions are a contract: transformers.js sizes the empty past from them.
 * @param data receives the weights; its `location` must be the name under which the file will lie beside the graph
 * @returns the bytes of the `.onnx` file
 */
export function buildLlama(config: LlamaConfig, weights: LlamaWeights, format: WeightFormat, data: WeightData): Uint8Array {
  const graph = new GraphBuilder('llama', data);
  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const lengths = declareLengths(graph);
  const type = typeOf(format);
  declareRotary(graph, config, type);
  if (hasPlainKernel(config, format)) declareNoSink(graph, config, type);
  const isWrittenOut = format.gpu && config.attentionSoftcap !== undefined;
  const positions = isWrittenOut ? declarePositions(graph, config, ids, 'lengths/total', type) : undefined;
  /** What lies behind the last attention is worked out for the tokens alone that get scores. A shader that is given none is another matter. */
  const isCutEarly = !format.gpu;
  /** From the arithmetic of the products to that of the sums, and back. */
  const wide = (value: string): string => (format.half ? cast(graph, value, `${value}/wide`, 'float32') : value);
  const half = (value: string): string => (format.half ? cast(graph, value, `${value}/half`, 'float16') : value);

  const embedding = format.embedding(graph, 'model.embed_tokens', ids, weights.embedding());
  let residual = scaled(graph, wide(embedding.rows), 'embedding', config.embeddingScale);
  let layer = weights.layer(0);
  graph.weight('model.layers.0.input_layernorm.weight', 'float32', [config.dim], layer.attentionNorm);
  const epsilon = { epsilon: { float: config.normEps } };
  let normed = graph.node('SimplifiedLayerNormalization', [residual, 'model.layers.0.input_layernorm.weight'], 'model.layers.0/normed', {
    attributes: { ...epsilon, axis: { int: -1 } },
  });

  /** Normalises what a part of a layer gives, in models that do so before it is added. */
  const post = (delta: string, name: string, gamma: Float32Array | undefined): string => {
    if (!gamma) return delta;
    graph.weight(`${name}.weight`, 'float32', [config.dim], gamma);
    const options = { attributes: { ...epsilon, axis: { int: -1 } } };
    return graph.node('SimplifiedLayerNormalization', [delta, `${name}.weight`], `${name}/normed`, options);
  };
  /** Adds `delta` to the residual stream and normalises the sum, in one operator. */
  const addAndNorm = (delta: string, name: string, gamma: Float32Array): void => {
    graph.weight(`${name}.weight`, 'float32', [config.dim], gamma);
    const options = { domain: MICROSOFT, attributes: epsilon } as const;
    graph.nodes(
      'SkipSimplifiedLayerNormalization',
      [residual, delta, `${name}.weight`],
      [`${name}/normed`, '', '', `${name}/sum`],
      options,
    );
    residual = `${name}/sum`;
    normed = `${name}/normed`;
  };

  const keep = keptPositions(graph);
  for (let index = 0; index < config.layers; index++) {
    const name = `model.layers.${index}`;
    const endsHere = isCutEarly && index + 1 === config.layers;
    const kept = endsHere ? (attended: string) => keep(attended, `${name}.self_attn/kept`) : undefined;
    const attended = attention(graph, config, format, index, half(normed), layer, lengths, positions, kept);
    if (endsHere) residual = keep(residual, 'kept/residual');
    const attendedNormed = post(wide(attended), `${name}.post_attention_norm`, layer.postNorms?.attention);
    addAndNorm(attendedNormed, `${name}.post_attention_layernorm`, layer.feedForwardNorm);
    const output = feedForward(graph, config, format, `${name}.mlp`, half(normed), layer);
    const fed = post(wide(output), `${name}.post_feedforward_norm`, layer.postNorms?.feedForward);
    if (index + 1 < config.layers) {
      layer = weights.layer(index + 1);
      addAndNorm(fed, `model.layers.${index + 1}.input_layernorm`, layer.attentionNorm);
    } else {
      addAndNorm(fed, 'model.norm', weights.finalNorm());
    }
  }

  const kept = half(isCutEarly ? normed : keep(normed, 'kept/hidden'));
  const classifier = weights.classifier();
  const scores = classifier ? format.linear(graph, SCORES, kept, classifier, 'classifier') : embedding.linear(SCORES, kept);
  graph.node('Identity', [capped(graph, wide(scores), SCORES, config.logitSoftcap)], 'logits');
  graph.output('logits', 'float32', ['batch_size', 'kept_sequence_length', config.vocab]);
  format.finish?.(graph);
  return graph.build(PRODUCER);
}

const typeOf = ({ half }: WeightFormat): FloatType => (half ? 'float16' : 'float32');

/** A value times a number, where there is one. */
const scaled = (graph: GraphBuilder, value: string, name: string, scale: number | undefined): string =>
  scale === undefined ? value : graph.node('Mul', [value, graph.scalar(`${name}/scale`, scale)], `${name}/scaled`);

/** `cap * tanh(value / cap)`, where there is a cap. */
function capped(graph: GraphBuilder, value: string, name: string, cap: number | undefined): string {
  if (cap === undefined) return value;
  const bent = graph.node('Tanh', [graph.node('Div', [value, graph.scalar(`${name}/cap`, cap)], `${name}/share`)], `${name}/bent`);
  return graph.node('Mul', [bent, `${name}/cap`], `${name}/capped`);
}

function declareRotary(graph: GraphBuilder, config: LlamaConfig, type: FloatType): void {
  const { context, ropeTheta, ropeDivisors, ropeMagnitude, window } = config;
  const rotated = rotaryDim(config);
  const declare = (name: string, theta: number, divisors?: Float32Array, magnitude?: number): void => {
    const turning = rotaryFrequencies(rotated, theta);
    const frequencies = Float64Array.from({ length: headDim(config) / 2 }, (_, i) => (turning[i] ?? 0) / (divisors?.[i] ?? 1));
    // Tens of megabytes for a long context and wide heads: workers that make the matrices alone do without them.
    for (const part of ['cos', 'sin'] as const)
      graph.madeFloats(`${name}.${part}`, type, [context, frequencies.length], () => rotaryTable(part, context, frequencies, magnitude));
  };
  declare('rotary', ropeTheta, ropeDivisors, ropeMagnitude);
  if (window?.ropeTheta !== undefined) declare('rotary_local', window.ropeTheta);
}

/**
 * Storage buffers that a shader of attention binds on WebGPU, at most (onnxruntime-web 1.31.0-dev.20260914): 9 in the fused one where query, key and value
 * come apart, as normalised heads do, 7 where they come packed, 5 where it is written out. `runtime/gpuModel.browser.test` counts them.
 */
export const attentionBuffers = ({ attentionSoftcap }: LlamaConfig, headNorms: boolean): number =>
  headNorms && attentionSoftcap === undefined ? 9 : STORAGE_BUFFERS;

/** The score that each head gives to nothing, for which its share of the attention is nothing to the last bit. */
const NO_SINK = 'attention/no_sink';
const LOWEST = -3.402_823_466_385_288_6e38;

/**
 * On a processor the runtime (onnxruntime-web 1.31.0-dev.20260914) takes a tiled kernel for attention unless that has a cap or a sink, and what is written for
 * large caches costs ten times as much where its inner loops are WebAssembly. Measured on two threads, in ms, tiled and plain: 6 heads of 48, 128 tokens 5.8 and
 * 0.5; 16 behind 180 1.2 and 0.1; TinyLlama's 32 heads of 64 over 4, 128 tokens behind 512 217 and 12, one behind 1,000 0.57 and 0.41.
 */
const hasPlainKernel = ({ attentionSoftcap }: LlamaConfig, { gpu = false }: WeightFormat): boolean =>
  !gpu && attentionSoftcap === undefined;

const declareNoSink = (graph: GraphBuilder, { heads }: LlamaConfig, type: FloatType): string =>
  graph.fewFloats(NO_SINK, type, [heads], new Float32Array(heads).fill(LOWEST));

type Attributes = Readonly<Record<string, Attribute>>;

function attentionAttributes({ heads, kvHeads, attentionScale, attentionSoftcap, window }: LlamaConfig, index: number): Attributes {
  return {
    num_heads: { int: heads },
    kv_num_heads: { int: kvHeads },
    do_rotary: { int: 1 },
    ...(attentionScale === undefined ? {} : { scale: { float: attentionScale } }),
    ...(attentionSoftcap === undefined ? {} : { softcap: { float: attentionSoftcap } }),
    ...(window?.limited[index] ? { local_window_size: { int: window.size } } : {}),
  };
}

function attention(
  graph: GraphBuilder,
  config: LlamaConfig,
  format: WeightFormat,
  index: number,
  input: string,
  layer: LlamaLayer,
  [lastPositions, total]: readonly [string, string],
  positions: Positions | undefined,
  kept: (attended: string) => string = (attended) => attended,
): string {
  const name = `model.layers.${index}.self_attn`;
  const type = typeOf(format);
  const dims = (length: string) => ['batch_size', config.kvHeads, length, headDim(config)];
  const pastKey = graph.input(`past_key_values.${index}.key`, type, dims('past_sequence_length'));
  const pastValue = graph.input(`past_key_values.${index}.value`, type, dims('past_sequence_length'));
  let packed = format.linear(graph, `${name}.qkv_proj`, input, stack([layer.query, layer.key, layer.value]), 'qkv');
  if (layer.qkvBias) {
    graph.floats(`${name}.qkv_proj.bias`, type, [layer.qkvBias.length], layer.qkvBias);
    packed = graph.node('Add', [packed, `${name}.qkv_proj.bias`], `${name}/biased`);
  }
  const rotary = config.window?.ropeTheta !== undefined && config.window.limited[index] ? 'rotary_local' : 'rotary';
  graph.output(`present.${index}.key`, type, dims('total_sequence_length'));
  graph.output(`present.${index}.value`, type, dims('total_sequence_length'));
  const project = (attended: string): string =>
    format.linear(graph, `${name}.o_proj`, kept(attended), layer.attentionOutput, 'attentionOutput');
  if (positions) {
    const [query, key, value] = splitHeads(graph, config, name, packed, layer.headNorms, type);
    const [presentKey, presentValue] = [`present.${index}.key`, `present.${index}.value`];
    const inputs = { query, key, value, pastKey, pastValue, rotary, presentKey, presentValue };
    return project(cappedAttention(graph, config, name, inputs, index, positions));
  }
  const projected = layer.headNorms ? splitHeads(graph, config, name, packed, layer.headNorms, type) : [packed, '', ''];
  graph.nodes(
    'GroupQueryAttention',
    [
      ...[...projected, pastKey, pastValue, lastPositions, total, `${rotary}.cos`, `${rotary}.sin`],
      ...(hasPlainKernel(config, format) ? ['', '', NO_SINK] : []),
    ],
    [`${name}/attended`, `present.${index}.key`, `present.${index}.value`],
    { domain: MICROSOFT, attributes: attentionAttributes(config, index) },
  );
  return project(`${name}/attended`);
}

/** Query, key and value apart, each head of the first two normalised where a model does so. */
function splitHeads(
  graph: GraphBuilder,
  config: LlamaConfig,
  name: string,
  packed: string,
  gammas: LlamaLayer['headNorms'],
  type: FloatType,
): readonly [query: string, key: string, value: string] {
  const parts = ['query', 'key', 'value'].map((part) => `${name}/${part}`);
  const sizes = [queryDim(config), kvDim(config), kvDim(config)].map(BigInt);
  graph.nodes('Split', [packed, graph.constant(`${name}/sizes`, 'int64', [3], sizes)], parts, { attributes: { axis: { int: -1 } } });
  const [query = '', key = '', value = ''] = parts;
  if (!gammas) return [query, key, value];
  // 0 keeps a dimension; the last is what remains.
  const heads = graph.constant(`${name}/heads`, 'int64', [4], [0n, 0n, -1n, BigInt(headDim(config))]);
  const flat = graph.constant(`${name}/flat`, 'int64', [3], [0n, 0n, -1n]);
  const attributes = { epsilon: { float: config.normEps }, axis: { int: -1 } };
  const normed = (part: string, norm: string, gamma: Float32Array): string => {
    graph.floats(`${name}.${norm}.weight`, type, [headDim(config)], gamma);
    const apart = graph.node('Reshape', [part, heads], `${part}/heads`);
    const scaled = graph.node('SimplifiedLayerNormalization', [apart, `${name}.${norm}.weight`], `${part}/normed`, { attributes });
    return graph.node('Reshape', [scaled, flat], `${part}/flat`);
  };
  return [normed(query, 'q_norm', gammas.query), normed(key, 'k_norm', gammas.key), value];
}

/** Gate and up come from one multiplication. QuickGelu with alpha 1 is SiLU, FastGelu is GELU by a hyperbolic tangent. */
function feedForward(
  graph: GraphBuilder,
  { activation }: LlamaConfig,
  format: WeightFormat,
  name: string,
  input: string,
  layer: LlamaLayer,
): string {
  const both = format.linear(graph, `${name}.gate_up_proj`, input, stack([layer.gate, layer.up]), 'gateUp');
  graph.nodes('Split', [both], [`${name}/gate`, `${name}/up`], { attributes: { axis: { int: -1 }, num_outputs: { int: 2 } } });
  const gated =
    activation === 'gelu'
      ? graph.node('FastGelu', [`${name}/gate`], `${name}/gelu`, { domain: MICROSOFT })
      : graph.node('QuickGelu', [`${name}/gate`], `${name}/silu`, { domain: MICROSOFT, attributes: { alpha: { float: 1 } } });
  return format.linear(graph, `${name}.down_proj`, graph.node('Mul', [gated, `${name}/up`], `${name}/hidden`), layer.down, 'down');
}

/** Leaves of `[batch, sequence, width]` the last positions, as many as are to be scored: logits of a long prompt would be larger than the model. */
function keptPositions(graph: GraphBuilder): (value: string, name: string) => string {
  let start: string | undefined;
  const declare = (): string => {
    graph.input('num_logits_to_keep', 'int64', []);
    const count = graph.node('Reshape', ['num_logits_to_keep', 'one'], 'kept/count');
    graph.constant('kept/end', 'int64', [1], [INT64_MAX]);
    // From minus the count: for 0, "all", that is the start.
    return graph.node('Neg', [count], 'kept/start');
  };
  return (value, name) => {
    start ??= declare();
    return graph.node('Slice', [value, start, 'kept/end', 'one'], name);
  };
}
