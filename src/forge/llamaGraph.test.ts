import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ExternalData } from './externalData.ts';
import { fp16 } from './floatFormats.ts';
import { ModelProtoSchema } from './gen/onnx_pb.ts';
import { readLlama2c } from './llama2c.ts';
import { buildLlama } from './llamaGraph.ts';
import { memorySource, TINY, tinyCheckpoint } from './testing/tinyLlama.ts';
import { fp32, int8, q4, type WeightFormat } from './weightFormats.ts';

/** Where `GroupQueryAttention` takes what a head gives to nothing. */
const SINK_INPUT = 11;

function built(format: WeightFormat, more: { readonly attentionSoftcap?: number } = {}) {
  const { config, weights } = readLlama2c(memorySource(tinyCheckpoint(false)));
  const graph = buildLlama({ ...config, ...more }, weights, format, new ExternalData('w', () => undefined));
  const { node = [], initializer = [] } = fromBinary(ModelProtoSchema, graph).graph ?? {};
  return { nodes: node, initializer, attention: node.filter(({ opType }) => opType === 'GroupQueryAttention') };
}

test.each([
  ['fp32', fp32],
  ['int8', int8],
] as const)('attention of %s gives nothing to nothing, which keeps it out of the tiled kernel', (_, format) => {
  const { attention, initializer } = built(format);
  expect(attention).toHaveLength(TINY.layers);
  for (const { input } of attention) {
    const sink = initializer.find(({ name }) => name === input[SINK_INPUT]);
    const values = new Float32Array(Uint8Array.from(sink?.rawData ?? []).buffer);
    // The lowest number that there is: its share is zero, not nearly so.
    expect([...values]).toEqual(new Array<number>(TINY.heads).fill(-3.4028234663852886e38));
  }
});

test('a cap keeps it out as well, and a GPU has no such kernel', () => {
  for (const { attention } of [built(int8, { attentionSoftcap: 50 }), built(q4), built(fp16)]) {
    expect(attention).toHaveLength(TINY.layers);
    for (const { input } of attention) expect(input[SINK_INPUT]).toBeUndefined();
  }
});

test.each([
  ['behind the last attention', int8, 'model.layers.1.self_attn/attended'],
  ['before the scores, on a GPU', q4, 'model.norm/normed'],
] as const)('what nobody asked to be scored is left out %s', (_, format, last) => {
  const { nodes } = built(format);
  const cut = nodes.filter(({ opType }) => opType === 'Slice').map(({ input }) => input[0]);
  expect(cut).toContain(last);
  const behind = nodes.filter(({ input }) => input.includes(last));
  expect(behind.map(({ opType }) => opType)).toEqual(['Slice']);
});
