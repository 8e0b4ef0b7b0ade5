import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceFindings, GpuCheck, ProbedDevice } from '../../core/device.ts';
import { SillError } from '../../core/errors.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createLog } from '../log/log.ts';
import { checkNote } from './checkNote.ts';
import { createDeviceService } from './device.ts';

const WITH_GPU: ProbedDevice = {
  ...PLAIN_DEVICE,
  webgpu: { available: true, fallback: false, vendor: 'v', architecture: 'a', description: '', f16: true, features: [], limits: {} },
};
const ON_GPU = { device: 'webgpu', dtype: 'q4' } as const;

let settings = createMemoryStore().settings;
let probe = vi.fn(async (): Promise<ProbedDevice> => WITH_GPU);
let check = vi.fn(async (): Promise<GpuCheck> => ({ verdict: 'right', worstError: 0 }));
const SPEED = { stepMs: 1, weightsPerSecond: 1e9 };
let measure = vi.fn(async (): Promise<DeviceFindings['speeds']> => ({ 'wasm:int8': SPEED }));
let busy = false;
let nowMs = 0;
/** A start of the engine on the same device. */
const start = (key = 'this browser') =>
  createDeviceService(probe, PLAIN_STORAGE, {
    key,
    settings: async () => settings,
    experiments: { check, measure },
    now: () => nowMs,
    isBusy: async () => busy,
  });

beforeEach(() => {
  settings = createMemoryStore().settings;
  probe = vi.fn(async (): Promise<ProbedDevice> => WITH_GPU);
  check = vi.fn(async () => ({ verdict: 'right', worstError: 0 }));
  measure = vi.fn(async () => ({ 'wasm:int8': SPEED }));
  busy = false;
  nowMs = 1e12;
});

describe('what a device can do', () => {
  it('is asked once and remembered over a restart, until the browser or the runtime is another', async () => {
    await start().report();
    const report = await start().report();
    expect(probe).toHaveBeenCalledTimes(1);
    expect(report.webgpu).toEqual(WITH_GPU.webgpu);
    await start('another runtime').report();
    expect(probe).toHaveBeenCalledTimes(2);
  });

  it('is asked again on request', async () => {
    const device = start();
    await device.report();
    await device.report(true);
    expect(probe).toHaveBeenCalledTimes(2);
  });

  it('is told, and not remembered, where the browser stores nothing', async () => {
    const refused = async () => Promise.reject(new SillError('storage_unavailable', 'No.'));
    const device = createDeviceService(probe, PLAIN_STORAGE, {
      key: 'k',
      settings: refused,
      experiments: { check, measure },
      now: () => nowMs,
      isBusy: async () => false,
    });
    expect((await device.report()).webgpu.available).toBe(true);
    expect((await device.proven(ON_GPU)).checks.fp32?.verdict).toBe('right');
  });

  it('is asked again a little later where it has no GPU yet, and told when there is one', async () => {
    vi.useFakeTimers();
    try {
      const none = { ...WITH_GPU, webgpu: { available: false, reason: 'no-adapter' } } as const;
      probe.mockResolvedValueOnce(none).mockResolvedValueOnce(none);
      const device = start();
      const told = vi.fn();
      device.listen(told);
      expect((await device.report()).webgpu.available).toBe(false);
      await vi.advanceTimersByTimeAsync(1_000);
      expect((await device.report()).webgpu.available).toBe(false);
      expect(told).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(4_000);
      expect(told).toHaveBeenCalledTimes(1);
      expect((await device.report()).webgpu.available).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not believed over a restart to have no GPU; what was measured on the processor is', async () => {
    probe.mockResolvedValue({ ...WITH_GPU, webgpu: { available: false, reason: 'no-adapter' } } as const);
    await start().measured();
    await start().measured();
    expect(measure).toHaveBeenCalledTimes(1);
    probe.mockResolvedValue(WITH_GPU);
    expect((await start().report()).webgpu.available).toBe(true);
  });

  it('is asked again after a probe that failed', async () => {
    probe.mockRejectedValueOnce(new Error('the GPU process died'));
    const device = start();
    await expect(device.report()).rejects.toThrow('the GPU process died');
    expect((await device.report()).webgpu.available).toBe(true);
  });
});

describe('the test of a graphics processor', () => {
  it('is made when a variant asks for it, once for many that ask, and remembered over a restart', async () => {
    const device = start();
    await device.proven({ device: 'wasm', dtype: 'int8' });
    expect(check).not.toHaveBeenCalled();
    await Promise.all([device.proven(ON_GPU), device.proven(ON_GPU)]);
    await start().proven(ON_GPU);
    expect(check).toHaveBeenCalledTimes(1);
    await start().proven({ device: 'webgpu', dtype: 'q4f16' });
    expect(check.mock.calls).toEqual([
      ['fp32', WITH_GPU],
      ['f16', WITH_GPU],
    ]);
  });

  it('is made again when the adapter is another one than when it was made', async () => {
    await start().proven(ON_GPU);
    probe.mockResolvedValue({ ...WITH_GPU, webgpu: { ...WITH_GPU.webgpu, vendor: 'another' } } as ProbedDevice);
    const device = start();
    await device.proven(ON_GPU);
    expect(check).toHaveBeenCalledTimes(2);
  });

  it('is not made where there is no GPU, nor in 16 bits where it has none', async () => {
    probe.mockResolvedValue({ ...WITH_GPU, webgpu: { ...WITH_GPU.webgpu, f16: false } } as ProbedDevice);
    await start().proven({ device: 'webgpu', dtype: 'fp16' });
    probe.mockResolvedValue(PLAIN_DEVICE);
    await start('no GPU').proven(ON_GPU);
    expect(check).not.toHaveBeenCalled();
  });

  it('is made anew on request, and what it says now holds', async () => {
    await start().proven(ON_GPU);
    check.mockResolvedValue({ verdict: 'wrong', output: 'softmax' });
    const device = start();
    const told = vi.fn();
    device.listen(told);
    expect((await device.test()).checks).toEqual({
      fp32: { verdict: 'wrong', output: 'softmax' },
      f16: { verdict: 'wrong', output: 'softmax' },
    });
    expect(told).toHaveBeenCalled();
  });
});

describe('a test that came to no result', () => {
  const DAY_MS = 24 * 60 * 60_000;
  const crash: GpuCheck = { verdict: 'failed', reason: 'The worker stopped.' };
  /** What an engine that starts makes of the GPU, asked twice. */
  const asked = async (device = start()) => {
    await device.proven(ON_GPU);
    return (await device.proven(ON_GPU)).checks.fp32;
  };

  it('is made again at the next start, three times in all, and on request', async () => {
    check.mockResolvedValue(crash);
    expect(await asked()).toEqual({ ...crash, tries: 1, atMs: 1e12 });
    expect(check).toHaveBeenCalledTimes(1);
    // Nothing is held against the GPU until it was tested anew: a variant that it may run is chosen again.
    expect((await start().report()).checks).toEqual({});
    expect(await asked()).toMatchObject({ verdict: 'failed', tries: 2 });
    check.mockResolvedValue({ verdict: 'late', timeoutMs: 60_000 });
    expect(await asked()).toMatchObject({ verdict: 'late', tries: 3 });
    expect(await asked()).toMatchObject({ verdict: 'late', tries: 3 });
    nowMs += 2 * DAY_MS;
    expect((await start().report()).checks.fp32).toMatchObject({ verdict: 'late', tries: 3 });
    expect(check).toHaveBeenCalledTimes(3);
    check.mockResolvedValue({ verdict: 'right', worstError: 0 });
    expect((await start().test()).checks.fp32).toMatchObject({ verdict: 'right' });
    check.mockResolvedValue(crash);
    expect((await start().test()).checks.fp32).toMatchObject({ verdict: 'failed', tries: 1 });
  });

  it('is made again after a day where the engine runs on', async () => {
    check.mockResolvedValue(crash);
    const device = start();
    await asked(device);
    nowMs += DAY_MS - 1;
    expect(await asked(device)).toMatchObject({ tries: 1 });
    nowMs += 1;
    expect((await device.abilities()).checks).toEqual({});
    expect(await asked(device)).toMatchObject({ tries: 2 });
  });

  it('is not made again for numbers that were wrong', async () => {
    check.mockResolvedValue({ verdict: 'wrong', output: 'attention' });
    await asked();
    nowMs += 2 * DAY_MS;
    expect(await asked()).toEqual({ verdict: 'wrong', output: 'attention' });
    expect(check).toHaveBeenCalledTimes(1);
  });
});

describe('the log', () => {
  it('is told of each test how it ended, on which adapter and by how much, and of no words of the runtime', async () => {
    const store = createMemoryStore();
    const log = createLog({ store, clock: { now: () => nowMs, monotonicMs: () => nowMs }, hub: { tell: () => undefined } });
    const device = start();
    device.listen((checked) => checked && log.note(checkNote(checked)));
    const results: GpuCheck[] = [
      { verdict: 'wrong', output: 'attention', worstError: 0.44 },
      { verdict: 'failed', reason: 'At /home/somebody: it broke.' },
      { verdict: 'late', timeoutMs: 60_000 },
      { verdict: 'right', worstError: 1e-6 },
    ];
    for (const result of results) check.mockResolvedValueOnce(result);
    await device.test();
    await device.test();
    const { events } = await log.list();
    const on = { vendor: 'v', architecture: 'a' };
    expect(events.map(({ code, level, details }) => ({ code, level, details }))).toEqual([
      { code: 'gpu-wrong', level: 'error', details: { precision: 'fp32', ...on, operator: 'attention', worstError: 0.44 } },
      { code: 'gpu-untested', level: 'warning', details: { precision: 'f16', ...on, why: 'failed', tries: 1 } },
      { code: 'gpu-untested', level: 'warning', details: { precision: 'fp32', ...on, why: 'late', timeoutMs: 60_000, tries: 1 } },
      { code: 'gpu-right', level: 'info', details: { precision: 'f16', ...on, worstError: 1e-6 } },
    ]);
    expect(JSON.stringify(events)).not.toContain('somebody');
  });
});

describe('the speed of a device', () => {
  it('is measured when it decides something, once, and remembered with what else is known', async () => {
    const device = start();
    await device.proven(ON_GPU);
    expect((await device.report()).speeds).toEqual({});
    await Promise.all([device.measured(), device.measured()]);
    const { speeds, checks } = await start().measured();
    expect(measure).toHaveBeenCalledTimes(1);
    expect([speeds, checks.fp32?.verdict]).toEqual([{ 'wasm:int8': SPEED }, 'right']);
  });

  it('is not measured while a model answers', async () => {
    busy = true;
    expect((await start().measured()).speeds).toEqual({});
    busy = false;
    expect((await start().measured()).speeds).toEqual({ 'wasm:int8': SPEED });
  });
});
