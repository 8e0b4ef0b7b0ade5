import type { RuntimeBuild } from '../core/builds.ts';
import { runtimeUrls } from './assets.ts';

export type Ort = typeof import('onnxruntime-web');

const IMPORTS: Record<RuntimeBuild, () => Promise<Ort>> = {
  plain: () => import('onnxruntime-web/wasm'),
  jspi: () => import('onnxruntime-web/jspi'),
  asyncify: () => import('onnxruntime-web/webgpu'),
};

/**
 * ONNX Runtime in one build, set up before its first session: it starts once per realm, so a realm holds one build.
 * The binary is streamed from its URL, never handed over as bytes: only then does V8 keep its optimised code.
 */
export async function loadOrt(build: RuntimeBuild, threads: number): Promise<Ort> {
  const ort = await IMPORTS[build]();
  const { mjs, wasm } = runtimeUrls(build);
  const absolute = (url: string) => new URL(url, import.meta.url).href;
  ort.env.wasm.wasmPaths = { mjs: absolute(mjs), wasm: absolute(wasm) };
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.proxy = false;
  ort.env.logLevel = 'error';
  return ort;
}
