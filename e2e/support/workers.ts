import { expect, type Page, type Worker } from '@playwright/test';

/** The workers that run models, those under way and those to come. They start inside the engine's worker. */
export const isInference = (worker: Worker): boolean => /inference\.worker/.test(worker.url());

/** Threads of the runtime, inside those: they sleep until there is work for them, and answer nobody. */
export const isThread = (worker: Worker): boolean => /thread\.worker/.test(worker.url());

/** What goes to a worker that was started waits until the test says that it changed it. */
const HOLD_BACK = `if (!self.sillTestHolds) {
  self.sillTestHolds = true;
  const post = Worker.prototype.postMessage;
  const changed = new BroadcastChannel('sill-test-worker');
  let waiting = [];
  let ready = 0;
  const flush = () => {
    while (ready > 0 && waiting.length > 0) {
      ready -= 1;
      waiting.shift()();
    }
  };
  changed.onmessage = () => {
    ready += 1;
    flush();
  };
  Worker.prototype.postMessage = function (message, ...rest) {
    // No runtime before its realm is changed.
    if (message?.method === 'prepare') return;
    const isWork = message?.method === 'load' || message?.method === 'compute';
    if (!isWork) return post.call(this, message, ...rest);
    waiting.push(() => post.call(this, message, ...rest));
    flush();
  };
}`;
const SAY_CHANGED = `new BroadcastChannel('sill-test-worker').postMessage('changed')`;

/** The one that changes a page's workers: two would each say that a worker is changed, and it would begin between them. */
const changing = new WeakMap<Page, (worker: Worker) => void>();

/**
 * Changes the realm of inference workers before anything runs there. The patch is source text that runs in the worker.
 * A later patch takes the place of an earlier one.
 * @param limit how many workers are changed; those after them are as they come
 */
export async function patchInferenceWorkers(page: Page, patch: string, limit = Number.POSITIVE_INFINITY): Promise<void> {
  let left = limit;
  const change = (worker: Worker) => {
    if (!isInference(worker)) return;
    const isChanged = left > 0;
    left -= 1;
    // A worker that ended meanwhile needs no patch.
    void worker.evaluate(`${isChanged ? patch : ''}; ${SAY_CHANGED}`).catch(() => undefined);
  };
  const isEngine = (worker: Worker): boolean => /engine\.worker/.test(worker.url());
  const engine = page.workers().find(isEngine) ?? (await page.waitForEvent('worker', isEngine));
  await engine.evaluate(HOLD_BACK);
  const isEmpty = (await page.evaluate(async () => (await globalThis.sill?.memory())?.models.length)) === 0;
  // One whose runtime was started ahead of its model can no longer be changed: it ends, and the model gets another.
  const early = isEmpty ? page.workers().filter(isInference) : [];
  for (const worker of early) await worker.evaluate(() => self.close()).catch(() => undefined);
  await expect.poll(() => page.workers().filter((worker) => early.includes(worker))).toEqual([]);
  const earlier = changing.get(page);
  if (earlier) page.off('worker', earlier);
  changing.set(page, change);
  page.on('worker', change);
  if (isEmpty) for (const worker of page.workers()) change(worker);
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
