import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import type { BlockBits, KeptBlocks } from './blockMatrix.ts';
import { ExternalData } from './externalData.ts';
import { ModelProtoSchema } from './gen/onnx_pb.ts';
import { GraphBuilder } from './graphBuilder.ts';
import { q4, slabOf, type WeightFormat } from './weightFormats.ts';

const [ROWS, COLUMNS] = [4, 64];

const blocks = (bits: BlockBits): KeptBlocks => ({
  bits,
  read: () => ({
    packed: Uint8Array.from({ length: (ROWS * COLUMNS * bits) / 8 }, (_, i) => (i * 37) % 256),
    scales: Float32Array.from({ length: (ROWS * COLUMNS) / 32 }, (_, i) => i + 1),
  }),
});
/** Nobody may ask for its numbers. */
const matrix = (kept: KeptBlocks) => ({
  ...{ rows: ROWS, columns: COLUMNS, kept },
  get values(): Float32Array {
    throw new Error('it was made anew');
  },
});

function built(add: (graph: GraphBuilder) => void) {
  const written: number[] = [];
  const data = new ExternalData('w', (bytes) => written.push(...bytes));
  const graph = new GraphBuilder('g', data);
  add(graph);
  const { graph: made } = fromBinary(ModelProtoSchema, graph.build({ name: 'test', version: '1' }));
  const bytesOf = (name: string) => {
    const external = new Map(
      made?.initializer.find((each) => each.name === name)?.externalData.map(({ key, value }) => [key, Number(value)]),
    );
    const from = external.get('offset') ?? 0;
    return written.slice(from, from + (external.get('length') ?? 0));
  };
  return { nodes: made?.node ?? [], bytesOf, errors: data.errors };
}

test.each([
  ['qkv', 4],
  ['gateUp', 4],
  ['gateUp', 8],
  ['attentionOutput', 8],
  ['down', 8],
  ['classifier', 8],
] as const)('the form for a GPU keeps the blocks of %s at %i bits, byte for byte', (role: Parameters<WeightFormat['linear']>[4], bits) => {
  const kept = blocks(bits);
  const { nodes, bytesOf, errors } = built((graph) => q4.linear(graph, 'm', 'x', matrix(kept), role));
  expect(nodes[0]?.attribute.find(({ name }) => name === 'bits')?.i).toBe(BigInt(bits));
  expect(bytesOf('m.weight')).toEqual([...kept.read().packed]);
  expect(bytesOf('m.scale')).toEqual([...new Uint8Array(kept.read().scales.buffer)]);
  expect(errors).toEqual([{ name: 'm', error: 0, sizeBytes: kept.read().packed.byteLength + kept.read().scales.byteLength }]);
});

test('rows are looked up on a GPU in blocks of 4 bits, which are kept', () => {
  const kept = blocks(4);
  expect(built((graph) => void q4.embedding(graph, 'e', 'ids', matrix(kept))).bytesOf('e.weight')).toEqual([...kept.read().packed]);
  expect(() => built((graph) => void q4.embedding(graph, 'e', 'ids', matrix(blocks(8))))).toThrow('made anew');
});

test('slabs divide the rows and are no narrower than a quarter of a panel', () => {
  expect([2048, 2560, 32_000, 11_264, 288, 864, 1536].map(slabOf)).toEqual([128, 128, 128, 128, 96, 96, 128]);
  // Nothing fits: all in one piece.
  expect([37, 32_003, 32].map(slabOf)).toEqual([37, 32_003, 32]);
});
