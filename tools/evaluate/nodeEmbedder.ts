import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import type { Manifest, Variant } from '../../src/core/manifest.ts';
import { ModelFiles } from '../../src/runtime/modelFiles.ts';
import { loadTokenizer } from '../../src/runtime/tokenizer.ts';
import type { Embed } from '../../src/services/evaluations/evaluate.ts';

const int64 = (values: readonly number[]): Tensor => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);

/** A packed model that embeds texts, over ONNX Runtime for Node: the mean of its last states, of unit length, as in the app. */
export async function loadNodeEmbedder(folder: string, manifest: Manifest, variant: Variant): Promise<Embed> {
  env.wasm.numThreads = 1;
  env.logLevel = 'error';
  const graph = variant.files.find((path) => path.endsWith('.onnx'));
  if (graph === undefined) throw new Error(`${variant.id} has no graph`);
  const session = await InferenceSession.create(await readFile(join(folder, graph)));
  const files = await Promise.all(variant.files.map(async (path) => ({ path, blob: await openAsBlob(join(folder, path)) })));
  const tokenizer = await loadTokenizer(new ModelFiles(manifest.id, files), undefined);
  const most = manifest.contextLength ?? 512;

  const embed = async (text: string): Promise<Float32Array> => {
    const ids = tokenizer.encode(text).slice(0, most);
    const feeds: Record<string, Tensor> = {
      input_ids: int64(ids),
      attention_mask: int64(ids.map(() => 1)),
      token_type_ids: int64(ids.map(() => 0)),
    };
    const given = Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)));
    const output = (await session.run(given))[session.outputNames[0] ?? ''];
    if (!(output?.data instanceof Float32Array)) throw new Error(`${manifest.id} gave no float32 states`);
    const [, tokens = 0, dimensions = 0] = output.dims;
    const mean = new Float32Array(dimensions);
    for (let i = 0; i < tokens * dimensions; i++) mean[i % dimensions] = (mean[i % dimensions] ?? 0) + (output.data[i] ?? 0) / tokens;
    const length = Math.hypot(...mean);
    return mean.map((value) => value / length);
  };

  return async (texts) => {
    const rows: Float32Array[] = [];
    for (const text of texts) rows.push(await embed(text));
    const dimensions = rows[0]?.length ?? 0;
    const vectors = new Float32Array(rows.length * dimensions);
    for (const [i, row] of rows.entries()) vectors.set(row, i * dimensions);
    return { vectors, dimensions };
  };
}
