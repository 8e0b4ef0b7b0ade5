import { describe, expect, it } from 'vitest';
import type { DeviceReport } from './device.ts';
import { rankVariants } from './fit.ts';
import { parseDigest } from './ids.ts';
import { parseManifest } from './manifest.ts';
import { PLAIN_DEVICE } from './testing/plainDevice.ts';

const GB = 1e9;
const GIB = 1024 ** 3;
const chunk = (fill: string, sizeBytes: number) => [{ digest: `sha256:${fill.repeat(64)}`, sizeBytes }];

const manifest = parseManifest({
  schema: 1,
  id: 'tiny',
  name: 'Tiny',
  description: 'A model for tests.',
  task: 'text-generation',
  languages: [],
  licence: { spdx: 'MIT', text: 'text' },
  parameters: 1,
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
  minimumRuntime: '0.1.0',
  provenance: { source: 'test' },
});

const noGpu: DeviceReport = {
  ...PLAIN_DEVICE,
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

  it('refuses a buffer larger than the GPU takes', () => {
    const fits = rankVariants(manifest, gpu({ limits: { maxStorageBufferBindingSize: 499 } }));
    expect(fits.find((fit) => fit.variant === 'q4-webgpu')?.reasons).toContain('gpu-buffer-too-small');
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
    expect(rankVariants(manifest, { ...noGpu, memoryBytes: 0.9 * GB })[0]).toMatchObject({ verdict: 'no', reasons: ['memory'] });
  });

  it('does not refuse for memory at the most that the browser reports, where there may be more', () => {
    const large = parseManifest({ ...manifest, variants: manifest.variants.map((x) => ({ ...x, needs: { memoryBytes: 20 * GB } })) });
    expect(rankVariants(large, noGpu)[0]).toMatchObject({ verdict: 'tight', reasons: ['memory-close'] });
  });
});
