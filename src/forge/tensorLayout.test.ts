import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ByteSource } from './byteSource.ts';
import { ExternalData } from './externalData.ts';
import { ModelProtoSchema, TensorProtoSchema } from './gen/onnx_pb.ts';
import { GraphBuilder } from './graphBuilder.ts';
import { readTensorLayout } from './tensorLayout.ts';

/** A file in memory that counts how much of it was read. */
function sourceOf(bytes: Uint8Array): ByteSource & { readBytes: number } {
  return {
    sizeBytes: bytes.length,
    readBytes: 0,
    read(offsetBytes, lengthBytes) {
      this.readBytes += lengthBytes;
      return bytes.slice(offsetBytes, offsetBytes + lengthBytes);
    },
  };
}

function graph(): GraphBuilder {
  const builder = new GraphBuilder('g', new ExternalData('g.onnx_data', () => {}));
  builder.weight('first', 'float32', [300], new Float32Array(300));
  builder.weight('second', 'uint8', [6], new Uint8Array(6));
  return builder;
}

test('weights beside the model are found by file, offset and length', () => {
  const layout = readTensorLayout(sourceOf(graph().build({ name: 'test', version: '1' })));
  expect([...layout.external]).toEqual([
    [
      'g.onnx_data',
      [
        { offsetBytes: 0, sizeBytes: 1200 },
        { offsetBytes: 4096, sizeBytes: 6 },
      ],
    ],
  ]);
  expect(layout.own).toEqual([]);
});

test('weights in the model itself are found without reading them', () => {
  const model = fromBinary(ModelProtoSchema, graph().build({ name: 'test', version: '1' }));
  const weights = Uint8Array.from({ length: 500_000 }, (_, index) => index % 251);
  model.graph?.initializer.push(create(TensorProtoSchema, { name: 'inline', dims: [500_000n], dataType: 2, rawData: weights }));
  const bytes = toBinary(ModelProtoSchema, model);
  const source = sourceOf(bytes);
  const [range, ...others] = readTensorLayout(source).own;
  expect(others).toEqual([]);
  expect(Buffer.compare(bytes.slice(range?.offsetBytes, (range?.offsetBytes ?? 0) + (range?.sizeBytes ?? 0)), weights)).toBe(0);
  expect(source.readBytes).toBeLessThan(20_000);
});

test('a file that is no model is refused, whatever it holds', () => {
  expect(() => readTensorLayout(sourceOf(new TextEncoder().encode('<!doctype html><title>404</title>')))).toThrow(RangeError);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        readTensorLayout(sourceOf(bytes));
      } catch (reason) {
        expect(reason).toBeInstanceOf(RangeError);
      }
    }),
  );
});
