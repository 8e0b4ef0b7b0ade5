import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ExternalData } from '../../src/forge/externalData.ts';
import { ModelProtoSchema, type TensorProto } from '../../src/forge/gen/onnx_pb.ts';
import type { LlamaConfig, LlamaWeights } from '../../src/forge/llama.ts';
import { readLlama2c } from '../../src/forge/llama2c.ts';
import { readLlama2cTokenizer } from '../../src/forge/llama2cTokenizer.ts';
import { tokenizerJson } from '../../src/forge/llamaFiles.ts';
import { buildLlama } from '../../src/forge/llamaGraph.ts';
import type { Matrix } from '../../src/forge/matrix.ts';
import { int8, q4, type WeightFormat } from '../../src/forge/weightFormats.ts';
import { sourceFolder } from '../../tools/models/fetchSources.ts';
import { filePart } from '../../tools/models/filePart.ts';
import { LLAMA2C_CHECKPOINT_BYTES, SOURCES } from '../../tools/models/sources.ts';
import { builtModel } from '../../tools/models/testing/builtModel.ts';

export type Files = ReadonlyMap<string, Uint8Array>;

/** Two revisions of a model. */
export interface Pair {
  readonly name: string;
  readonly old: Files;
  readonly next: Files;
}

/** Pairs as releases make them: the first of each is the model as it is published. */
export async function* pairs(): AsyncGenerator<Pair> {
  const stories = await filesOf('stories15m', (path) => !path.includes('q4'));
  const minilm = await filesOf('all-minilm-l6-v2', () => true);
  const model = storiesModel();
  const built = (weights: LlamaWeights, format: WeightFormat, name: string): Files => graphFiles(model.config, weights, format, name);
  const asInt8 = (weights: LlamaWeights): Files => new Map([...stories, ...built(weights, int8, 'model_int8.onnx')]);

  const tokenizer = (pieces: typeof model.pieces): Uint8Array =>
    new TextEncoder().encode(`${JSON.stringify(tokenizerJson(pieces), undefined, 1)}\n`);
  const trainedAgain = model.pieces.map((piece, id) =>
    id < 259 ? piece : { ...piece, score: piece.score, text: `${piece.text}${id % 7}` },
  );
  yield { name: 'tokenizer trained again', old: stories, next: new Map([...stories, ['tokenizer.json', tokenizer(trainedAgain)]]) };
  const newWords = model.pieces.map((piece, id) => (id < model.pieces.length - 500 ? piece : { ...piece, text: `${piece.text}ung` }));
  yield { name: '500 tokens replaced', old: stories, next: new Map([...stories, ['tokenizer.json', tokenizer(newWords)]]) };

  yield { name: 'one layer, int8', old: stories, next: asInt8(withLayer(model.weights, 3)) };
  const fourBits = built(model.weights, q4, 'model_q4.onnx');
  yield { name: 'one layer, q4', old: fourBits, next: built(withLayer(model.weights, 3), q4, 'model_q4.onnx') };
  const inside = 'onnx/model_quantized.onnx';
  yield { name: 'one layer, single file', old: minilm, next: changeModel(minilm, inside, layerOfMinilm) };

  yield { name: 'quantised again, int8', old: stories, next: asInt8(scaled(model.weights, 1.02)) };
  yield { name: 'quantised again, q4', old: fourBits, next: built(scaled(model.weights, 1.02), q4, 'model_q4.onnx') };

  yield {
    name: 'header, exported again',
    old: minilm,
    next: changeModel(minilm, inside, exportedAgain),
  };
  yield {
    name: 'header, a line more',
    old: minilm,
    next: changeModel(minilm, inside, (proto) => {
      proto.producerVersion = '0.1.0, exported with opset 14 on 2026-11-22';
    }),
  };
}

async function filesOf(id: string, wanted: (path: string) => boolean): Promise<Files> {
  const { manifest, folder } = await builtModel('public/models', id);
  return new Map(
    manifest.files
      .map(({ path }) => path)
      .filter(wanted)
      .map((path) => [path, new Uint8Array(readFileSync(join(folder, path)))]),
  );
}

function storiesModel() {
  const file = openSync(join(sourceFolder('.cache/sources', SOURCES.llama2c), 'dist/llama2.data'), 'r');
  const { config, weights } = readLlama2c(filePart(file, 0, LLAMA2C_CHECKPOINT_BYTES));
  const rest = filePart(file, LLAMA2C_CHECKPOINT_BYTES);
  return { config, weights, pieces: readLlama2cTokenizer(rest.read(0, rest.sizeBytes), config.vocab) };
}

function graphFiles(config: LlamaConfig, weights: LlamaWeights, format: WeightFormat, name: string): Files {
  const pieces: Uint8Array[] = [];
  const graph = buildLlama(config, weights, format, new ExternalData(`${name}_data`, (bytes) => pieces.push(bytes.slice())));
  return new Map([
    [`onnx/${name}`, graph],
    [`onnx/${name}_data`, new Uint8Array(Buffer.concat(pieces))],
  ]);
}

/** Weights as training goes on: each a little different. Always the same ones. */
const trained = (values: Float32Array): Float32Array => values.map((value, index) => value * (1 + 0.2 * Math.sin(index * 12.9898)) + 1e-3);
const moved = (matrix: Matrix): Matrix => ({ ...matrix, values: trained(matrix.values as Float32Array) });

function withLayer(weights: LlamaWeights, changed: number): LlamaWeights {
  return {
    ...weights,
    layer(index) {
      const layer = weights.layer(index);
      if (index !== changed) return layer;
      const { attentionNorm, feedForwardNorm, ...matrices } = layer;
      const { query, key, value, attentionOutput, gate, up, down } = matrices;
      return {
        attentionNorm: trained(attentionNorm),
        feedForwardNorm: trained(feedForwardNorm),
        ...{ query: moved(query), key: moved(key), value: moved(value), attentionOutput: moved(attentionOutput) },
        ...{ gate: moved(gate), up: moved(up), down: moved(down) },
      };
    },
  };
}

/** The matrices of all layers by another scale, embedding and norms as they were: what another choice of scales does to the bytes. */
function scaled(weights: LlamaWeights, factor: number): LlamaWeights {
  const times = (matrix: Matrix): Matrix => {
    const values = (matrix.values as Float32Array).map((value) => value * factor);
    // One outlier a row sets the row's scale anew, as a calibration that clips elsewhere would.
    for (let row = 0; row < matrix.rows; row++) values[row * matrix.columns] = (values[row * matrix.columns] ?? 0) * 1.5 + 0.05;
    return { ...matrix, values };
  };
  return {
    ...weights,
    layer(index) {
      const layer = weights.layer(index);
      const { query, key, value, attentionOutput, gate, up, down } = layer;
      return {
        ...layer,
        ...{ query: times(query), key: times(key), value: times(value), attentionOutput: times(attentionOutput) },
        ...{ gate: times(gate), up: times(up), down: times(down) },
      };
    },
  };
}

function changeModel(files: Files, path: string, change: (model: ReturnType<typeof readModel>) => void): Files {
  const model = readModel(files.get(path) ?? new Uint8Array());
  change(model);
  return new Map([...files, [path, toBinary(ModelProtoSchema, model)]]);
}

const readModel = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes);

/** The six matrices of one of MiniLM's six layers, which its export calls by number. */
function layerOfMinilm({ graph }: ReturnType<typeof readModel>): void {
  const matrices = (graph?.initializer ?? []).filter(({ name }: TensorProto) => /^onnx::MatMul_\d+_quantized$/.test(name));
  for (const matrix of matrices.slice(3 * 6, 4 * 6)) matrix.rawData = matrix.rawData.map((byte, index) => byte + 1 + (index % 5));
}

/** The same weights under other names, as another version of an exporter writes them: it numbers all values anew. */
function exportedAgain({ graph }: ReturnType<typeof readModel>): void {
  if (!graph) return;
  const kept = new Set([...graph.input, ...graph.output].map(({ name }) => name));
  const names = new Map<string, string>();
  const renamed = (name: string): string => {
    if (name === '' || kept.has(name)) return name;
    const known = names.get(name) ?? `val_${names.size}`;
    names.set(name, known);
    return known;
  };
  for (const [index, node] of graph.node.entries()) {
    node.name = `node_${node.opType}_${index}`;
    node.input = node.input.map(renamed);
    node.output = node.output.map(renamed);
  }
  for (const initializer of graph.initializer) initializer.name = renamed(initializer.name);
}
