import { canReadLazily, LazyBytes } from './lazyBytes.ts';
import type { ModelFiles } from './modelFiles.ts';
import type { Ort } from './ort.ts';

export type ChosenRuntime = Pick<Ort, 'InferenceSession' | 'Tensor' | 'env'>;
type Weights = ReturnType<ModelFiles['graph']>['weights'];

/** Files beside a graph as a session takes them, read tensor by tensor where this realm can. Freed when the session is there. */
export function lazyWeights(weights: Weights) {
  const externalData = weights.map(({ path, blob }) => ({ path, data: canReadLazily() ? new LazyBytes(blob) : blob }));
  return {
    externalData,
    free() {
      for (const { data } of externalData) if (data instanceof LazyBytes) data.free();
    },
  };
}

/**
 * A runtime whose sessions find the weights that a graph says lie beside it: for transformers.js, which would read the files whole, and only those
 * that a configuration names.
 */
export function findingWeights(ort: ChosenRuntime, files: ModelFiles): ChosenRuntime {
  const beside = files.paths().flatMap((path) => {
    const blob = /\.onnx_data[^/]*$/.test(path) ? files.find(path) : undefined;
    return blob ? [{ path: path.slice(path.lastIndexOf('/') + 1), blob }] : [];
  });
  if (beside.length === 0) return ort;
  const create = async (graph: unknown, options?: object, ...rest: unknown[]) => {
    // More than a graph needs does no harm: what is not asked for is not read.
    const { externalData, free } = lazyWeights(graph instanceof Uint8Array ? beside.filter(({ path }) => names(graph, path)) : []);
    const wish = externalData.length === 0 ? options : { ...options, externalData };
    try {
      return await Reflect.apply(ort.InferenceSession.create, ort.InferenceSession, [graph, wish, ...rest]);
    } finally {
      free();
    }
  };
  const factory = new Proxy(ort.InferenceSession, { get: (target, key) => (key === 'create' ? create : Reflect.get(target, key)) });
  return { Tensor: ort.Tensor, env: ort.env, InferenceSession: factory };
}

/** Whether a graph says this name. */
const names = (graph: Uint8Array, path: string): boolean => new TextDecoder('latin1').decode(graph).includes(path);
