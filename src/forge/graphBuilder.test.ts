import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ExternalData } from './externalData.ts';
import { ModelProtoSchema, TensorProto_DataLocation } from './gen/onnx_pb.ts';
import { GraphBuilder, MICROSOFT } from './graphBuilder.ts';

function built() {
  const graph = new GraphBuilder('g', new ExternalData('g.onnx_data', () => {}));
  const x = graph.input('x', 'float32', ['batch_size', 4]);
  graph.constant('axis', 'int64', [1], [-1n]);
  graph.weight('first', 'float32', [1], new Float32Array(1));
  const range = graph.weight('second', 'uint8', [2, 3], new Uint8Array(6));
  graph.alias('second.flat', 'uint8', [6], range);
  graph.nodes('Op', [x, '', 'second'], ['', 'y'], {
    domain: MICROSOFT,
    attributes: { whole: { int: -3 }, real: { float: 0.5 }, list: { ints: [1, 2] } },
  });
  graph.output('y', 'float32', ['batch_size', 4]);
  const model = fromBinary(ModelProtoSchema, graph.build({ name: 'test', version: '1' }));
  if (!model.graph) throw new Error('the model has no graph');
  return { model, graph: model.graph };
}

test('the file says who made it and which operator sets it needs', () => {
  const { model } = built();
  expect(model.producerName).toBe('test');
  expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
    ['', 18n],
    ['com.microsoft', 1n],
  ]);
});

test('inputs keep fixed and symbolic dimensions apart', () => {
  const { graph } = built();
  const type = graph.input[0]?.type?.value;
  expect(type?.case === 'tensorType' && type.value.shape?.dim.map((dim) => dim.value)).toMatchObject([
    { case: 'dimParam', value: 'batch_size' },
    { case: 'dimValue', value: 4n },
  ]);
});

test('weights point into the external file, small constants stay in the graph', () => {
  const { graph } = built();
  const [axis, , second, flat] = graph.initializer;
  expect(axis?.rawData).toEqual(new Uint8Array(8).fill(255));
  expect(second?.dataLocation).toBe(TensorProto_DataLocation.EXTERNAL);
  expect(second?.externalData.map(({ key, value }) => [key, value])).toEqual([
    ['location', 'g.onnx_data'],
    ['offset', '4096'],
    ['length', '6'],
  ]);
  expect(flat?.externalData).toEqual(second?.externalData);
  expect(flat?.dims).toEqual([6n]);
});

test('a node keeps the places of inputs and outputs that are left out, and the types of its attributes', () => {
  const node = built().graph.node[0];
  expect(node).toMatchObject({ name: 'y', opType: 'Op', domain: 'com.microsoft', input: ['x', '', 'second'], output: ['', 'y'] });
  expect(node?.attribute).toMatchObject([
    { name: 'whole', i: -3n },
    { name: 'real', f: 0.5 },
    { name: 'list', ints: [1n, 2n] },
  ]);
});
