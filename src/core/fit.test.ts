import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceReport } from './device.ts';
import { isContested, rankVariants } from './fit.ts';
import { parseDigest } from './ids.ts';
import { IMPORT_TEXT } from './importGate.ts';
import { parseManifest } from './manifest.ts';
import { PLAIN_REPORT } from './testing/plainDevice.ts';
import { TINY } from './testing/tinyManifest.ts';

const GB = 1e9;
const GIB = 1024 ** 3;
const chunk = (fill: string, sizeBytes: number) => [{ digest: `sha256:${fill.repeat(64)}`, sizeBytes }];

const manifest = parseManifest({
  ...TINY,
  files: [
    { path: 'int8.bin', sizeBytes: 2000, chunks: chunk('a', 2000) },
    { path: 'q4.bin', sizeBytes: 1000, chunks: chunk('b', 1000) },
    { path: 'f16.bin', sizeBytes: 1100, chunks: chunk('c', 1100) },
  ],
  variants: [
    { id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: ['int8.bin'], needs: { memoryBytes: GB } },
    { id: 'q4-webgpu', dtype: 'q4', device: 'webgpu', files: ['q4.bin'], needs: { memoryBytes: GB, bufferBytes: 500 } },
    { id: 'q4f16-webgpu', dtype: 'q4f16', device: 'webgpu', files: ['f16.bin'], needs: { memoryBytes: GB } },
  ],
});

const noGpu: DeviceReport = {
  ...PLAIN_REPORT,
  memoryBytes: 8 * GIB,
  storage: { available: true, quotaBytes: 10_000, usageBytes: 0, persisted: false },
};
const gpu = (change: Partial<Extract<DeviceReport['webgpu'], { available: true }>> = {}): DeviceReport => ({
  ...noGpu,
  webgpu: {
    available: true,
    fallback: false,
    vendor: 'v',
    architecture: 'a',
    description: '',
    f16: true,
    features: ['shader-f16'],
    limits: { maxStorageBufferBindingSize: 1000 },
    ...change,
  },
});
const order = (device: DeviceReport) => rankVariants(manifest, device).map((fit) => `${fit.variant}:${fit.verdict}`);

describe('the choice of a variant', () => {
  it('takes WASM where there is no GPU', () => {
    expect(order(noGpu)).toEqual(['int8-wasm:fits', 'q4-webgpu:no', 'q4f16-webgpu:no']);
  });

  it('takes the smaller one on a real GPU', () => {
    expect(order(gpu())).toEqual(['q4-webgpu:fits', 'q4f16-webgpu:fits', 'int8-wasm:fits']);
  });

  it('names what a newer browser may bring before a missing GPU, where nothing fits', () => {
    const old = { ...noGpu, wasm: { ...noGpu.wasm, simd: false } };
    expect(rankVariants(manifest, old)[0]).toMatchObject({ variant: 'int8-wasm', verdict: 'no', reasons: ['needs-wasm-simd'] });
  });

  it('leaves out what needs f16 where the GPU has none', () => {
    const fits = rankVariants(manifest, gpu({ f16: false, features: [] }));
    expect(fits.find((fit) => fit.variant === 'q4f16-webgpu')).toMatchObject({ verdict: 'no', reasons: ['needs-f16'] });
  });

  it('prefers WASM to a software GPU, which stays possible on request', () => {
    expect(order(gpu({ fallback: true }))).toEqual(['int8-wasm:fits', 'q4-webgpu:tight', 'q4f16-webgpu:tight']);
  });

  it('leaves a GPU out that computes wrong, in the arithmetic that it gets wrong alone', () => {
    const wrong = { ...gpu(), checks: { f16: { verdict: 'wrong', output: 'matmul', worstError: 1 } } } as const;
    const fits = rankVariants(manifest, wrong);
    expect(fits.find((fit) => fit.variant === 'q4f16-webgpu')).toMatchObject({ verdict: 'no', reasons: ['gpu-wrong'] });
    expect(fits[0]).toMatchObject({ variant: 'q4-webgpu', verdict: 'fits' });
    const hanging = { ...gpu(), checks: { fp32: { verdict: 'late', timeoutMs: 1 } } } as const;
    expect(rankVariants(manifest, hanging).find((fit) => fit.variant === 'q4-webgpu')?.reasons).toEqual(['gpu-failed']);
  });

  it('refuses a buffer larger than the GPU takes', () => {
    const fits = rankVariants(manifest, gpu({ limits: { maxStorageBufferBindingSize: 499 } }));
    expect(fits.find((fit) => fit.variant === 'q4-webgpu')?.reasons).toContain('gpu-buffer-too-small');
  });

  it('refuses shaders with more storage buffers than the GPU binds, which are eight where it does not say', () => {
    const variants = manifest.variants.map((each) => ({ ...each, needs: { ...each.needs, storageBuffers: 9 } }));
    const many = parseManifest({ ...manifest, variants });
    const fits = (limits: Readonly<Record<string, number>>) =>
      Object.fromEntries(rankVariants(many, gpu({ limits })).map(({ variant, verdict, reasons }) => [variant, [verdict, ...reasons]]));
    const none = { maxStorageBufferBindingSize: 1000 };
    const few = { 'int8-wasm': ['fits'], 'q4-webgpu': ['no', 'gpu-buffers-too-few'], 'q4f16-webgpu': ['no', 'gpu-buffers-too-few'] };
    expect(fits(none)).toEqual(few);
    expect(fits({ ...none, maxStorageBuffersPerShaderStage: 8 })).toEqual(few);
    const enough = { 'int8-wasm': ['fits'], 'q4-webgpu': ['fits'], 'q4f16-webgpu': ['fits'] };
    expect(fits({ ...none, maxStorageBuffersPerShaderStage: 9 })).toEqual(enough);
    const [q4] = rankVariants(manifest, gpu({ limits: none }));
    expect(q4).toMatchObject({ variant: 'q4-webgpu', verdict: 'fits' });
  });

  it('counts only what is still to be stored against the free space', () => {
    const full: DeviceReport = { ...noGpu, storage: { available: true, quotaBytes: 3000, usageBytes: 1500, persisted: false } };
    expect(rankVariants(manifest, full)[0]).toMatchObject({ variant: 'int8-wasm', verdict: 'no', reasons: ['storage'] });
    expect(rankVariants(manifest, full, new Set())[0]).toMatchObject({ variant: 'int8-wasm', verdict: 'fits', fetchBytes: 0 });
  });

  it('says of each variant what would be downloaded: not what another revision or model brought already', () => {
    const missing = new Set([parseDigest(`sha256:${'b'.repeat(64)}`)]);
    const sizes = rankVariants(manifest, gpu(), missing).map((fit) => [fit.variant, fit.sizeBytes, fit.fetchBytes]);
    expect(sizes).toEqual([
      ['q4-webgpu', 1000, 1000],
      ['q4f16-webgpu', 1100, 0],
      ['int8-wasm', 2000, 0],
    ]);
  });

  it('warns when a model takes more than half of the memory and refuses when it takes more than all', () => {
    expect(rankVariants(manifest, { ...noGpu, memoryBytes: 1.5 * GB })[0]).toMatchObject({ verdict: 'tight', reasons: ['memory-close'] });
    expect(rankVariants(manifest, { ...noGpu, memoryBytes: 0.9 * GB })[0]).toMatchObject({ verdict: 'tight', reasons: ['memory-close'] });
    expect(rankVariants(manifest, { ...noGpu, memoryBytes: 0.6 * GB })[0]).toMatchObject({ verdict: 'no', reasons: ['memory'] });
  });

  it('does not refuse for memory at the most that the browser reports, where there may be more', () => {
    const large = parseManifest({ ...manifest, variants: manifest.variants.map((x) => ({ ...x, needs: { memoryBytes: 20 * GB } })) });
    const verdictAt = (gibibytes: number) => rankVariants(large, { ...gpu(), memoryBytes: gibibytes * GIB })[0]?.verdict;
    expect([8, 32].map(verdictAt)).toEqual(['tight', 'tight']);
    // 16 is what a machine with up to 24 says.
    expect([2, 4, 16].map(verdictAt)).toEqual(['no', 'no', 'tight']);
  });

  it('refuses on the processor what is larger than the memory that WebAssembly has, however much the device has', () => {
    const ofBytes = (memoryBytes: number) =>
      parseManifest({ ...manifest, variants: manifest.variants.map((x) => ({ ...x, needs: { memoryBytes } })) });
    const told = (memoryBytes: number) => rankVariants(ofBytes(memoryBytes), { ...gpu(), memoryBytes: 32 * GIB });
    expect(told(4 * GIB).map(({ verdict }) => verdict)).toEqual(['fits', 'fits', 'fits']);
    expect(told(4 * GIB + 1).map(({ variant, verdict, reasons }) => [variant, verdict, reasons])).toEqual([
      ['q4-webgpu', 'fits', []],
      ['q4f16-webgpu', 'fits', []],
      ['int8-wasm', 'no', ['wasm-memory']],
    ]);
  });

  it('refuses a form that is made here of so many weights that those it is held against have no room, unless their score is stated', () => {
    const made = { ...manifest, variants: manifest.variants.map((x) => ({ ...x, madeFrom: 'gguf' })) };
    const told = (more: object) => rankVariants(parseManifest({ ...made, ...more }), gpu()).map(({ reasons }) => reasons);
    const score = { variant: 'q4-webgpu', metric: 'nll', value: 2, text: IMPORT_TEXT };
    expect(told({ parameters: 3.8e9 })).toEqual([[], [], []]);
    expect(told({ parameters: 3.9e9 })).toEqual([['reference-memory'], ['reference-memory'], ['reference-memory']]);
    expect(told({ parameters: 3.9e9, referenceScores: [score] })).toEqual([[], [], []]);
  });

  it('takes the processor where it was measured to be faster for a model of this size, and says so', () => {
    const fast = { stepMs: 1, weightsPerSecond: 1e12 };
    const slow = { stepMs: 5, weightsPerSecond: 1e12 };
    const measured = { ...gpu(), speeds: { 'wasm:int8': fast, 'webgpu:q4': slow, 'webgpu:q4f16': slow } };
    expect(rankVariants(manifest, measured)[0]).toMatchObject({ variant: 'int8-wasm', choice: 'measured' });
    const turned = { ...gpu(), speeds: { 'wasm:int8': slow, 'webgpu:q4': fast, 'webgpu:q4f16': slow } };
    expect(rankVariants(manifest, turned)[0]).toMatchObject({ variant: 'q4-webgpu', choice: 'measured' });
  });

  it('takes 16 bits beside 4 for quality alone, however fast they are, and in their place where 4 cannot run', () => {
    const [int8, q4] = manifest.variants;
    const fp16 = { id: 'fp16-webgpu', dtype: 'fp16', device: 'webgpu', files: ['f16.bin'], needs: { memoryBytes: GB } };
    const all = parseManifest({ ...manifest, variants: [fp16, int8, q4] });
    const dtypes = (device: DeviceReport) => rankVariants(all, device).map(({ dtype, verdict }) => `${dtype}:${verdict}`);
    const fast = { stepMs: 1, weightsPerSecond: 1e12 };
    const slow = { stepMs: 5, weightsPerSecond: 1e12 };
    const measured = { ...gpu(), speeds: { 'wasm:int8': slow, 'webgpu:q4': slow, 'webgpu:fp16': fast } };
    expect(dtypes(measured)).toEqual(['q4:fits', 'int8:fits', 'fp16:fits']);
    expect(rankVariants(all, measured)[2]?.tokensPerSecond).toBeGreaterThan(500);
    expect(dtypes({ ...gpu(), preferCpu: true })).toEqual(['int8:fits', 'q4:fits', 'fp16:fits']);
    expect(dtypes(gpu({ fallback: true }))).toEqual(['int8:fits', 'q4:tight', 'fp16:tight']);
    expect(dtypes(gpu({ f16: false }))).toEqual(['q4:fits', 'int8:fits', 'fp16:no']);
    const best = { ...gpu(), preferQuality: true };
    expect(dtypes(best)).toEqual(['fp16:fits', 'q4:fits', 'int8:fits']);
    expect(rankVariants(all, best)[0]?.choice).toBe('best');
    // What cannot run does not for a wish either, and the processor goes before.
    expect(dtypes({ ...best, webgpu: gpu({ f16: false }).webgpu })).toEqual(['q4:fits', 'int8:fits', 'fp16:no']);
    expect(dtypes({ ...best, memoryBytes: 1.5 * GB })).toEqual(['q4:tight', 'int8:tight', 'fp16:tight']);
    expect(dtypes({ ...best, preferCpu: true })).toEqual(['int8:fits', 'q4:fits', 'fp16:fits']);
    expect(dtypes({ ...best, webgpu: gpu({ fallback: true }).webgpu })).toEqual(['int8:fits', 'q4:tight', 'fp16:tight']);
    expect(dtypes({ ...measured, checks: { fp32: { verdict: 'wrong', output: 'softmax' } } })).toEqual(['fp16:fits', 'int8:fits', 'q4:no']);
  });

  it('says why the first is the first', () => {
    const choice = (device: DeviceReport) => rankVariants(manifest, device)[0]?.choice;
    expect(choice(noGpu)).toBe('only-one');
    expect(choice(gpu())).toBe('gpu-first');
    expect(choice(gpu({ fallback: true }))).toBe('gpu-emulated');
    expect(choice({ ...gpu(), preferCpu: true })).toBe('wished');
    expect(choice({ ...noGpu, wasm: { ...noGpu.wasm, simd: false } })).toBeUndefined();
  });

  it('is contested only between a real GPU and the processor', () => {
    expect(isContested(rankVariants(manifest, gpu()))).toBe(true);
    expect(isContested(rankVariants(manifest, gpu({ fallback: true })))).toBe(false);
    expect(isContested(rankVariants(manifest, noGpu))).toBe(false);
  });

  it('is an order whatever the device: nothing that cannot run goes first, wishes and figures decide among what can, sequence does not', () => {
    const speed = fc.record({
      stepMs: fc.double({ min: 0.01, max: 100, noNaN: true }),
      weightsPerSecond: fc.double({ min: 1e6, max: 1e12, noNaN: true }),
    });
    const maybeSpeed = fc.option(speed, { nil: undefined });
    const check = fc.constantFrom({ verdict: 'right', worstError: 0 } as const, { verdict: 'late', timeoutMs: 1 } as const);
    const devices = fc.record({
      int8: maybeSpeed,
      q4: maybeSpeed,
      f16: maybeSpeed,
      fp32Check: check,
      hasGpu: fc.boolean(),
      emulated: fc.boolean(),
      preferCpu: fc.boolean(),
      quota: fc.constantFrom(500, 10_000),
    });
    fc.assert(
      fc.property(devices, fc.shuffledSubarray(manifest.variants, { minLength: 3 }), (it, variants) => {
        const device: DeviceReport = {
          ...(it.hasGpu ? gpu({ fallback: it.emulated }) : noGpu),
          preferCpu: it.preferCpu,
          checks: { fp32: it.fp32Check },
          speeds: {
            ...(it.int8 ? { 'wasm:int8': it.int8 } : {}),
            ...(it.q4 ? { 'webgpu:q4': it.q4 } : {}),
            ...(it.f16 ? { 'webgpu:q4f16': it.f16 } : {}),
          },
          storage: { ...noGpu.storage, quotaBytes: it.quota },
        };
        const fits = rankVariants(manifest, device);
        expect(rankVariants({ ...manifest, variants }, device)).toEqual(fits);
        const [first] = fits;
        const able = fits.filter((fit) => fit.verdict !== 'no');
        expect(fits.slice(0, able.length)).toEqual(able);
        if (it.preferCpu && able.some((fit) => fit.device === 'wasm')) expect(first?.device).toBe('wasm');
        else if (it.emulated && able.some((fit) => fit.device === 'wasm')) expect(first?.device).toBe('wasm');
        else if (able.length > 0 && !it.emulated) {
          const fastest = Math.max(...able.map((fit) => fit.tokensPerSecond ?? 0));
          expect(first?.tokensPerSecond ?? 0).toBe(fastest);
        }
      }),
    );
  });
});
