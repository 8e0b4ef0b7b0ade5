import type { Architecture } from '../architectures/architecture.ts';
import { headDim, kvDim, type LlamaConfig, type LlamaLayer, type LlamaWeights, queryDim, rotaryDim } from '../llama.ts';
import type { Matrix } from '../matrix.ts';
import { rotaryRows } from '../rotary.ts';
import { refused } from './ggufError.ts';
import { tensorMatrix, tensorRows, tensorValues } from './ggufMatrix.ts';
import { quoted } from './ggufMetadata.ts';
import type { Gguf, GgufTensor } from './readGguf.ts';

/**
 * Weights as the graph builder takes them, whatever way the file has put them together.
 * @param onRead told of each tensor before its numbers are read
 */
export function ggufWeights(
  gguf: Gguf,
  architecture: Architecture,
  config: LlamaConfig,
  onRead?: (tensor: GgufTensor) => void,
): LlamaWeights {
  const tensor = (name: string): GgufTensor => {
    const found = gguf.tensors.get(name);
    if (!found) throw refused('incomplete', `${quoted(name)} is missing`);
    onRead?.(found);
    return found;
  };
  const matrix = (name: string): Matrix => tensorMatrix(tensor(name));
  const vector = (name: string): Float32Array => tensorValues(tensor(name));
  const rotated = (rows: Matrix): Matrix => rotaryRows(rows, headDim(config), architecture.rotaryPairs, rotaryDim(config));
  const turned = (values: Float32Array): Float32Array => rotated({ rows: values.length, columns: 1, values }).values;
  const projections = (part: string): Projections => {
    if (!architecture.fused) {
      const own = (name: string): Matrix => matrix(`${part}.${name}.weight`);
      return { query: own('attn_q'), key: own('attn_k'), value: own('attn_v'), gate: own('ffn_gate'), up: own('ffn_up') };
    }
    const [queries, keys] = [queryDim(config), kvDim(config)];
    const packed = tensor(`${part}.attn_qkv.weight`);
    const both = tensor(`${part}.ffn_up.weight`);
    const rows = (of: GgufTensor, from: number, count: number): Matrix => tensorMatrix(tensorRows(of, from, count));
    return {
      query: rows(packed, 0, queries),
      key: rows(packed, queries, keys),
      value: rows(packed, queries + keys, keys),
      gate: rows(both, 0, config.hidden),
      up: rows(both, config.hidden, config.hidden),
    };
  };
  return {
    embedding: () => matrix('token_embd.weight'),
    finalNorm: () => vector('output_norm.weight'),
    classifier: () => (gguf.tensors.has('output.weight') ? matrix('output.weight') : undefined),
    layer(index): LlamaLayer {
      const part = `blk.${index}`;
      const { query, key, value, gate, up } = projections(part);
      const bias = (each: string) => vector(`${part}.attn_${each}.bias`);
      const norm = (each: string) => vector(`${part}.${each}_norm.weight`);
      return {
        attentionNorm: norm('attn'),
        query: rotated(query),
        key: rotated(key),
        value,
        attentionOutput: matrix(`${part}.attn_output.weight`),
        feedForwardNorm: norm('ffn'),
        gate,
        up,
        down: matrix(`${part}.ffn_down.weight`),
        ...(architecture.qkvBias ? { qkvBias: joined([turned(bias('q')), turned(bias('k')), bias('v')]) } : {}),
        ...(architecture.headNorms ? { headNorms: { query: turned(norm('attn_q')), key: turned(norm('attn_k')) } } : {}),
        ...(architecture.postNorms ? { postNorms: { attention: norm('post_attention'), feedForward: norm('post_ffw') } } : {}),
      };
    },
  };
}

type Projections = Readonly<Record<'query' | 'key' | 'value' | 'gate' | 'up', Matrix>>;

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}
