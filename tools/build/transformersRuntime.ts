import type { Plugin } from 'vite';

const STUB = '\0transformers-onnxruntime';

/**
 * transformers.js imports `onnxruntime-web/webgpu` statically. Sill picks the build of the runtime by device instead, so that
 * import (and no other) is answered by a module that reads what `src/runtime` chose from `globalThis[Symbol.for('sill.onnxruntime')]`.
 * It must be set before transformers.js is first imported in a realm. (`Symbol.for('onnxruntime')`, which transformers.js 4.3 reads
 * itself, leaves its list of devices empty and makes `device: 'wasm'` throw.)
 */
export const transformersRuntime = (): Plugin => ({
  name: 'sill:transformers-runtime',
  enforce: 'pre',
  resolveId(source, importer) {
    if (!source.startsWith('onnxruntime-web') || !importer?.includes('/node_modules/@huggingface/transformers/')) return undefined;
    return STUB;
  },
  load(id) {
    if (id !== STUB) return undefined;
    return `const ort = globalThis[Symbol.for('sill.onnxruntime')] ?? {};
export const { InferenceSession, Tensor, env } = ort;`;
  },
});
