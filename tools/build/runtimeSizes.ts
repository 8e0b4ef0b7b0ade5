import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeBuild } from '../../src/core/builds.ts';

const NAMES: Readonly<Record<RuntimeBuild, string>> = {
  plain: 'ort-wasm-simd-threaded',
  jspi: 'ort-wasm-simd-threaded.jspi',
  asyncify: 'ort-wasm-simd-threaded.asyncify',
};

/**
 * What each build takes: the glue and the binary of ONNX Runtime Web, as `src/runtime/assets.ts` names them, and what holds answers to their form, which is
 * nearly all xgrammar.
 */
export function runtimeSizes(packages: string): Record<RuntimeBuild, number> {
  const onnxruntime = join(packages, 'onnxruntime-web/dist');
  const grammars = statSync(join(packages, '@mlc-ai/web-xgrammar/lib/index.js')).size;
  const sizeOf = (name: string) =>
    ['mjs', 'wasm'].reduce((sum, ending) => sum + statSync(join(onnxruntime, `${name}.${ending}`)).size, grammars);
  return { plain: sizeOf(NAMES.plain), jspi: sizeOf(NAMES.jspi), asyncify: sizeOf(NAMES.asyncify) };
}
