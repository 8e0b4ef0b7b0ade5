import type { ProbedDevice, WebGpuReport } from '../core/device.ts';

/** `i32x4.dot_i16x8_s` of a splat: what ONNX Runtime's builds need at least. */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 30, 1, 28, 0, 65, 0, 253, 15, 253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 253, 186, 1, 26, 11,
]);

/**
 * What can be told at once, in the realm that will run models. A profile may wake up on another machine or under another server than it went to
 * sleep on: this tells whether what it remembers is of here.
 * @param versions as the build knows them: none of the libraries is loaded to ask
 */
export function probeSurroundings(versions: ProbedDevice['versions']): Omit<ProbedDevice, 'webgpu'> {
  const available = typeof WebAssembly === 'object';
  const memoryGiB: unknown = Reflect.get(navigator, 'deviceMemory');
  return {
    secureContext: isSecureContext,
    crossOriginIsolated,
    logicalCores: navigator.hardwareConcurrency,
    ...(typeof memoryGiB === 'number' ? { memoryBytes: memoryGiB * 2 ** 30 } : {}),
    wasm: {
      available,
      simd: available && WebAssembly.validate(SIMD_MODULE),
      threads: crossOriginIsolated && typeof SharedArrayBuffer === 'function',
      jspi: available && 'Suspending' in WebAssembly,
    },
    userAgent: navigator.userAgent,
    versions,
  };
}

/** The same with the adapter, which is requested: `navigator.gpu` is there without any. */
export async function probeDevice(versions: ProbedDevice['versions']): Promise<ProbedDevice> {
  return { ...probeSurroundings(versions), webgpu: await probeWebGpu() };
}

async function probeWebGpu(): Promise<WebGpuReport> {
  if (!isSecureContext) return { available: false, reason: 'insecure-context' };
  if (!navigator.gpu) return { available: false, reason: 'no-api' };
  try {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return { available: false, reason: 'no-adapter' };
    const { info, features, limits } = adapter;
    return {
      available: true,
      fallback: info.isFallbackAdapter,
      vendor: info.vendor,
      architecture: info.architecture,
      description: info.description,
      f16: features.has('shader-f16'),
      ...(typeof info.subgroupMinSize === 'number' ? { subgroupMinSize: info.subgroupMinSize } : {}),
      features: [...features].sort(),
      limits: numbersOf(limits),
    };
  } catch {
    // A blocked or crashed GPU process rejects; why is not told, and the CPU path does not care.
    return { available: false, reason: 'failed' };
  }
}

/** Limits are getters on the prototype: spreading or cloning the object loses them. */
function numbersOf(limits: GPUSupportedLimits): Record<string, number> {
  const out: Record<string, number> = {};
  for (const name in limits) {
    const value: unknown = Reflect.get(limits, name);
    if (typeof value === 'number') out[name] = value;
  }
  return out;
}
