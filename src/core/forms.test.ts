import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceReport, GpuCheck } from './device.ts';
import { planRun } from './forms.ts';
import { DTYPES, EXECUTION_DEVICES } from './manifest.ts';
import { PLAIN_REPORT } from './testing/plainDevice.ts';

const WITH_GPU: DeviceReport = {
  ...PLAIN_REPORT,
  webgpu: { available: true, fallback: false, vendor: '', architecture: '', description: '', f16: true, features: [], limits: {} },
};
const Q4 = { device: 'webgpu', dtype: 'q4' } as const;

describe('how a variant may run', () => {
  it('is WebGPU first, then WASM with threads, then WASM with one', () => {
    expect(planRun(Q4, WITH_GPU)).toEqual({
      forms: [
        { device: 'webgpu', threads: 2 },
        { device: 'wasm', threads: 2 },
        { device: 'wasm', threads: 1 },
      ],
    });
  });

  it.each([
    ['the GPU is gone since it was installed', PLAIN_REPORT, undefined, 'gpu-missing'],
    ['the GPU computes wrong', { ...WITH_GPU, checks: { fp32: { verdict: 'wrong', output: 'softmax' } } }, undefined, 'gpu-wrong'],
    ['the GPU failed its test', { ...WITH_GPU, checks: { fp32: { verdict: 'late', timeoutMs: 1 } } }, 'webgpu', 'gpu-failed'],
    ['somebody prefers the processor', { ...WITH_GPU, preferCpu: true }, undefined, 'wished'],
    ['somebody wants this model there', WITH_GPU, 'wasm', 'wished'],
  ] as const)('is WASM at once where %s, and says so', (_, device, wish, reason) => {
    const { forms, fallback } = planRun(Q4, device, wish);
    expect(forms[0]).toEqual({ device: 'wasm', threads: 2 });
    expect(fallback).toMatchObject({ from: { device: 'webgpu' }, reason });
  });

  it('is WebGPU for the model that somebody wants there, whatever they prefer for others', () => {
    expect(planRun(Q4, { ...WITH_GPU, preferCpu: true }, 'webgpu').fallback).toBeUndefined();
  });

  it('is not spoiled by a test that the variant does not depend on', () => {
    const wrong = { ...WITH_GPU, checks: { f16: { verdict: 'wrong', output: 'matmul' } } } as const;
    expect(planRun(Q4, wrong).forms[0]?.device).toBe('webgpu');
    expect(planRun({ device: 'webgpu', dtype: 'q4f16' }, wrong).forms[0]?.device).toBe('wasm');
  });

  it('is WASM where a variant of 16 bits meets a GPU without them', () => {
    const without = { ...WITH_GPU, webgpu: { ...WITH_GPU.webgpu, f16: false } } as const;
    expect(planRun({ device: 'webgpu', dtype: 'fp16' }, without)).toMatchObject({
      forms: [{ device: 'wasm' }, { device: 'wasm', threads: 1 }],
      fallback: { reason: 'gpu-no-f16' },
    });
    expect(planRun({ device: 'webgpu', dtype: 'fp16' }, WITH_GPU).fallback).toBeUndefined();
  });

  it('always ends with one thread of WASM, each form asks for less than the one before, and a reason comes only with a loss', () => {
    const check = fc.constantFrom<GpuCheck | undefined>(
      undefined,
      { verdict: 'right', worstError: 0 },
      { verdict: 'wrong', output: 'matmul' },
    );
    const cost = ({ device, threads }: { device: string; threads: number }) => (device === 'webgpu' ? 100 : threads);
    fc.assert(
      fc.property(
        fc.record({ device: fc.constantFrom(...EXECUTION_DEVICES), dtype: fc.constantFrom(...DTYPES) }),
        fc.record({
          gpu: fc.boolean(),
          threads: fc.boolean(),
          cores: fc.integer({ min: 1, max: 64 }),
          preferCpu: fc.boolean(),
          fp32: check,
          f16: check,
        }),
        fc.constantFrom(undefined, ...EXECUTION_DEVICES),
        (variant, { gpu, threads, cores, preferCpu, fp32, f16 }, wish) => {
          const base = gpu ? WITH_GPU : PLAIN_REPORT;
          const checks = { ...(fp32 ? { fp32 } : {}), ...(f16 ? { f16 } : {}) };
          const { forms, fallback } = planRun(
            variant,
            { ...base, wasm: { ...base.wasm, threads }, logicalCores: cores, preferCpu, checks },
            wish,
          );
          expect(forms.at(-1)).toEqual({ device: 'wasm', threads: 1 });
          for (const [i, form] of forms.entries()) if (i > 0) expect(cost(form)).toBeLessThan(cost(forms[i - 1] ?? form));
          expect(fallback !== undefined).toBe(variant.device === 'webgpu' && forms[0]?.device === 'wasm');
        },
      ),
    );
  });
});
