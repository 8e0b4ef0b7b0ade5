import type { Page, Worker } from '@playwright/test';

/** The workers that run models, those under way and those to come. They start inside the engine's worker. */
export const isInference = (worker: Worker): boolean => /inference\.worker/.test(worker.url());

/** Long enough to change a worker after it started and before it works. */
const HELD_BACK_MS = 700;

const HOLD_BACK = `if (!self.sillTestHolds) {
  self.sillTestHolds = true;
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    const isWork = message?.method === 'load' || message?.method === 'compute';
    if (isWork) setTimeout(() => post.call(this, message, ...rest), ${HELD_BACK_MS});
    else post.call(this, message, ...rest);
  };
}`;

/**
 * Changes the realm of inference workers before anything runs there. The patch is source text that runs in the worker.
 * @param limit how many workers are changed; those after them are as they come
 */
export async function patchInferenceWorkers(page: Page, patch: string, limit = Number.POSITIVE_INFINITY): Promise<void> {
  let left = limit;
  page.on('worker', (worker) => {
    if (!isInference(worker) || left <= 0) return;
    left -= 1;
    // A worker that ended meanwhile needs no patch.
    void worker.evaluate(patch).catch(() => undefined);
  });
  for (const worker of page.workers()) if (/engine\.worker/.test(worker.url())) await worker.evaluate(HOLD_BACK);
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

/** The worker keeps the device that its runtime computes on, for `loseGpu`. */
export const KEEP_GPU = `{
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...wish) {
    self.sillTestGpu = await request.apply(this, wish);
    return self.sillTestGpu;
  };
}`;

/** As a driver that is reset. */
export async function loseGpu(page: Page): Promise<void> {
  await page.workers().find(isInference)?.evaluate('self.sillTestGpu.destroy()');
}
