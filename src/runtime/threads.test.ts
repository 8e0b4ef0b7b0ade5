import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LEAVE, LEFT, type ThreadSetup } from './thread.ts';
import { watchThreads } from './threads.ts';

const SCRIPT = 'thread.js';

/** As far as the runtime and `watchThreads` use one. */
class FakeWorker extends EventTarget {
  static readonly started: FakeWorker[] = [];
  readonly got: unknown[] = [];
  ended = false;
  constructor(
    readonly url: string,
    readonly options?: WorkerOptions,
  ) {
    super();
    FakeWorker.started.push(this);
  }
  postMessage(message: unknown): void {
    this.got.push(message);
  }
  terminate(): void {
    this.ended = true;
  }
  says(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

beforeEach(() => {
  FakeWorker.started.length = 0;
  vi.stubGlobal('Worker', FakeWorker);
});
afterEach(() => void vi.unstubAllGlobals());

/** What a thread was told first. */
const setupOf = (worker: FakeWorker | undefined): Partial<ThreadSetup> => Object(worker?.got[0]);

const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  const open = Symbol('open');
  return (await Promise.race([promise, new Promise((resolve) => setTimeout(() => resolve(open)))])) !== open;
};

it('a thread is begun by our script, which is told of the runtime’s; other workers are left alone', () => {
  watchThreads(SCRIPT);
  new Worker('glue.mjs', { type: 'module', name: 'em-pthread' });
  new Worker('weights.js', { type: 'module', name: 'weights' });
  const [thread, other] = FakeWorker.started;
  expect([thread?.url, thread?.options?.name, other?.url]).toEqual([SCRIPT, 'em-pthread', 'weights.js']);
  expect(setupOf(thread).glue).toBe('glue.mjs');
  expect(other?.got).toEqual([]);
});

it('threads that are dismissed are waited for, be it that they leave or that the runtime ends them, which hears nothing of it', async () => {
  const dismiss = watchThreads(SCRIPT);
  const heard = vi.fn();
  const [first, second] = [1, 2].map(() => {
    const worker = new Worker('glue.mjs', { name: 'em-pthread' });
    worker.addEventListener('message', heard);
    return worker;
  });
  const dismissed = dismiss();
  const [leaver, ended] = FakeWorker.started;
  expect(leaver?.got.at(-1)).toBe(LEAVE);
  expect(setupOf(leaver).leaving?.[0]).toBe(1);
  expect(await isSettled(dismissed)).toBe(false);
  leaver?.says('something of the runtime');
  leaver?.says(LEFT);
  expect(await isSettled(dismissed)).toBe(false);
  second?.terminate();
  expect(ended?.ended).toBe(true);
  expect(await isSettled(dismissed)).toBe(true);
  expect(heard).toHaveBeenCalledOnce();
  expect(first).toBeDefined();
});

it('without threads there is nobody to wait for', async () => {
  await watchThreads(SCRIPT)();
});
