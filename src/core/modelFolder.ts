import { DTYPES, type Dtype, type ManifestData } from './manifest.ts';
import { POOLING_FILE } from './pooling.ts';

export interface FolderFile {
  readonly path: string;
  readonly sizeBytes: number;
}

type VariantData = ManifestData['variants'][number];

/** Suffixes of files in Hugging Face's ONNX layout. */
const SUFFIXES: Readonly<Record<string, Dtype>> = { quantized: 'q8', ...Object.fromEntries(DTYPES.map((dtype) => [dtype, dtype])) };
/** On WASM 4-bit weights are unpacked at each step and 16-bit floats are not native. */
const ON_GPU: readonly Dtype[] = ['q4', 'q4f16', 'fp16'];
const SHARED = /^[^/]+\.(json|txt|jinja|model|spm)$/;
const isShared = (path: string): boolean => (SHARED.test(path) && !isLicenceFile(path)) || path === POOLING_FILE;
/** Weights, the runtime's copy of them, and room for the runtime and its cache. */
const MEMORY_FACTOR = 2;
const MEMORY_BASE_BYTES = 64 * 1024 * 1024;

export const isLicenceFile = (path: string): boolean => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(path);

/**
 * A graph or its weights: its name without folder, suffix of the dtype and ending. `undefined` for other files. What Optimum has optimised is the
 * same graph under another name.
 */
export function graphOf(path: string): { readonly name: string; readonly dtype: Dtype } | undefined {
  const [, stem] = /^(?:onnx\/)?([^/]+?)(?:_optimized)?\.onnx(?:_data(?:_\d+)?)?$/.exec(path) ?? [];
  if (stem === undefined) return undefined;
  const suffix = /_([a-z0-9]+)$/.exec(stem)?.[1] ?? '';
  const dtype = SUFFIXES[suffix];
  return dtype ? { name: stem.slice(0, -suffix.length - 1), dtype } : { name: stem, dtype: 'fp32' };
}

/**
 * The variants of a model in Hugging Face's ONNX layout, as its file names tell: one for each dtype, on the device where it is quick.
 * @param graphs names of the graphs that belong to a variant; all, where it is not given
 */
export function variantsOfFolder(files: readonly FolderFile[], graphs?: ReadonlySet<string>): VariantData[] {
  const shared = files.map((file) => file.path).filter(isShared);
  const groups = new Map<Dtype, FolderFile[]>();
  for (const file of files) {
    const graph = graphOf(file.path);
    if (graph && (!graphs || graphs.has(graph.name))) groups.set(graph.dtype, [...(groups.get(graph.dtype) ?? []), file]);
  }
  return [...groups].map(([dtype, all]) => {
    const weights = withoutTwins(all);
    const device = ON_GPU.includes(dtype) ? 'webgpu' : 'wasm';
    const memoryBytes = MEMORY_BASE_BYTES + MEMORY_FACTOR * weights.reduce((sum, file) => sum + file.sizeBytes, 0);
    const paths = [...shared, ...weights.map((file) => file.path)].sort();
    return { id: `${dtype}-${device}`, dtype, device, files: paths, needs: { memoryBytes } };
  });
}

/** A graph that lies there twice, plain and optimised or at the root too, is taken once: where transformers.js looks for it first. */
function withoutTwins(weights: readonly FolderFile[]): readonly FolderFile[] {
  const rank = (path: string) => (path.startsWith('onnx/') ? 0 : 2) + (path.includes('_optimized.onnx') ? 1 : 0);
  const stem = (path: string) => path.replace(/\.onnx.*$/, '');
  const best = new Map<string, string>();
  for (const { path } of weights) {
    const name = graphOf(path)?.name ?? path;
    const known = best.get(name);
    if (path.endsWith('.onnx') && (known === undefined || rank(path) < rank(known))) best.set(name, path);
  }
  return weights.filter(({ path }) => stem(path) === stem(best.get(graphOf(path)?.name ?? path) ?? path));
}
