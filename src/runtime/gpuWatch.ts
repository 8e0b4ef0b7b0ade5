import type { SillError } from '../core/errors.ts';
import { deviceLost, gpuOutOfMemory, gpuRefused } from './failures.ts';

/** What a runtime throws at a device that is gone comes a moment before the browser says that it is. */
const GRACE_MS = 200;

/** What of a device tells how it fares. */
export interface WatchedDevice {
  readonly lost: Promise<{ readonly message: string }>;
  addEventListener(type: 'uncapturederror', listener: (event: { readonly error: { readonly message: string } }) => void): void;
}

export interface GpuWatch {
  watch(device: WatchedDevice): void;
  /**
   * Runs a call such that it fails once a device of this realm has: `device_lost`, `out_of_memory` or `runtime_failed`, whatever the runtime makes of that.
   * Some calls then never end, others end as if they had been cancelled. Of memory that is not there, and of what a device refuses, a runtime hears
   * nothing at all: buffers are made that hold nothing, calls upon them are left out, and what is read back is zeros or what was there before. Nothing
   * that this realm computes from then on is to be believed.
   */
  guard<T>(call: () => Promise<T>): Promise<T>;
}

export function createGpuWatch(): GpuWatch {
  let failure: SillError | undefined;
  const waiting = new Set<(reason: SillError) => void>();
  const fail = (reason: SillError) => {
    // What follows from it comes as well.
    failure ??= reason;
    for (const tell of waiting) tell(failure);
  };
  const orLater = () =>
    new Promise<SillError | undefined>((resolve) => {
      const end = (reason?: SillError) => {
        waiting.delete(end);
        resolve(reason);
      };
      waiting.add(end);
      setTimeout(end, GRACE_MS);
    });

  return {
    watch(device) {
      void device.lost.then(({ message }) => fail(deviceLost(message)));
      device.addEventListener('uncapturederror', ({ error }) => {
        fail(error instanceof GPUOutOfMemoryError ? gpuOutOfMemory(error.message) : gpuRefused(error.message));
      });
    },
    async guard(call) {
      if (failure) throw failure;
      let fails: (reason: SillError) => void = () => undefined;
      // One for each call: what waits at a promise that outlives the call keeps its result, which may be a picture.
      const failed = new Promise<never>((_, reject) => (fails = reject));
      // Some of what a device refuses it refuses within the call, before anything waits for this.
      failed.catch(() => undefined);
      waiting.add(fails);
      try {
        const answer = await Promise.race([call(), failed]);
        if (failure) throw failure;
        return answer;
      } catch (reason) {
        throw failure ?? (await orLater()) ?? reason;
      } finally {
        waiting.delete(fails);
      }
    },
  };
}

/** Watches every device that this realm gets, from its first moment: most of the memory is asked for while a model is loaded. To be called before a runtime starts. */
export function watchGpu(): GpuWatch {
  const gpu = createGpuWatch();
  if (typeof GPUAdapter === 'undefined') return gpu;
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    gpu.watch(device);
    return device;
  };
  return gpu;
}
