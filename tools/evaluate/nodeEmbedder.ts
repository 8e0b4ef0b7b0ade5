import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-web/wasm';
import type { Manifest, Variant } from '../../src/core/manifest.ts';
import { embedTexts, outputOf } from '../../src/runtime/embedding.ts';
import { readEmbeddingFiles } from '../../src/runtime/embeddingFiles.ts';
import { createBreather } from '../../src/runtime/macrotask.ts';
import { ModelFiles } from '../../src/runtime/modelFiles.ts';
import type { Embed } from '../../src/services/evaluations/evaluate.ts';

/** A packed model that embeds texts, over ONNX Runtime for Node, as the app does. */
export async function loadNodeEmbedder(folder: string, manifest: Manifest, variant: Variant): Promise<Embed> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const graph = variant.files.find((path) => path.endsWith('.onnx'));
  if (graph === undefined) throw new Error(`${variant.id} has no graph`);
  const session = await ort.InferenceSession.create(await readFile(join(folder, graph)));
  const blobs = await Promise.all(variant.files.map(async (path) => ({ path, blob: await openAsBlob(join(folder, path)) })));
  const { poolings, ...described } = await readEmbeddingFiles(new ModelFiles(manifest.id, blobs), manifest);
  const model = { ort, session, breathe: createBreather(), output: outputOf(manifest.id, session, poolings), ...described };
  return (texts, signal) => embedTexts(model, texts, signal);
}
