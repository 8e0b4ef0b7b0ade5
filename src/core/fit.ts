import type { DeviceReport } from './device.ts';
import type { Digest, VariantId } from './ids.ts';
import { chunksOf, type Manifest, type Variant, variantBytes } from './manifest.ts';

/** Why a variant does not fit, or fits badly; translated in `ui/`. */
export type FitReason =
  | 'needs-webgpu'
  | 'software-gpu'
  | 'needs-f16'
  | 'needs-feature'
  | 'gpu-buffer-too-small'
  | 'needs-wasm-simd'
  | 'memory'
  | 'memory-close'
  | 'storage'
  | 'reference-only';

export interface VariantFit {
  readonly variant: VariantId;
  readonly dtype: Variant['dtype'];
  readonly device: Variant['device'];
  readonly sizeBytes: number;
  /** What an install would download: chunks that another revision or model brought are used again. */
  readonly fetchBytes: number;
  readonly memoryBytes: number;
  /** `tight` runs, with a warning; `no` cannot. */
  readonly verdict: 'fits' | 'tight' | 'no';
  readonly reasons: readonly FitReason[];
}

/** A variant that takes more than this share of the device's memory gets a warning: the browser and its other tabs want the rest. */
const TIGHT_MEMORY_SHARE = 0.5;

/** Those that stop it outright; the others only warn. */
const BLOCKING: ReadonlySet<FitReason> = new Set([
  'needs-webgpu',
  'needs-f16',
  'needs-feature',
  'gpu-buffer-too-small',
  'needs-wasm-simd',
  'memory',
  'storage',
]);

/** Reasons that closing tabs or freeing space can remove, or that only warn. */
const MENDABLE: ReadonlySet<FitReason> = new Set(['storage', 'memory', 'memory-close', 'software-gpu']);

/** Chromium reports no more than this, however much there is: beyond it memory is unknown, and only worth a warning. */
const MEMORY_REPORT_CAP_BYTES = 8 * 1024 ** 3;

/**
 * How each variant fits the device, best first: what runs before what does not, a real GPU before WASM, WASM before a software
 * GPU, then the smaller.
 * @param missing chunks of the manifest that the device lacks; the others need neither network nor room. All, where it is not given
 */
export function rankVariants(manifest: Manifest, device: DeviceReport, missing?: ReadonlySet<Digest>): VariantFit[] {
  return manifest.variants.map((variant) => fitOf(manifest, variant, device, missing)).sort(byPreference);
}

function fitOf(manifest: Manifest, variant: Variant, device: DeviceReport, missing: ReadonlySet<Digest> | undefined): VariantFit {
  const sizeBytes = variantBytes(manifest, variant);
  const fetchBytes = chunksOf(manifest, variant).reduce(
    (sum, chunk) => sum + (missing?.has(chunk.digest) === false ? 0 : chunk.sizeBytes),
    0,
  );
  const reasons: FitReason[] = [...gpuReasons(variant, device)];
  if (variant.device === 'wasm' && !device.wasm.simd) reasons.push('needs-wasm-simd');
  if (device.memoryBytes !== undefined) {
    if (variant.needs.memoryBytes > device.memoryBytes && device.memoryBytes < MEMORY_REPORT_CAP_BYTES) reasons.push('memory');
    else if (variant.needs.memoryBytes > device.memoryBytes * TIGHT_MEMORY_SHARE) reasons.push('memory-close');
  }
  const freeBytes = (device.storage.quotaBytes ?? Number.POSITIVE_INFINITY) - (device.storage.usageBytes ?? 0);
  if (fetchBytes > freeBytes) reasons.push('storage');
  if (variant.reference) reasons.push('reference-only');
  const verdict = reasons.some((reason) => BLOCKING.has(reason)) ? 'no' : reasons.length > 0 ? 'tight' : 'fits';
  return {
    variant: variant.id,
    dtype: variant.dtype,
    device: variant.device,
    sizeBytes,
    fetchBytes,
    memoryBytes: variant.needs.memoryBytes,
    verdict,
    reasons,
  };
}

function gpuReasons(variant: Variant, device: DeviceReport): FitReason[] {
  if (variant.device !== 'webgpu') return [];
  const gpu = device.webgpu;
  if (!gpu.available) return ['needs-webgpu'];
  const reasons: FitReason[] = [];
  if (gpu.fallback) reasons.push('software-gpu');
  if ((variant.dtype === 'fp16' || variant.dtype === 'q4f16') && !gpu.f16) reasons.push('needs-f16');
  if (variant.needs.features?.some((feature) => !gpu.features.includes(feature))) reasons.push('needs-feature');
  const bufferLimit = gpu.limits.maxStorageBufferBindingSize ?? 0;
  if (variant.needs.bufferBytes !== undefined && variant.needs.bufferBytes > bufferLimit) reasons.push('gpu-buffer-too-small');
  return reasons;
}

function byPreference(a: VariantFit, b: VariantFit): number {
  const rank = (fit: VariantFit): number => {
    // The first is the one whose reasons are told: what the person can mend (room), then what a newer browser may bring, then a GPU.
    if (fit.verdict === 'no') return fit.reasons.every((reason) => MENDABLE.has(reason)) ? 4 : fit.device === 'wasm' ? 5 : 6;
    if (fit.reasons.includes('reference-only')) return 3;
    if (fit.reasons.includes('software-gpu')) return 2;
    return fit.device === 'webgpu' ? 0 : 1;
  };
  return rank(a) - rank(b) || a.sizeBytes - b.sizeBytes;
}
