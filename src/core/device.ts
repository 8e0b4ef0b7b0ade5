import * as v from 'valibot';

/** The arithmetic that a variant asks of a graphics processor. Each is tested by itself. */
export const GPU_PRECISIONS = ['fp32', 'f16'] as const;
export type GpuPrecision = (typeof GPU_PRECISIONS)[number];

const text = v.string();
const count = v.pipe(v.number(), v.minValue(0));

/** Of a test that came to no result: how often in a row, and when the last did. */
const tried = { tries: v.exactOptional(count), atMs: v.exactOptional(v.number()) };

/** What a small graph with known results gave on the graphics processor. `worstError` is relative to the largest value of an output. */
const GpuCheckSchema = v.variant('verdict', [
  v.object({ verdict: v.literal('right'), worstError: count }),
  v.object({ verdict: v.literal('wrong'), worstError: v.exactOptional(count), output: text }),
  /** The runtime threw, or its worker died. */
  v.object({ verdict: v.literal('failed'), reason: text, ...tried }),
  v.object({ verdict: v.literal('late'), timeoutMs: count, ...tried }),
]);
export type GpuCheck = Readonly<v.InferOutput<typeof GpuCheckSchema>>;

/** How fast one way to multiply is here: a token takes `stepMs` for its many small operators and the weights' time on top. */
const SpeedSchema = v.object({ stepMs: count, weightsPerSecond: v.pipe(v.number(), v.gtValue(0)) });
export type Speed = Readonly<v.InferOutput<typeof SpeedSchema>>;

/** Ways to multiply that are measured, by what runs them and how the weights are stored. */
export const SPEED_PATHS = ['wasm:int8', 'wasm:q4', 'webgpu:q4', 'webgpu:q4f16', 'webgpu:fp16'] as const;
export type SpeedPath = (typeof SPEED_PATHS)[number];

const WebGpuSchema = v.variant('available', [
  v.object({ available: v.literal(false), reason: v.picklist(['no-api', 'no-adapter', 'insecure-context', 'failed']) }),
  v.object({
    available: v.literal(true),
    /** A software adapter: right but slow, so WASM is preferred unless it is asked for. */
    fallback: v.boolean(),
    vendor: text,
    architecture: text,
    description: text,
    f16: v.boolean(),
    /** The fewest threads that run in step; some browsers do not tell. */
    subgroupMinSize: v.exactOptional(count),
    features: v.pipe(v.array(text), v.readonly()),
    limits: v.pipe(v.record(text, v.number()), v.readonly()),
  }),
]);
export type WebGpuReport = Readonly<v.InferOutput<typeof WebGpuSchema>>;

/** What the browser tells when it is asked. */
export const ProbedDeviceSchema = v.object({
  secureContext: v.boolean(),
  crossOriginIsolated: v.boolean(),
  logicalCores: v.number(),
  /** As the browser tells it (rounded, at most 8 GiB in Chromium); absent where it tells nothing. */
  memoryBytes: v.exactOptional(v.number()),
  wasm: v.object({
    available: v.boolean(),
    simd: v.boolean(),
    /** Shared memory can be created and the page is isolated. */
    threads: v.boolean(),
    /** JavaScript Promise Integration: the WebGPU build of the runtime that needs the least memory. */
    jspi: v.boolean(),
  }),
  webgpu: WebGpuSchema,
  userAgent: text,
  versions: v.object({ sill: text, onnxruntime: text, transformers: text }),
});
export interface ProbedDevice extends Readonly<v.InferOutput<typeof ProbedDeviceSchema>> {}

/** What was found out by running something here. Holds for one adapter, browser and version of the runtime. */
export const DeviceFindingsSchema = v.object({
  checks: v.object({ fp32: v.exactOptional(GpuCheckSchema), f16: v.exactOptional(GpuCheckSchema) }),
  speeds: v.object({
    'wasm:int8': v.exactOptional(SpeedSchema),
    'wasm:q4': v.exactOptional(SpeedSchema),
    'webgpu:q4': v.exactOptional(SpeedSchema),
    'webgpu:q4f16': v.exactOptional(SpeedSchema),
    'webgpu:fp16': v.exactOptional(SpeedSchema),
  }),
});
export interface DeviceFindings {
  readonly checks: Readonly<Partial<Record<GpuPrecision, GpuCheck>>>;
  /** Empty until something was measured. */
  readonly speeds: Readonly<Partial<Record<SpeedPath, Speed>>>;
}

export const NO_FINDINGS: DeviceFindings = { checks: {}, speeds: {} };

/** What this browser on this device can do: the ground for how a model runs. */
export interface DeviceAbilities extends ProbedDevice, DeviceFindings {
  /** A person wants models on the processor wherever there is a choice. */
  readonly preferCpu: boolean;
  /** A person or the operator wants the form that is closest to the original, in place of the fastest. */
  readonly preferQuality: boolean;
}

/** The same with what it can keep, as plain data: probed once, shown to people, and the ground for choosing a variant. */
export interface DeviceReport extends DeviceAbilities {
  readonly storage: {
    readonly available: boolean;
    readonly quotaBytes?: number;
    readonly usageBytes?: number;
    /** The browser promised not to evict it under pressure. */
    readonly persisted: boolean;
  };
}

/** Findings about one adapter say nothing about another. */
export const sameAdapter = (a: WebGpuReport, b: WebGpuReport): boolean => adapterOf(a) === adapterOf(b);

const adapterOf = (gpu: WebGpuReport): string =>
  gpu.available ? JSON.stringify([gpu.vendor, gpu.architecture, gpu.description, gpu.fallback, gpu.f16]) : gpu.reason;
