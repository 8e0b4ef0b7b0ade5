import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ExternalData } from '../../src/forge/externalData.ts';
import { ModelProtoSchema, TensorProto_DataLocation } from '../../src/forge/gen/onnx_pb.ts';
import { GraphBuilder } from '../../src/forge/graphBuilder.ts';
import { headDim, type LlamaConfig, type LlamaWeights } from '../../src/forge/llama.ts';
import { type Matrix, transpose } from '../../src/forge/matrix.ts';
import { quantizeInt8 } from '../../src/forge/quantizeInt8.ts';

const FLOAT = { attributes: { to: { int: 1 } } };
const HEADS_FIRST = { attributes: { perm: { ints: [0, 2, 1, 3] } } };
const LAST_TWO_SWAPPED = { attributes: { perm: { ints: [0, 1, 3, 2] } } };
const LAST_AXIS = { attributes: { axis: { int: -1 } } };
const LOWEST = -3.4028234663852886e38;

/**
 * The model as a user of transformers.js finds it on a hub: operator by operator as PyTorch traces it, then quantised dynamically,
 * all positions' logits, one file. Follows the structure of Optimum's export of `LlamaForCausalLM` and of ONNX Runtime's
 * `quantize_dynamic` (DynamicQuantizeLinear once an input, MatMulInteger, Cast, Mul; the embedding a second time for its look-up).
 * The products' weights are rounded as Sill's are; the embedding's look-up has one scale for all rows.
 */
export function buildUnfusedLlama(config: LlamaConfig, weights: LlamaWeights): Uint8Array {
  const parts: Uint8Array[] = [];
  const data = new ExternalData('weights', (bytes) => parts.push(bytes.slice()));
  const graph = new GraphBuilder('main_graph', data);
  const size = headDim(config);
  const ints = (name: string, values: readonly number[], dims = [values.length]) => graph.constant(name, 'int64', dims, values.map(BigInt));
  const scalar = (name: string, value: number) => {
    graph.weight(name, 'float32', [], new Float32Array([value]));
    return name;
  };

  for (const [name, value] of Object.entries({ zero: 0, one: 1, two: 2, three: 3, last: -1, half: size / 2 })) ints(name, [value]);
  ints('end', [Number.MAX_SAFE_INTEGER]);
  ints('zero0', [0], []);
  ints('one0', [1], []);
  ints('two0', [2], []);
  ints('split', [0, 0, -1, size]);
  ints('merge', [0, 0, -1]);
  scalar('square', 2);
  scalar('epsilon', config.normEps);
  scalar('unit', 1);
  scalar('scale', 1 / Math.sqrt(size));
  scalar('allowed', 0);
  scalar('forbidden', LOWEST);

  const ids = graph.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const mask = graph.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length']);
  const positions = graph.input('position_ids', 'int64', ['batch_size', 'sequence_length']);
  const pastDims = (length: string) => ['batch_size', config.kvHeads, length, size];
  for (let layer = 0; layer < config.layers; layer++)
    for (const kind of ['key', 'value']) graph.input(`past_key_values.${layer}.${kind}`, 'float32', pastDims('past_sequence_length'));

  const quantised = new Map<string, readonly [string, string, string]>();
  const linear = (name: string, input: string, matrix: Matrix): string => {
    const { values, scales } = quantizeInt8(matrix);
    graph.weight(`${name}.weight_quantized`, 'int8', [matrix.columns, matrix.rows], transpose(values, matrix.rows, matrix.columns));
    graph.weight(`${name}.weight_scale`, 'float32', [matrix.rows], scales);
    const [levels, scale, zero] = quantised.get(input) ?? ([`${input}_quantized`, `${input}_scale`, `${input}_zero_point`] as const);
    if (!quantised.has(input)) graph.nodes('DynamicQuantizeLinear', [input], [levels, scale, zero]);
    quantised.set(input, [levels, scale, zero]);
    const product = graph.node('MatMulInteger', [levels, `${name}.weight_quantized`, zero], `${name}/integer`);
    const scales2 = graph.node('Mul', [scale, `${name}.weight_scale`], `${name}/scales`);
    return graph.node('Mul', [graph.node('Cast', [product], `${name}/cast`, FLOAT), scales2], `${name}/output`);
  };

  const norm = (name: string, input: string, gamma: Float32Array): string => {
    graph.weight(`${name}.weight`, 'float32', [config.dim], gamma);
    const mean = graph.node('ReduceMean', [graph.node('Pow', [input, 'square'], `${name}/pow`), 'last'], `${name}/mean`);
    const root = graph.node('Sqrt', [graph.node('Add', [mean, 'epsilon'], `${name}/add`)], `${name}/sqrt`);
    const normed = graph.node('Mul', [input, graph.node('Div', ['unit', root], `${name}/div`)], `${name}/normed`);
    return graph.node('Mul', [normed, `${name}.weight`], `${name}/output`);
  };

  const embed = (): string => {
    const { values, rows, columns } = weights.embedding();
    const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) / 127;
    graph.weight(
      'embed.weight_quantized',
      'int8',
      [rows, columns],
      Int8Array.from(values, (value) => Math.round(value / scale)),
    );
    scalar('embed.weight_scale', scale);
    return graph.node(
      'DequantizeLinear',
      [graph.node('Gather', ['embed.weight_quantized', ids], 'embed/rows'), 'embed.weight_scale'],
      'embed/output',
    );
  };

  /** Cosine and sine of each position's rotation, `[batch, 1, sequence, headDim]`, computed as the trace computes them. */
  const rotation = (): readonly [string, string] => {
    const frequencies = Float32Array.from({ length: size / 2 }, (_, i) => config.ropeTheta ** ((-2 * i) / size));
    graph.weight('rotary.inv_freq', 'float32', [1, 1, size / 2], frequencies);
    const column = graph.node('Unsqueeze', [graph.node('Cast', [positions], 'rotary/positions', FLOAT), 'two'], 'rotary/column');
    const angles = graph.node('MatMul', [column, 'rotary.inv_freq'], 'rotary/angles');
    const both = graph.node('Concat', [angles, angles], 'rotary/both', LAST_AXIS);
    const spread = (op: string) => graph.node('Unsqueeze', [graph.node(op, [both], `rotary/${op}`), 'one'], `rotary/${op}_spread`);
    return [spread('Cos'), spread('Sin')];
  };

  /** 0 where a position may look, the lowest number elsewhere: `[batch, 1, sequence, total]`. */
  const causalMask = (): string => {
    const dimension = (of: string, axis: string, name: string) =>
      graph.node('Gather', [graph.node('Shape', [of], `${name}/shape`), axis], name);
    const total = dimension(mask, 'one0', 'mask/total');
    const past = dimension('past_key_values.0.key', 'two0', 'mask/past');
    const columns = graph.node('Range', ['zero0', total, 'one0'], 'mask/columns');
    const rows = graph.node('Unsqueeze', [graph.node('Range', [past, total, 'one0'], 'mask/rows'), 'one'], 'mask/rows_column');
    const causal = graph.node('LessOrEqual', [columns, rows], 'mask/causal');
    const given = graph.node(
      'Unsqueeze',
      [graph.node('Cast', [mask], 'mask/given', { attributes: { to: { int: 9 } } }), 'one'],
      'mask/given3',
    );
    const both = graph.node('And', [causal, graph.node('Unsqueeze', [given, 'one'], 'mask/given4')], 'mask/both');
    return graph.node('Where', [both, 'allowed', 'forbidden'], 'mask/bias');
  };

  let residual = embed();
  const [cos, sin] = rotation();
  const bias = causalMask();

  const heads = (name: string, input: string) =>
    graph.node('Transpose', [graph.node('Reshape', [input, 'split'], `${name}/reshaped`)], `${name}/heads`, HEADS_FIRST);
  const rotate = (name: string, input: string): string => {
    const first = graph.node('Slice', [input, 'zero', 'half', 'three', 'one'], `${name}/first`);
    const second = graph.node('Slice', [input, 'half', 'end', 'three', 'one'], `${name}/second`);
    const turned = graph.node('Concat', [graph.node('Neg', [second], `${name}/negative`), first], `${name}/turned`, LAST_AXIS);
    const parts = [graph.node('Mul', [input, cos], `${name}/cos`), graph.node('Mul', [turned, sin], `${name}/sin`)];
    return graph.node('Add', parts, `${name}/rotated`);
  };

  for (let index = 0; index < config.layers; index++) {
    const layer = weights.layer(index);
    const name = `model.layers.${index}`;
    const normed = norm(`${name}.input_layernorm`, residual, layer.attentionNorm);
    const query = rotate(`${name}.q`, heads(`${name}.q`, linear(`${name}.q_proj`, normed, layer.query)));
    const fresh = {
      key: rotate(`${name}.k`, heads(`${name}.k`, linear(`${name}.k_proj`, normed, layer.key))),
      value: heads(`${name}.v`, linear(`${name}.v_proj`, normed, layer.value)),
    };
    const present = (kind: 'key' | 'value') => {
      const all = graph.node('Concat', [`past_key_values.${index}.${kind}`, fresh[kind]], `present.${index}.${kind}`, {
        attributes: { axis: { int: -2 } },
      });
      graph.output(all, 'float32', pastDims('total_sequence_length'));
      return all;
    };
    const keys = graph.node('Transpose', [present('key')], `${name}/keys`, LAST_TWO_SWAPPED);
    const scores = graph.node('Mul', [graph.node('MatMul', [query, keys], `${name}/scores`), 'scale'], `${name}/scaled`);
    const chances = graph.node('Softmax', [graph.node('Add', [scores, bias], `${name}/masked`)], `${name}/softmax`, LAST_AXIS);
    const mixed = graph.node('MatMul', [chances, present('value')], `${name}/mixed`);
    const merged = graph.node('Reshape', [graph.node('Transpose', [mixed], `${name}/back`, HEADS_FIRST), 'merge'], `${name}/merged`);
    const attended = graph.node('Add', [residual, linear(`${name}.o_proj`, merged, layer.attentionOutput)], `${name}/attended`);
    const fed = norm(`${name}.post_attention_layernorm`, attended, layer.feedForwardNorm);
    const gate = linear(`${name}.gate_proj`, fed, layer.gate);
    const silu = graph.node('Mul', [gate, graph.node('Sigmoid', [gate], `${name}/sigmoid`)], `${name}/silu`);
    const hidden = graph.node('Mul', [silu, linear(`${name}.up_proj`, fed, layer.up)], `${name}/hidden`);
    residual = graph.node('Add', [attended, linear(`${name}.down_proj`, hidden, layer.down)], `${name}/output`);
  }

  const logits = linear('lm_head', norm('model.norm', residual, weights.finalNorm()), weights.classifier() ?? weights.embedding());
  graph.node('Identity', [logits], 'logits');
  graph.output('logits', 'float32', ['batch_size', 'sequence_length', config.vocab]);
  return inlined(graph.build({ name: 'pytorch', version: 'unfused' }), Buffer.concat(parts));
}

/** Weights moved into the `.onnx` itself, as every export under 2 GB has them. */
function inlined(graph: Uint8Array, data: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, graph);
  for (const tensor of model.graph?.initializer ?? []) {
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) continue;
    const entry = (key: string) => Number(tensor.externalData.find((pair) => pair.key === key)?.value);
    tensor.rawData = data.slice(entry('offset'), entry('offset') + entry('length'));
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
    tensor.externalData = [];
  }
  return toBinary(ModelProtoSchema, model);
}
