import type { DeviceReport } from '../device.ts';

/** An isolated desktop without a GPU, as a test wants it when the device is not its subject. */
export const PLAIN_DEVICE: Omit<DeviceReport, 'storage'> = {
  secureContext: true,
  crossOriginIsolated: true,
  logicalCores: 2,
  wasm: { available: true, simd: true, threads: true, jspi: false },
  webgpu: { available: false, reason: 'no-adapter' },
  userAgent: 'test',
  versions: { sill: '0.1.0', onnxruntime: '1', transformers: '4' },
};
