import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { RuntimeBuild } from '../../src/core/builds.ts';

const NAMES: Readonly<Record<RuntimeBuild, string>> = {
  plain: 'ort-wasm-simd-threaded',
  jspi: 'ort-wasm-simd-threaded.jspi',
  asyncify: 'ort-wasm-simd-threaded.asyncify',
};

/** What each build of ONNX Runtime Web takes: its glue and its binary, as `src/runtime/assets.ts` names them. */
export function runtimeSizes(dist: string): Record<RuntimeBuild, number> {
  const sizeOf = (name: string) => ['mjs', 'wasm'].reduce((sum, ending) => sum + statSync(join(dist, `${name}.${ending}`)).size, 0);
  return { plain: sizeOf(NAMES.plain), jspi: sizeOf(NAMES.jspi), asyncify: sizeOf(NAMES.asyncify) };
}
