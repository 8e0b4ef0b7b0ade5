import { graphOf } from '../core/modelFolder.ts';
import { type ChosenRuntime, findingWeights } from './lazyWeights.ts';
import type { ModelFiles } from './modelFiles.ts';

export type Transformers = typeof import('@huggingface/transformers');

/** Where the build's plugin makes transformers.js look for its runtime. */
const CHOSEN_RUNTIME = Symbol.for('sill.onnxruntime');
const LOCAL_ROOT = '/sill-model-files/';
/** Weights beside a graph are found below the library (`findingWeights`): it would read them whole. */
export const FROM_FILES = { local_files_only: true, use_external_data_format: false } as const;
/** What to give to `from_pretrained`. A worker has one model, and not every id of ours (`hf:owner/name`) is a name to the library. */
export const MODEL_NAME = 'model';

/**
 * transformers.js over a runtime that is already chosen and over Blobs: it reaches no network, not even to learn that an
 * optional file is missing. `runtime` is read once, at its first import in this realm.
 */
export async function loadTransformers(runtime: ChosenRuntime, files: ModelFiles): Promise<Transformers> {
  Reflect.set(globalThis, CHOSEN_RUNTIME, findingWeights(runtime, files));
  const transformers = await import('@huggingface/transformers');
  const { env } = transformers;
  env.logLevel = transformers.LogLevel.ERROR;
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = LOCAL_ROOT;
  env.useBrowserCache = false;
  env.useCustomCache = false;
  env.useWasmCache = false;
  env.fetch = async (input) => {
    const [, path] = String(input).split(`${LOCAL_ROOT}${MODEL_NAME}/`);
    const blob = path === undefined ? undefined : (files.find(path) ?? graphLike(files, path));
    return blob ? new Response(blob, { headers: { 'content-length': String(blob.size) } }) : new Response(null, { status: 404 });
  };
  return transformers;
}

/** Some folders have their graph beside the configuration, or under the name that Optimum gave it. */
function graphLike(files: ModelFiles, path: string): Blob | undefined {
  const wanted = graphOf(path);
  const ending = (name: string) => name.slice(name.indexOf('.onnx'));
  const isSame = (other: string) => {
    const graph = graphOf(other);
    return graph?.name === wanted?.name && graph?.dtype === wanted?.dtype && ending(other) === ending(path);
  };
  const found = wanted && files.paths().find(isSame);
  return found === undefined ? undefined : files.find(found);
}
