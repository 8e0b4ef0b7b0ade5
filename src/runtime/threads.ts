import { LEAVE, LEFT, type ThreadSetup } from './thread.ts';

/** As the glue of ONNX Runtime names the workers that are its threads. */
const THREAD = 'em-pthread';

/**
 * Sees to it that the threads of a runtime leave when they are told, in the realm where that is started. To be called before a runtime starts.
 * @param script of `beginThread`
 * @returns makes all threads leave, and resolves when they have. The runtime is not to be used any more
 */
export function watchThreads(script: string): () => Promise<void> {
  const threads: Array<{ readonly worker: Worker; readonly left: Promise<void> }> = [];
  /** Without isolation there is no shared memory, and no thread. */
  let leaving: Int32Array | undefined;
  globalThis.Worker = new Proxy(Worker, {
    construct(Plain, [url, options]: ConstructorParameters<typeof Worker>) {
      if (options?.name !== THREAD) return new Plain(url, options);
      leaving ??= new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      const worker = new Plain(script, options);
      threads.push({ worker, left: leftOf(worker) });
      worker.postMessage({ glue: String(url), leaving } satisfies ThreadSetup);
      return worker;
    },
  });
  return async () => {
    if (leaving) Atomics.store(leaving, 0, 1);
    for (const { worker } of threads) worker.postMessage(LEAVE);
    await Promise.all(threads.map(({ left }) => left));
  };
}

/** Resolves when a thread has said that it left, of which the runtime hears nothing, or was terminated. */
export function leftOf(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.addEventListener('message', (event) => {
      if (event.data !== LEFT) return;
      event.stopImmediatePropagation();
      resolve();
    });
    const terminate = worker.terminate.bind(worker);
    worker.terminate = () => {
      terminate();
      resolve();
    };
  });
}
