import type { DeviceReport } from '../core/device.ts';
import type { ExecutionDevice } from '../core/manifest.ts';
import type { RuntimeBuild } from '../ports/runtime.ts';

/** The smallest build of ONNX Runtime that can do the work on this browser. */
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
