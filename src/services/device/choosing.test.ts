import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceReport, GpuCheck } from '../../core/device.ts';
import { SillError } from '../../core/errors.ts';
import { parseVariantId } from '../../core/ids.ts';
import { parseManifest } from '../../core/manifest.ts';
import { PLAIN_REPORT } from '../../core/testing/plainDevice.ts';
import { TINY } from '../../core/testing/tinyManifest.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { chooseFit } from './choosing.ts';
import type { DeviceService } from './device.ts';

const file = (path: string, letter: string) => ({
  path,
  sizeBytes: 1,
  chunks: [{ digest: `sha256:${letter.repeat(64)}`, sizeBytes: 1 }],
});
const manifest = parseManifest({
  ...TINY,
  parameters: 1e6,
  files: [file('int8.bin', 'a'), file('q4.bin', 'b'), file('q4f16.bin', 'c')],
  variants: [
    { id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: ['int8.bin'], needs: { memoryBytes: 1 } },
    { id: 'q4-webgpu', dtype: 'q4', device: 'webgpu', files: ['q4.bin'], needs: { memoryBytes: 1 } },
    { id: 'q4f16-webgpu', dtype: 'q4f16', device: 'webgpu', files: ['q4f16.bin'], needs: { memoryBytes: 1 } },
  ],
});
const WITH_GPU: DeviceReport = {
  ...PLAIN_REPORT,
  webgpu: { available: true, fallback: false, vendor: '', architecture: '', description: '', f16: true, features: [], limits: {} },
};

let report: DeviceReport;
/** What each test of the GPU will find. */
let truth: Partial<Record<'fp32' | 'f16', GpuCheck>>;
let measured: DeviceReport['speeds'];
const device = {
  report: async () => report,
  abilities: async () => report,
  proven: vi.fn<DeviceService['proven']>(),
  measured: vi.fn<DeviceService['measured']>(),
  test: async () => report,
  listen: () => undefined,
};
const choose = async (wished?: string) =>
  (await chooseFit({ store: createMemoryStore(), device }, manifest, wished === undefined ? undefined : parseVariantId(wished))).fit;

beforeEach(() => {
  report = WITH_GPU;
  truth = {};
  measured = {};
  device.proven.mockReset().mockImplementation(async ({ device: where, dtype }) => {
    const precision = dtype === 'q4f16' ? 'f16' : 'fp32';
    if (where === 'webgpu') report = { ...report, checks: { ...report.checks, [precision]: truth[precision] } };
    return report;
  });
  device.measured.mockReset().mockImplementation(async () => {
    report = { ...report, speeds: measured };
    return report;
  });
});

describe('the choice of what to install', () => {
  it('goes from one arithmetic of the GPU to the next and at last to the processor, as the tests end', async () => {
    truth = { fp32: { verdict: 'wrong', output: 'matmul' } };
    expect(await choose()).toMatchObject({ variant: 'q4f16-webgpu' });
    report = WITH_GPU;
    truth = { fp32: { verdict: 'wrong', output: 'matmul' }, f16: { verdict: 'late', timeoutMs: 1 } };
    expect(await choose()).toMatchObject({ variant: 'int8-wasm', verdict: 'fits', choice: 'only-one' });
  });

  it('follows the measurement, which is made only where it can change something', async () => {
    measured = { 'wasm:int8': { stepMs: 1, weightsPerSecond: 1e9 }, 'webgpu:q4': { stepMs: 9, weightsPerSecond: 1e9 } };
    expect(await choose()).toMatchObject({ variant: 'int8-wasm', choice: 'measured' });
    device.measured.mockClear();
    report = PLAIN_REPORT;
    expect(await choose()).toMatchObject({ variant: 'int8-wasm' });
    report = WITH_GPU;
    await choose('q4-webgpu');
    expect(device.measured).not.toHaveBeenCalled();
  });

  it('tells why what somebody wished for cannot be', async () => {
    truth = { fp32: { verdict: 'failed', reason: 'It crashed.' } };
    expect(await choose('q4-webgpu')).toMatchObject({ verdict: 'no', reasons: ['gpu-failed'] });
  });

  it('without a network is made untested: the download waits too, and the test comes before the model is loaded', async () => {
    device.proven.mockRejectedValue(new SillError('network_unavailable', 'No.'));
    device.measured.mockRejectedValue(new SillError('network_unavailable', 'No.'));
    expect(await choose()).toMatchObject({ variant: 'q4-webgpu', choice: 'gpu-first' });
    device.proven.mockRejectedValue(new SillError('quota_exceeded', 'Full.'));
    await expect(choose()).rejects.toMatchObject({ code: 'quota_exceeded' });
  });
});
