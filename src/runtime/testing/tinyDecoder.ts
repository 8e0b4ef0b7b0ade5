import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ExternalData } from '../../forge/externalData.ts';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
} from '../../forge/gen/onnx_pb.ts';
import { readLlama2c } from '../../forge/llama2c.ts';
import { buildLlama } from '../../forge/llamaGraph.ts';
import { memorySource, TINY, tinyCheckpoint } from '../../forge/testing/tinyLlama.ts';
import { fp32, type WeightFormat } from '../../forge/weightFormats.ts';
import type { LoadSpec } from '../../ports/runtime.ts';

export const CONTEXT_LENGTH = 600;

/** A llama of random weights whose answers are nonsense, but the same nonsense each time. Letters are its words. */
export function tinyDecoder(format: WeightFormat = fp32): LoadSpec {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const data = new ExternalData('model.onnx_data', (bytes) => parts.push(bytes.slice()));
  const { config, weights } = readLlama2c(memorySource(tinyCheckpoint(false)));
  const graph = buildLlama({ ...config, context: CONTEXT_LENGTH }, weights, format, data);
  const vocab = Object.fromEntries(Array.from({ length: TINY.vocab }, (_, id) => [id === 0 ? '<unk>' : String.fromCharCode(64 + id), id]));
  const tokenizer = {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Split', pattern: { String: '' }, behavior: 'Isolated', invert: false },
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: { type: 'BPE', unk_token: '<unk>', vocab, merges: [] },
  };
  return {
    modelId: 'tiny',
    task: 'text-generation',
    dtype: 'fp32',
    device: 'wasm',
    build: 'plain',
    threads: 1,
    contextLength: CONTEXT_LENGTH,
    generation: { eosTokenIds: [] },
    files: [
      { path: 'tokenizer.json', blob: new Blob([JSON.stringify(tokenizer)]) },
      { path: 'onnx/model.onnx', blob: new Blob([graph.slice()]) },
      // In parts, as weights come from a store of chunks.
      { path: 'onnx/model.onnx_data', blob: new Blob(parts) },
    ],
  };
}

/** The same decoder with scores of 16 bits, as other exporters write it whose weights are of 16 bits. */
export async function withHalfScores({ files, ...spec }: LoadSpec): Promise<LoadSpec> {
  const halved = async (blob: Blob) => {
    const model = fromBinary(ModelProtoSchema, new Uint8Array(await blob.arrayBuffer()));
    const { graph } = model;
    for (const node of graph?.node ?? []) node.output = node.output.map((name) => (name === 'logits' ? 'logits/wide' : name));
    const to = create(AttributeProtoSchema, {
      name: 'to',
      type: AttributeProto_AttributeType.INT,
      i: BigInt(TensorProto_DataType.FLOAT16),
    });
    graph?.node.push(create(NodeProtoSchema, { opType: 'Cast', input: ['logits/wide'], output: ['logits'], attribute: [to] }));
    const type = graph?.output.find(({ name }) => name === 'logits')?.type?.value;
    if (type?.case === 'tensorType') type.value.elemType = TensorProto_DataType.FLOAT16;
    return new Blob([toBinary(ModelProtoSchema, model)]);
  };
  return {
    ...spec,
    files: await Promise.all(files.map(async (file) => (file.path.endsWith('.onnx') ? { ...file, blob: await halved(file.blob) } : file))),
  };
}
