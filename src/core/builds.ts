import type { DeviceReport } from './device.ts';
import type { ExecutionDevice } from './manifest.ts';

/** Builds of ONNX Runtime Web. Plain is CPU only; the others run on the GPU too. */
export const RUNTIME_BUILDS = ['plain', 'jspi', 'asyncify'] as const;
export type RuntimeBuild = (typeof RUNTIME_BUILDS)[number];

/**
 * The smallest build of ONNX Runtime that can do the work on this browser. For the CPU the plain one is half the size of the others and
 * faster; on the GPU, JSPI spares the 10 MB that Asyncify costs, where the browser has it.
 */
export function runtimeBuildFor(target: ExecutionDevice, device: Pick<DeviceReport, 'wasm'>): RuntimeBuild {
  if (target === 'wasm') return 'plain';
  return device.wasm.jspi ? 'jspi' : 'asyncify';
}

/**
 * Threads for the WASM build. More than four bring little to models of this size and take cores from the page; one without
 * isolation, where shared memory is not to be had.
 */
export function threadsFor(device: Pick<DeviceReport, 'wasm' | 'logicalCores'>): number {
  return device.wasm.threads ? Math.max(1, Math.min(4, device.logicalCores)) : 1;
}
