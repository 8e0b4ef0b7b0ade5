import type { Page, Worker } from '@playwright/test';

/** The workers that run models, those under way and those to come. They start inside the engine's worker. */
export const isInference = (worker: Worker): boolean => /inference\.worker/.test(worker.url());

/**
 * Changes the realm of inference workers before a model is loaded there. The patch is source text that runs in the worker.
 * @param limit how many workers are changed; those after them are as they come
 */
export function patchInferenceWorkers(page: Page, patch: string, limit = Number.POSITIVE_INFINITY): void {
  let left = limit;
  page.on('worker', (worker) => {
    if (!isInference(worker) || left <= 0) return;
    left -= 1;
    // A worker that ended meanwhile needs no patch.
    void worker.evaluate(patch).catch(() => undefined);
  });
}

/** What comes back from the graphics processor is off by a little in every second number. */
export const WRONG_GPU = `{
  const read = GPUBuffer.prototype.getMappedRange;
  GPUBuffer.prototype.getMappedRange = function (...range) {
    const bytes = read.apply(this, range);
    if (this.usage & GPUBufferUsage.MAP_READ) {
      const numbers = new Float32Array(bytes, 0, bytes.byteLength >> 2);
      for (let i = 0; i < numbers.length; i += 2) numbers[i] *= 1.25;
    }
    return bytes;
  };
}`;

/** As a driver that was reset: the device is gone when it has computed for a while. */
export const LOST_GPU = (afterMs: number): string => `{
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...wish) {
    const device = await request.apply(this, wish);
    setTimeout(() => device.destroy(), ${afterMs});
    return device;
  };
}`;
