import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { holdWorkers } from './heldWorkers.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

async function isCollected(worker: WeakRef<Worker>): Promise<boolean> {
  // A WeakRef keeps what it gave until the task is over.
  await new Promise((resolve) => setTimeout(resolve));
  if (typeof collect === 'function') collect();
  return worker.deref() === undefined;
}

test('a worker that nobody refers to is held until it is ended, and not after', async () => {
  // No mock function: that would hold the worker itself.
  let ends = 0;
  vi.stubGlobal(
    'Worker',
    class {
      terminate() {
        ends += 1;
      }
    },
  );
  const start = () => new WeakRef(new Worker('worker.js'));
  try {
    expect(await isCollected(start())).toBe(true);
    holdWorkers();
    const worker = start();
    expect(await isCollected(worker)).toBe(false);
    worker.deref()?.terminate();
    expect(ends).toBe(1);
    expect(await isCollected(worker)).toBe(true);
  } finally {
    vi.unstubAllGlobals();
  }
});
