import asyncifyMjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiMjs from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasm from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import plainMjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import plainWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { RuntimeBuild } from '../core/builds.ts';

const ASSETS = {
  plain: { mjs: plainMjs, wasm: plainWasm },
  jspi: { mjs: jspiMjs, wasm: jspiWasm },
  asyncify: { mjs: asyncifyMjs, wasm: asyncifyWasm },
} as const satisfies Record<RuntimeBuild, { mjs: string; wasm: string }>;

/** URLs of a build's glue and binary, under hashed names of our own origin. */
export const runtimeUrls = (build: RuntimeBuild): { readonly mjs: string; readonly wasm: string } => ASSETS[build];

/** What must be cached for a build to start without a network, the scripts of the app aside. */
export const runtimeAssets = (build: RuntimeBuild): string[] => Object.values(ASSETS[build]);
