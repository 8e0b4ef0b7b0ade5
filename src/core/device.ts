/** What this browser on this device can do, as plain data: probed once, shown to people, and the ground for choosing a variant. */
export interface DeviceReport {
  readonly secureContext: boolean;
  readonly crossOriginIsolated: boolean;
  readonly logicalCores: number;
  /** As the browser tells it (rounded, at most 8 GiB in Chromium); absent where it tells nothing. */
  readonly memoryBytes?: number;
  readonly wasm: {
    readonly available: boolean;
    readonly simd: boolean;
    /** Shared memory can be created and the page is isolated. */
    readonly threads: boolean;
    /** JavaScript Promise Integration: the WebGPU build of the runtime that needs the least memory. */
    readonly jspi: boolean;
  };
  readonly webgpu: WebGpuReport;
  readonly storage: {
    readonly available: boolean;
    readonly quotaBytes?: number;
    readonly usageBytes?: number;
    /** The browser promised not to evict it under pressure. */
    readonly persisted: boolean;
  };
  readonly userAgent: string;
  readonly versions: { readonly sill: string; readonly onnxruntime: string; readonly transformers: string };
}

export type WebGpuReport =
  | { readonly available: false; readonly reason: 'no-api' | 'no-adapter' | 'insecure-context' | 'failed' }
  | {
      readonly available: true;
      /** A software adapter: right but slow, so WASM is preferred unless it is asked for. */
      readonly fallback: boolean;
      readonly vendor: string;
      readonly architecture: string;
      readonly description: string;
      readonly f16: boolean;
      readonly features: readonly string[];
      readonly limits: Readonly<Record<string, number>>;
    };
