import * as v from 'valibot';
import { runtimeUrls } from './assets.ts';

/**
 * The C API of ONNX Runtime's plain WebAssembly build, as its own JavaScript half uses it (`onnxruntime/wasm/api.h`). Handles
 * and addresses are numbers. The version is pinned, and a test holds what is used here.
 */
export interface OrtModule {
  /** Stale after the heap grew, until the next `getValue`. */
  readonly HEAPU8: Uint8Array;
  readonly PTR_SIZE: number;
  _malloc(bytes: number): number;
  _free(address: number): void;
  getValue(address: number, type: 'i32' | '*'): number;
  setValue(address: number, value: number, type: 'i32' | '*'): void;
  UTF8ToString(address: number): string;
  stringToUTF8(text: string, address: number, bytes: number): void;
  lengthBytesUTF8(text: string): number;
  /** `data` is read by `byteLength` and `subarray()` alone. */
  mountExternalData(path: string, data: { readonly byteLength: number; subarray(begin: number, end: number): Uint8Array }): void;
  unmountExternalData(): void;
  _OrtInit(threads: number, logLevel: number): number;
  _OrtGetLastError(code: number, message: number): number;
  _OrtCreateSessionOptions(
    graphOptimisation: number,
    cpuArena: boolean,
    memoryPattern: boolean,
    executionMode: number,
    profiling: boolean,
    profilePrefix: number,
    logId: number,
    logSeverity: number,
    logVerbosity: number,
    optimisedPath: number,
  ): number;
  _OrtCreateSession(data: number, bytes: number, options: number): number | Promise<number>;
  _OrtReleaseSession(session: number): number;
  _OrtReleaseSessionOptions(options: number): number;
  _OrtGetInputOutputCount(session: number, inputs: number, outputs: number): number;
  _OrtGetInputOutputMetadata(session: number, index: number, name: number, metadata: number): number;
  _OrtCreateTensor(type: number, data: number, bytes: number, dims: number, rank: number, location: number): number;
  _OrtGetTensorData(tensor: number, type: number, data: number, dims: number, rank: number): number;
  _OrtReleaseTensor(tensor: number): number;
  _OrtFree(address: number): number;
  _OrtCreateRunOptions(logSeverity: number, logVerbosity: number, terminate: boolean, tag: number): number;
  _OrtRun(
    session: number,
    inputNames: number,
    inputs: number,
    inputCount: number,
    outputNames: number,
    outputCount: number,
    outputs: number,
    options: number,
  ): number | Promise<number>;
}

const FUNCTIONS = [
  '_malloc',
  '_free',
  'getValue',
  'setValue',
  'UTF8ToString',
  'stringToUTF8',
  'lengthBytesUTF8',
  'mountExternalData',
  'unmountExternalData',
  '_OrtInit',
  '_OrtGetLastError',
  '_OrtCreateSessionOptions',
  '_OrtCreateSession',
  '_OrtReleaseSession',
  '_OrtReleaseSessionOptions',
  '_OrtGetInputOutputCount',
  '_OrtGetInputOutputMetadata',
  '_OrtCreateTensor',
  '_OrtGetTensorData',
  '_OrtReleaseTensor',
  '_OrtFree',
  '_OrtCreateRunOptions',
  '_OrtRun',
] as const satisfies ReadonlyArray<keyof OrtModule>;

const GlueSchema = v.object({ default: v.custom<(config: object) => Promise<unknown>>((factory) => typeof factory === 'function') });
const ModuleSchema = v.custom<OrtModule>(
  (module) => typeof module === 'object' && module !== null && FUNCTIONS.every((name) => typeof Reflect.get(module, name) === 'function'),
);

const LOG_ERRORS = 3;

let prepared: { readonly threads: number; readonly module: Promise<OrtModule> } | undefined;

/** Starts the plain build for the model that comes. Rejects where it does not start, which a model that waits for it is told as well. */
export async function prepareHeapRuntime(threads: number): Promise<void> {
  const module = startHeapRuntime(threads);
  prepared = { threads, module };
  await module;
}

/** The plain build in this realm: what was prepared, or else started now. */
export const heapRuntime = (threads: number): Promise<OrtModule> =>
  prepared?.threads === threads ? prepared.module : startHeapRuntime(threads);

/** The binary is streamed from its URL: only then does V8 keep its optimised code. */
async function startHeapRuntime(threads: number): Promise<OrtModule> {
  const { mjs, wasm } = runtimeUrls('plain');
  const glue = v.parse(GlueSchema, await import(/* @vite-ignore */ new URL(mjs, import.meta.url).href));
  const locateFile = () => new URL(wasm, import.meta.url).href;
  const module = v.parse(ModuleSchema, await glue.default({ numThreads: threads, locateFile }));
  check(module, module._OrtInit(threads, LOG_ERRORS));
  return module;
}

/** @throws Error with ONNX Runtime's own words when `status` is not 0. */
export function check(module: OrtModule, status: number): void {
  if (status === 0) return;
  const at = allocate(module, 2 * module.PTR_SIZE);
  module._OrtGetLastError(at, at + module.PTR_SIZE);
  const message = module.getValue(at + module.PTR_SIZE, '*');
  throw new Error(message === 0 ? `error ${status}` : module.UTF8ToString(message));
}

export function allocate(module: OrtModule, bytes: number): number {
  const address = module._malloc(bytes);
  if (address === 0) throw new RangeError(`failed to allocate ${bytes} bytes of the WebAssembly heap`);
  return address;
}

/** The heap as it is now: views taken before it grew do not reach its new part. */
export function heapOf(module: OrtModule): ArrayBufferLike {
  module.getValue(0, 'i32');
  return module.HEAPU8.buffer;
}
