import { LEAVE, LEFT, type ThreadSetup } from './thread.ts';

/**
 * How long a thread may leave its first message unanswered until another is begun in its place: the runtime is compiled by then, and answers come within
 * milliseconds. The last one is waited for.
 */
const PATIENCE_MS = [2_000, 8_000];

/** As the glue of ONNX Runtime names the workers that are its threads. */
const THREAD = 'em-pthread';

/** What the glue uses of a worker. */
interface Thread {
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
  terminate(): void;
}

/**
 * Sees to it that each thread of a runtime begins, and leaves when it is told, in the realm where that is started. Firefox 153 leaves a worker that was started
 * by a worker without a word now and then, one of four to ten (docs/decisions/0074): its script never runs, nothing tells, and the runtime waits for it for
 * good. To be called before a runtime starts.
 * @param script of `beginThread`
 * @returns makes all threads leave, and resolves when they have. The runtime is not to be used any more
 */
export function watchThreads(script: string): () => Promise<void> {
  const threads: Array<{ readonly thread: Thread; readonly left: Promise<void> }> = [];
  /** Without isolation there is no shared memory, and no thread. */
  let leaving: Int32Array | undefined;
  globalThis.Worker = new Proxy(Worker, {
    construct(Plain, [url, options]: ConstructorParameters<typeof Worker>) {
      if (options?.name !== THREAD) return new Plain(url, options);
      leaving ??= new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      const setup: ThreadSetup = { glue: String(url), leaving };
      const start = () => {
        const worker = new Plain(script, options);
        worker.postMessage(setup);
        return worker;
      };
      let onLeft = () => {};
      const left = new Promise<void>((resolve) => {
        onLeft = resolve;
      });
      const thread = createThread(start, onLeft);
      threads.push({ thread, left });
      return thread;
    },
  });
  return async () => {
    if (leaving) Atomics.store(leaving, 0, 1);
    for (const { thread } of threads) thread.postMessage(LEAVE);
    await Promise.all(threads.map(({ left }) => left));
  };
}

/**
 * A worker that stands for one after the other until one answers.
 * @param onLeft it was told to leave and did, or was terminated
 */
export function createThread(start: () => Worker, onLeft: () => void = () => undefined): Thread {
  let worker = start();
  let tries = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What was sent, for whoever takes its place. Undefined once it has answered. */
  let unanswered: unknown[] | undefined = [];

  const settle = () => {
    clearTimeout(timer);
    unanswered = undefined;
  };
  const watch = () => {
    worker.onmessage = (event) => {
      settle();
      if (event.data === LEFT) onLeft();
      else thread.onmessage?.(event);
    };
    worker.onerror = (event) => {
      settle();
      thread.onerror?.(event);
    };
  };
  const wait = () => {
    const patienceMs = PATIENCE_MS[tries];
    if (patienceMs === undefined) return;
    timer = setTimeout(() => {
      tries += 1;
      worker.terminate();
      worker = start();
      watch();
      for (const message of unanswered ?? []) worker.postMessage(message);
      wait();
    }, patienceMs);
  };

  const thread: Thread = {
    onmessage: null,
    onerror: null,
    postMessage(message: unknown, transfer: Transferable[] = []) {
      // What is moved cannot be sent twice; what a thread begins with is shared or copied.
      if (unanswered && transfer.length === 0) unanswered.push(message);
      if (unanswered?.length === 1) wait();
      worker.postMessage(message, transfer);
    },
    terminate() {
      settle();
      worker.terminate();
      onLeft();
    },
  };
  watch();
  return thread;
}
