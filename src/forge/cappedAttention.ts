import { ELEMENT_TYPES, type FloatType, type GraphBuilder, MICROSOFT } from './graphBuilder.ts';
import { headDim, type LlamaConfig } from './llama.ts';

/** Added to scores that do not count: far below any, and no infinity, which times 0 is no number. In 16 bits the sum with a score is none either. */
const NEVER: Readonly<Record<FloatType, number>> = { float32: -1e9, float16: -3e4 };
const int64 = (graph: GraphBuilder, name: string, values: readonly number[]): string =>
  graph.constant(name, 'int64', [values.length], values.map(BigInt));
const whole = (graph: GraphBuilder, name: string, value: number): string => graph.constant(name, 'int64', [], [BigInt(value)]);
const by = (...perm: number[]) => ({ attributes: { perm: { ints: perm } } });

/** What attention in plain operators needs to know of the call: what is added to scores, by whether a layer is limited, and the first position. */
export interface Positions {
  readonly type: FloatType;
  readonly offset: string;
  readonly whole: string;
  readonly limited: string | undefined;
}

/** @param total name of the number of positions read with this call, a scalar */
export function declarePositions(graph: GraphBuilder, { window }: LlamaConfig, ids: string, total: string, type: FloatType): Positions {
  whole(graph, 'positions/zero', 0);
  whole(graph, 'positions/one', 1);
  const shape = graph.node('Shape', [ids], 'positions/shape');
  const length = graph.node('Gather', [shape, 'positions/one'], 'positions/length');
  const past = graph.node('Sub', [total, length], 'positions/past');
  const row = graph.node('Range', [past, total, 'positions/one'], 'positions/row');
  const rows = graph.node('Unsqueeze', [row, int64(graph, 'positions/last', [-1])], 'positions/rows');
  const columns = graph.node('Range', ['positions/zero', total, 'positions/one'], 'positions/columns');
  const added = (name: string, hidden: string): string => {
    const flags = graph.node('Cast', [hidden], `${name}/flags`, { attributes: { to: { int: ELEMENT_TYPES[type] } } });
    return graph.node('Mul', [flags, graph.scalar(`${name}/never`, NEVER[type], type)], name);
  };
  const later = graph.node('Greater', [columns, rows], 'positions/later');
  const offset = graph.node('Reshape', [past, int64(graph, 'positions/flat', [1])], 'positions/offset');
  if (!window) return { type, offset, whole: added('positions/whole', later), limited: undefined };
  const end = graph.node('Sub', [rows, whole(graph, 'positions/window', window.size)], 'positions/end');
  const gone = graph.node('LessOrEqual', [columns, end], 'positions/gone');
  return {
    type,
    offset,
    whole: added('positions/whole', later),
    limited: added('positions/limited', graph.node('Or', [later, gone], 'positions/outside')),
  };
}

interface Inputs {
  /** `[batch, sequence, heads * headDim]` each. */
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly pastKey: string;
  readonly pastValue: string;
  /** Prefix of the tables. */
  readonly rotary: string;
  /** Names that the key-values of all positions get. */
  readonly presentKey: string;
  readonly presentValue: string;
}

/**
 * Grouped-query attention in plain operators, for what the fused one cannot do on a GPU: its WebGPU kernel takes `softcap` and leaves it out
 * (onnxruntime-web 1.31.0-dev.20260914, on a tiny Gemma 2).
 * @returns `[batch, sequence, heads * headDim]`
 */
export function cappedAttention(
  graph: GraphBuilder,
  config: LlamaConfig,
  name: string,
  inputs: Inputs,
  index: number,
  at: Positions,
): string {
  const { heads, kvHeads, attentionSoftcap = 1, attentionScale = 1 / Math.sqrt(headDim(config)) } = config;
  const turned = (part: string, own: string): string =>
    graph.node('RotaryEmbedding', [part, at.offset, `${inputs.rotary}.cos`, `${inputs.rotary}.sin`], `${own}/turned`, {
      domain: MICROSOFT,
    });
  const apart = (part: string, own: string, count: number): string => {
    const split = graph.node('Reshape', [part, int64(graph, `${own}/shape`, [0, 0, count, headDim(config)])], `${own}/split`);
    return graph.node('Transpose', [split], `${own}/heads`, by(0, 2, 1, 3));
  };
  const joined = (past: string, part: string, present: string): string =>
    graph.node('Concat', [past, part], present, { attributes: { axis: { int: 2 } } });
  // Heads that share a key lie behind each other: one product serves them all. 0 keeps a dimension.
  const shared = int64(graph, `${name}/shared`, [0, kvHeads, -1, 0]);
  const own = int64(graph, `${name}/own`, [0, heads, -1, 0]);
  const number = (part: string, value: number): string => graph.scalar(`${name}/${part}`, value, at.type);
  // Of 16 bits before the product, whose sums could be infinite otherwise.
  const isScaledFirst = at.type === 'float16';
  const asked = isScaledFirst ? graph.node('Mul', [inputs.query, number('scale', attentionScale)], `${name}/scaled`) : inputs.query;
  const query = graph.node('Reshape', [apart(turned(asked, `${name}/q`), `${name}/q`, heads), shared], `${name}/grouped`);
  const keys = joined(inputs.pastKey, apart(turned(inputs.key, `${name}/k`), `${name}/k`, kvHeads), inputs.presentKey);
  const values = joined(inputs.pastValue, apart(inputs.value, `${name}/v`, kvHeads), inputs.presentValue);
  const raw = graph.node('MatMul', [query, graph.node('Transpose', [keys], `${name}/columns`, by(0, 1, 3, 2))], `${name}/raw`);
  const share = graph.node('Mul', [raw, number('share', (isScaledFirst ? 1 : attentionScale) / attentionSoftcap)], `${name}/shares`);
  const bent = graph.node('Tanh', [share], `${name}/bent`);
  const capped = graph.node('Mul', [bent, number('cap', attentionSoftcap)], `${name}/capped`);
  const mask = config.window?.limited[index] ? (at.limited ?? at.whole) : at.whole;
  const scores = graph.node('Add', [graph.node('Reshape', [capped, own], `${name}/each`), mask], `${name}/scores`);
  const weights = graph.node('Softmax', [scores], `${name}/weights`, { attributes: { axis: { int: -1 } } });
  const mixed = graph.node('MatMul', [graph.node('Reshape', [weights, shared], `${name}/groups`), values], `${name}/mixed`);
  const back = graph.node('Transpose', [graph.node('Reshape', [mixed, own], `${name}/parted`)], `${name}/back`, by(0, 2, 1, 3));
  return graph.node('Reshape', [back, int64(graph, `${name}/wide`, [0, 0, -1])], `${name}/attended`);
}
