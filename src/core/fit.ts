import type { DeviceReport } from './device.ts';
import type { Digest, VariantId } from './ids.ts';
import { statedReference } from './importGate.ts';
import { chunksOf, type Manifest, STORAGE_BUFFERS, type Variant, variantBytes } from './manifest.ts';
import { isExcluded, precisionOf } from './selfTest.ts';
import { speedPathOf, tokensPerSecond } from './speed.ts';

/** Why a variant does not fit, or fits badly; translated in `ui/`. */
export type FitReason =
  | 'needs-webgpu'
  | 'software-gpu'
  | 'gpu-wrong'
  | 'gpu-failed'
  | 'needs-f16'
  | 'needs-feature'
  | 'gpu-buffer-too-small'
  | 'gpu-buffers-too-few'
  | 'needs-wasm-simd'
  | 'memory'
  | 'memory-close'
  | 'wasm-memory'
  | 'reference-memory'
  | 'storage'
  | 'reference-only';

/** Why the first of several variants is the first; translated in `ui/`. */
export type ChoiceReason = 'only-one' | 'wished' | 'best' | 'measured' | 'gpu-first' | 'gpu-emulated' | 'smallest';

export interface VariantFit {
  readonly variant: VariantId;
  readonly dtype: Variant['dtype'];
  readonly device: Variant['device'];
  readonly sizeBytes: number;
  /** What an install would download: chunks that another revision or model brought are used again. */
  readonly fetchBytes: number;
  readonly memoryBytes: number;
  /** What is stored beside that: the form that is made here of what is downloaded. Absent where it runs as it comes. */
  readonly madeBytes?: number;
  /** `tight` runs, with a warning; `no` cannot. */
  readonly verdict: 'fits' | 'tight' | 'no';
  readonly reasons: readonly FitReason[];
  /** About, from what was timed on this device; absent where that says nothing of the variant. */
  readonly tokensPerSecond?: number;
  /** Of the first, where it can run. */
  readonly choice?: ChoiceReason;
}

/** A variant that takes more than this share of the device's memory gets a warning: the browser and its other tabs want the rest. */
const TIGHT_MEMORY_SHARE = 0.5;

/** Those that stop it outright; the others only warn. */
const BLOCKING: ReadonlySet<FitReason> = new Set([
  'needs-webgpu',
  'gpu-wrong',
  'gpu-failed',
  'needs-f16',
  'needs-feature',
  'gpu-buffer-too-small',
  'gpu-buffers-too-few',
  'needs-wasm-simd',
  'memory',
  'wasm-memory',
  'reference-memory',
  'storage',
]);

/** Reasons that closing tabs or freeing space can remove, or that only warn. */
const MENDABLE: ReadonlySet<FitReason> = new Set(['storage', 'memory', 'memory-close', 'software-gpu']);

const GIB = 1024 ** 3;
/** The end of all addresses of a WebAssembly module, which have 32 bits. Weights for a GPU lie elsewhere. */
const WASM_MEMORY_BYTES = 4 * GIB;
/** Of a weight in the form that others are held against: 32 of them share a scale of four bytes. */
const REFERENCE_BYTES = 36 / 32;
/**
 * The most that Chromium reports: 8 GiB on phones and in older versions, 32 GiB on desktops today (Chromium 156 says 16 on a machine with 23.5). Where it says
 * one of these there may be any more.
 */
const MEMORY_REPORT_CAPS_BYTES: readonly number[] = [8 * GIB, 32 * GIB];
/** It is rounded to the nearest power of two: there may be half as much again as it says. */
const MEMORY_ROUNDING = 1.5;

/** The most memory that a device may have which reports so much. */
const mostMemoryBytes = (reportedBytes: number): number =>
  MEMORY_REPORT_CAPS_BYTES.includes(reportedBytes) ? Number.POSITIVE_INFINITY : reportedBytes * MEMORY_ROUNDING;

/**
 * How each variant fits the device, best first: what runs before what does not, then what a person prefers, then what is faster by measurement.
 * Where nothing was measured a real GPU goes before WASM; WASM goes before a software GPU always, and of equals the smaller is first. 16 bits beside
 * 4 on the same GPU are for quality, however fast they are: they are first where the device is to have the best, else chosen by hand or after 4 bits lost
 * too much.
 * @param missing chunks of the manifest that the device lacks; the others need neither network nor room. All, where it is not given
 */
export function rankVariants(manifest: Manifest, device: DeviceReport, missing?: ReadonlySet<Digest>): VariantFit[] {
  const all = manifest.variants.map((variant) => fitOf(manifest, variant, device, missing));
  const fits = all.sort(byPreference(device, all.some(isSmallOnGpu)));
  const [first, ...others] = fits;
  if (!first || first.verdict === 'no') return fits;
  return [{ ...first, choice: choiceOf(first, others, device) }, ...others];
}

/** Whether a measurement could change the choice: a real GPU and the processor can both run the model. */
export function isContested(fits: readonly VariantFit[]): boolean {
  const able = fits.filter(
    (fit) => fit.verdict !== 'no' && !fit.reasons.includes('reference-only') && !fit.reasons.includes('software-gpu'),
  );
  return new Set(able.map((fit) => fit.device)).size > 1;
}

function choiceOf(first: VariantFit, others: readonly VariantFit[], { preferCpu, preferQuality }: Wishes): ChoiceReason {
  const able = others.filter((fit) => fit.verdict !== 'no' && !fit.reasons.includes('reference-only'));
  const elsewhere = able.filter((fit) => fit.device !== first.device);
  if (able.length === 0) return 'only-one';
  if (preferCpu && first.device === 'wasm' && elsewhere.length > 0) return 'wished';
  if (preferQuality && isForQuality(first)) return 'best';
  if (elsewhere.length > 0 && elsewhere.every((fit) => fit.reasons.includes('software-gpu'))) return 'gpu-emulated';
  if (first.tokensPerSecond !== undefined && able.some((fit) => fit.tokensPerSecond !== undefined)) return 'measured';
  return first.device === 'webgpu' && elsewhere.length > 0 ? 'gpu-first' : 'smallest';
}

function fitOf(manifest: Manifest, variant: Variant, device: DeviceReport, missing: ReadonlySet<Digest> | undefined): VariantFit {
  const sizeBytes = variantBytes(manifest, variant);
  const fetchBytes = chunksOf(manifest, variant).reduce(
    (sum, chunk) => sum + (missing?.has(chunk.digest) === false ? 0 : chunk.sizeBytes),
    0,
  );
  const reasons: FitReason[] = [...gpuReasons(variant, device)];
  if (variant.device === 'wasm' && !device.wasm.simd) reasons.push('needs-wasm-simd');
  if (variant.device === 'wasm' && variant.needs.memoryBytes > WASM_MEMORY_BYTES) reasons.push('wasm-memory');
  if (variant.madeFrom && statedReference(manifest) === undefined && manifest.parameters * REFERENCE_BYTES > WASM_MEMORY_BYTES)
    reasons.push('reference-memory');
  if (device.memoryBytes !== undefined) {
    if (variant.needs.memoryBytes > mostMemoryBytes(device.memoryBytes)) reasons.push('memory');
    else if (variant.needs.memoryBytes > device.memoryBytes * TIGHT_MEMORY_SHARE) reasons.push('memory-close');
  }
  const freeBytes = (device.storage.quotaBytes ?? Number.POSITIVE_INFINITY) - (device.storage.usageBytes ?? 0);
  if (fetchBytes + (variant.needs.madeBytes ?? 0) > freeBytes) reasons.push('storage');
  if (variant.reference) reasons.push('reference-only');
  const path = speedPathOf(variant);
  const speed = path && device.speeds[path];
  const verdict = reasons.some((reason) => BLOCKING.has(reason)) ? 'no' : reasons.length > 0 ? 'tight' : 'fits';
  return {
    variant: variant.id,
    dtype: variant.dtype,
    device: variant.device,
    sizeBytes,
    fetchBytes,
    memoryBytes: variant.needs.memoryBytes,
    ...(variant.needs.madeBytes === undefined ? {} : { madeBytes: variant.needs.madeBytes }),
    verdict,
    reasons,
    ...(speed ? { tokensPerSecond: tokensPerSecond(speed, manifest.parameters) } : {}),
  };
}

/** The same where each is made to be held against another form first, which has to run here as well. */
export function heldAgainst(fits: readonly VariantFit[], reference: VariantFit): readonly VariantFit[] {
  if (!reference.reasons.some((reason) => reason === 'memory' || reason === 'wasm-memory')) return fits;
  return fits.map(({ choice: _choice, ...fit }) => ({ ...fit, verdict: 'no', reasons: [...fit.reasons, 'reference-memory'] }));
}

function gpuReasons(variant: Variant, device: DeviceReport): FitReason[] {
  if (variant.device !== 'webgpu') return [];
  const gpu = device.webgpu;
  if (!gpu.available) return ['needs-webgpu'];
  const reasons: FitReason[] = [];
  if (gpu.fallback) reasons.push('software-gpu');
  if (precisionOf(variant.dtype) === 'f16' && !gpu.f16) reasons.push('needs-f16');
  const check = device.checks[precisionOf(variant.dtype)];
  if (isExcluded(check)) reasons.push(check?.verdict === 'wrong' ? 'gpu-wrong' : 'gpu-failed');
  if (variant.needs.features?.some((feature) => !gpu.features.includes(feature))) reasons.push('needs-feature');
  const bufferLimit = gpu.limits.maxStorageBufferBindingSize ?? 0;
  if (variant.needs.bufferBytes !== undefined && variant.needs.bufferBytes > bufferLimit) reasons.push('gpu-buffer-too-small');
  const { storageBuffers = STORAGE_BUFFERS } = variant.needs;
  if (storageBuffers > (gpu.limits.maxStorageBuffersPerShaderStage ?? STORAGE_BUFFERS)) reasons.push('gpu-buffers-too-few');
  return reasons;
}

const isSmallOnGpu = ({ device, dtype, verdict }: VariantFit): boolean =>
  device === 'webgpu' && (dtype === 'q4' || dtype === 'q4f16') && verdict !== 'no';
const isForQuality = ({ device, dtype }: VariantFit): boolean => device === 'webgpu' && dtype === 'fp16';

type Wishes = Pick<DeviceReport, 'preferCpu' | 'preferQuality'>;

const byPreference =
  ({ preferCpu, preferQuality }: Wishes, hasSmallOnGpu: boolean) =>
  (a: VariantFit, b: VariantFit): number => {
    const rank = (fit: VariantFit): number => {
      // The first is the one whose reasons are told: what the person can mend (room), then what a newer browser may bring, then a GPU.
      if (fit.verdict === 'no') return fit.reasons.every((reason) => MENDABLE.has(reason)) ? 6 : fit.device === 'wasm' ? 7 : 8;
      if (fit.reasons.includes('reference-only')) return 5;
      if (fit.reasons.includes('software-gpu')) return isForQuality(fit) && hasSmallOnGpu ? 4 : 3;
      // Not where it takes most of the memory: that is for somebody to choose.
      if (isForQuality(fit) && preferQuality && !preferCpu && fit.verdict === 'fits') return 0;
      if (isForQuality(fit) && hasSmallOnGpu) return 2;
      if (preferCpu) return fit.device === 'wasm' ? 0 : 1;
      return 1;
    };
    return rank(a) - rank(b) || byMeasurement(a, b) || byHardware(a) - byHardware(b) || a.sizeBytes - b.sizeBytes;
  };

/** What was measured goes before what was not: how fast that is nobody knows. */
const byMeasurement = (a: VariantFit, b: VariantFit): number => (b.tokensPerSecond ?? 0) - (a.tokensPerSecond ?? 0);

const byHardware = ({ device }: VariantFit): number => (device === 'webgpu' ? 0 : 1);
