import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGpuWatch, type WatchedDevice } from './gpuWatch.ts';

class OutOfMemory extends Error {}

beforeEach(() => vi.stubGlobal('GPUOutOfMemoryError', OutOfMemory));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function watched() {
  let hear: Parameters<WatchedDevice['addEventListener']>[1] = () => undefined;
  let lose: (message: string) => void = () => undefined;
  const lost = new Promise<Pick<GPUDeviceLostInfo, 'message'>>((resolve) => {
    lose = (message) => resolve({ message });
  });
  const gpu = createGpuWatch();
  gpu.watch({
    lost,
    addEventListener(_, listener) {
      hear = listener;
    },
  });
  return {
    gpu,
    lose: (message: string) => lose(message),
    tell: (error: Error) => hear({ error }),
  };
}
const never = () => new Promise<never>(() => undefined);

describe('a call on a GPU', () => {
  it('gives what it gave, and throws what it threw', async () => {
    const { gpu } = watched();
    await expect(gpu.guard(async () => 1)).resolves.toBe(1);
    vi.useFakeTimers();
    const failing = expect(gpu.guard(() => Promise.reject(new Error('no such token')))).rejects.toThrow('no such token');
    await vi.advanceTimersByTimeAsync(300);
    await failing;
  });

  it('that would never end fails once the device is gone', async () => {
    const { gpu, lose } = watched();
    const call = expect(gpu.guard(never)).rejects.toMatchObject({ code: 'device_lost', details: { reason: 'reset' } });
    lose('reset');
    await call;
  });

  it('whose runtime stumbles over that first says why all the same', async () => {
    const { gpu, lose } = watched();
    const call = expect(gpu.guard(() => Promise.reject(new Error('mapAsync')))).rejects.toMatchObject({ code: 'device_lost' });
    setTimeout(() => lose('reset'), 20);
    await call;
  });

  it('fails when the memory of the GPU has ended, of which its runtime hears nothing', async () => {
    const { gpu, tell } = watched();
    const call = expect(
      gpu.guard(async () => {
        tell(new OutOfMemory('Out of memory'));
        return 'nonsense';
      }),
    ).rejects.toMatchObject({ code: 'out_of_memory', details: { reason: 'Out of memory' } });
    await call;
    await expect(gpu.guard(async () => 'nonsense')).rejects.toMatchObject({ code: 'out_of_memory' });
  });

  it('fails when the GPU refuses something, also between two calls', async () => {
    const { gpu, tell } = watched();
    tell(new Error('Invalid Buffer'));
    await expect(gpu.guard(async () => 'nonsense')).rejects.toMatchObject({
      code: 'runtime_failed',
      details: { reason: 'Invalid Buffer' },
    });
  });

  it('leaves nothing of its result behind', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const { gpu } = watched();
    const picture = await (async () => new WeakRef(await gpu.guard(async () => ({ data: new Uint8Array(1_000_000) }))))();
    await new Promise((resolve) => setTimeout(resolve));
    collect();
    expect(picture.deref()).toBeUndefined();
  });
});
