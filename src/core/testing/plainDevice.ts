import { type DeviceReport, NO_FINDINGS, type ProbedDevice } from '../device.ts';

/** An isolated desktop without a GPU, as a test wants it when the device is not its subject. */
export const PLAIN_DEVICE: ProbedDevice = {
  secureContext: true,
  crossOriginIsolated: true,
  logicalCores: 2,
  wasm: { available: true, simd: true, threads: true, jspi: false },
  webgpu: { available: false, reason: 'no-api' },
  userAgent: 'test',
  versions: { sill: '0.1.0', onnxruntime: '1', transformers: '4' },
};

/** The same as a whole report, with as much room as anybody wants. */
export const PLAIN_REPORT: DeviceReport = {
  ...PLAIN_DEVICE,
  ...NO_FINDINGS,
  preferCpu: false,
  preferQuality: false,
  storage: { available: true, persisted: false },
};

/** A browser's storage, as of one that promises nothing and gives room. */
export const PLAIN_STORAGE = { estimate: async () => ({}), persisted: async () => false };
