import { threadsFor } from './builds.ts';
import type { DeviceAbilities } from './device.ts';
import type { ErrorCode } from './errors.ts';
import type { VariantId } from './ids.ts';
import type { ExecutionDevice, Manifest, Variant } from './manifest.ts';
import { isExcluded, precisionOf } from './selfTest.ts';

/** One way to run a variant. */
export interface RunForm {
  readonly device: ExecutionDevice;
  readonly threads: number;
}

/** Why a variant does not run as it was meant to: what is known of the device, what a person wished, or what happened. */
export type FallbackReason = 'gpu-missing' | 'gpu-no-f16' | 'gpu-wrong' | 'gpu-failed' | 'wished' | ErrorCode;

export interface Fallback {
  /** How it would have run. */
  readonly from: RunForm;
  readonly reason: FallbackReason;
  /** In the engine's own words. */
  readonly message: string;
  /** What runs in its place, where that is another variant. */
  readonly variant?: VariantId;
}

export interface RunPlan {
  /** The first is the best that this device allows; each of the others asks less of it than the one before. Never empty. */
  readonly forms: readonly RunForm[];
  /** Absent where the first is what the variant was made for. */
  readonly fallback?: Fallback;
}

/**
 * WebGPU, then WASM with threads, then WASM with one.
 * @param wish for this model; on the GPU only what was made for it can run
 */
export function planRun(variant: Pick<Variant, 'device' | 'dtype'>, device: DeviceAbilities, wish?: ExecutionDevice): RunPlan {
  const threads = threadsFor(device);
  const processor: RunForm[] = [...(threads > 1 ? [{ device: 'wasm', threads } as const] : []), { device: 'wasm', threads: 1 }];
  if (variant.device === 'wasm') return { forms: processor };
  const gpu: RunForm = { device: 'webgpu', threads };
  const against = againstGpu(variant, device, wish);
  return against ? { forms: processor, fallback: { from: gpu, ...against } } : { forms: [gpu, ...processor] };
}

/** Variants that take less memory, the largest of them first. Those made for reference alone are too slow to be of use. */
export function smallerVariants({ variants }: Manifest, { needs }: Variant): Variant[] {
  return variants
    .filter((other) => !other.reference && other.needs.memoryBytes < needs.memoryBytes)
    .sort((a, b) => b.needs.memoryBytes - a.needs.memoryBytes);
}

function againstGpu(
  { dtype }: Pick<Variant, 'dtype'>,
  { webgpu, checks, preferCpu }: DeviceAbilities,
  wish: ExecutionDevice | undefined,
): Pick<Fallback, 'reason' | 'message'> | undefined {
  if (!webgpu.available) return { reason: 'gpu-missing', message: `This browser offers no graphics processor now (${webgpu.reason}).` };
  const precision = precisionOf(dtype);
  if (precision === 'f16' && !webgpu.f16) {
    return { reason: 'gpu-no-f16', message: 'The graphics processor has no 16-bit arithmetic, which it is made for.' };
  }
  const check = checks[precision];
  if (isExcluded(check)) {
    return check?.verdict === 'wrong'
      ? { reason: 'gpu-wrong', message: `The graphics processor computes wrong numbers (${check.output}).` }
      : { reason: 'gpu-failed', message: 'The graphics processor did not pass its self-test.' };
  }
  if (wish === 'wasm' || (preferCpu && wish !== 'webgpu')) {
    return { reason: 'wished', message: 'Somebody chose the processor for it on this device.' };
  }
  return undefined;
}
