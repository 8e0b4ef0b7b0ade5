import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ModelProtoSchema, TensorProto_DataLocation, TensorProto_DataType } from '../../forge/gen/onnx_pb.ts';
import { memorySource } from '../../forge/testing/tinyLlama.ts';
import { withWeightsBeside } from './weightsBeside.ts';

/** A file that holds its weights itself, as most models of other exporters do. */
function wholeFile(floats: number): Uint8Array<ArrayBuffer> {
  const tensor = (name: string, count: number) => ({
    ...{ name, dims: [BigInt(count)], dataType: TensorProto_DataType.FLOAT },
    rawData: new Uint8Array(Float32Array.from({ length: count }, (_, i) => i).buffer),
  });
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    graph: { name: 'whole', initializer: [tensor('shape', 4), tensor('weight', floats)] },
  });
  return toBinary(ModelProtoSchema, model).slice();
}

const LARGE = wholeFile(1_200_000);
/** Blobs are read at once by workers only. */
const bytesOf = new Map<Blob, Uint8Array<ArrayBuffer>>();
function file(path: string, bytes = LARGE) {
  const blob = new Blob([bytes]);
  bytesOf.set(blob, bytes);
  return { path, blob };
}
const sourceOf = (blob: Blob) => memorySource(bytesOf.get(blob) ?? new Uint8Array());

describe('graphs that hold their weights', () => {
  it('are loaded without them, each beside its own file, whatever the task and however many there are', async () => {
    const [encoder, decoder] = [file('onnx/encoder_model_quantized.onnx'), file('onnx/decoder_model_merged_quantized.onnx')];
    const found = withWeightsBeside([encoder, file('config.json', new Uint8Array(9)), decoder], sourceOf);
    expect(found.map(({ path }) => path)).toEqual([
      ...['onnx/encoder_model_quantized.onnx', 'onnx/encoder_model_quantized.onnx_data', 'config.json'],
      ...['onnx/decoder_model_merged_quantized.onnx', 'onnx/decoder_model_merged_quantized.onnx_data'],
    ]);
    expect(found[1]?.blob).toBe(encoder.blob);
    expect(found[4]?.blob).toBe(decoder.blob);
    expect(found[0]?.blob.size).toBeLessThan(1000);

    const graph = fromBinary(ModelProtoSchema, new Uint8Array((await found[3]?.blob.arrayBuffer()) ?? []));
    const [shape, weight] = graph.graph?.initializer ?? [];
    expect(shape?.rawData).toHaveLength(16);
    expect(weight).toMatchObject({ name: 'weight', rawData: new Uint8Array(), dataLocation: TensorProto_DataLocation.EXTERNAL });
    const { location, offset, length } = Object.fromEntries((weight?.externalData ?? []).map(({ key, value }) => [key, value]));
    expect(location).toBe('decoder_model_merged_quantized.onnx_data');
    const lying = LARGE.slice(Number(offset), Number(offset) + Number(length));
    expect(new Float32Array(lying.buffer).at(-1)).toBe(1_199_999);
  });

  it('stay whole where they are small, where they have weights beside them, and where two would have the same name', () => {
    for (const files of [
      [file('onnx/model.onnx', wholeFile(5000))],
      [file('onnx/model.onnx'), file('onnx/model.onnx_data', new Uint8Array(9))],
      [file('onnx/model.onnx'), file('model.onnx')],
      [file('onnx/model.onnx', new Uint8Array(5_000_000).fill(255))],
    ]) {
      expect(withWeightsBeside(files, sourceOf)).toEqual(files);
    }
    const files = [file('onnx/model.onnx')];
    expect(withWeightsBeside(files, undefined)).toEqual(files);
  });
});
