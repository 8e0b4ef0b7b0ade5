/** What the worker of a thread is told first. */
export interface ThreadSetup {
  /** The script of the runtime, as it would have been the worker's own. */
  readonly glue: string;
  /** Shared by all threads of a runtime: 1 once they are to leave. */
  readonly leaving: Int32Array;
}

/** To a thread that waits for messages, and from one that has left. */
export const LEAVE = 'sill-thread-leave';
export const LEFT = 'sill-thread-left';

/** Of a worker's global scope. */
interface ThreadRealm {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  close(): void;
}

/**
 * Runs a thread of the runtime that leaves when it is told. Chromium ends a worker that waits for work in WebAssembly only two seconds after it was
 * terminated, and as long all of the runtime's memory stays (docs/decisions/0077). Such a wait asks for the time each 100 ms, to be cancellable
 * (Emscripten's `__timedwait_cp`): there it leaves, by the word by which Emscripten unwinds a thread's stack.
 * @param load imports the script
 */
export function beginThread(
  realm: ThreadRealm,
  load: (glue: string) => Promise<unknown> = (glue) => import(/* @vite-ignore */ glue),
): void {
  let left = false;
  const leave = (): void => {
    if (left) return;
    left = true;
    realm.postMessage(LEFT);
    realm.close();
  };
  realm.addEventListener('message', ({ data }) => {
    if (data === LEAVE) leave();
  });
  realm.onmessage = ({ data: { glue, leaving } }: MessageEvent<ThreadSetup>) => {
    const early: MessageEvent[] = [];
    const keep = (event: MessageEvent) => void early.push(event);
    realm.onmessage = keep;
    const now = performance.now.bind(performance);
    const nowOrNever = (): number => {
      if (Atomics.load(leaving, 0) === 0) return now();
      leave();
      // The word that Emscripten takes for no failure.
      throw 'unwind';
    };
    Object.defineProperty(performance, 'now', { value: nowOrNever, configurable: true });
    load(glue).then(
      () => {
        for (const event of early) if (realm.onmessage !== keep) realm.onmessage?.(event);
      },
      // The runtime is told of it as of a script that cannot be loaded.
      (reason: unknown) => reportError(reason),
    );
  };
}
