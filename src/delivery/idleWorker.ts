import type { SillError } from '../core/errors.ts';
import { type CallOptions, type Client, createClient } from '../protocol/client.ts';
import type { Contract, ItemOf, MethodName, ParamsIn, ResultOf } from '../protocol/contract.ts';

export interface IdleWorkerOptions<C extends Contract> {
  readonly spawn: () => Worker;
  /** After this long without a call the worker's memory is worth more than its start. */
  readonly idleMs: number;
  /** What the calls under way are rejected with when the worker dies. */
  readonly lost: (cause: string) => SillError;
  /** Tells a fresh worker what it has to know before its first call. */
  readonly onStart?: (client: Client<C>) => void;
}

/** A worker that is started for the first call and ended after a while without one. After it died the next call starts a fresh one. */
export interface IdleWorker<C extends Contract> {
  call<K extends MethodName<C>>(name: K, params: ParamsIn<C, K>, options?: CallOptions<ItemOf<C, K>>): Promise<ResultOf<C, K>>;
  /** Of the worker that runs now, if one does: what is told it keeps none alive. */
  running(): Client<C> | undefined;
}

export function createIdleWorker<C extends Contract>({ spawn, idleMs, lost, onStart }: IdleWorkerOptions<C>): IdleWorker<C> {
  let running: { readonly worker: Worker; readonly client: Client<C> } | undefined;
  let calls = 0;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;

  const end = (reason: SillError) => {
    running?.worker.terminate();
    running?.client.close(reason);
    running = undefined;
  };

  const start = () => {
    const worker = spawn();
    const onLost = (event: Event) => {
      if (running?.worker !== worker) return;
      // Handled here: unprevented, it would go on to the engine as an uncaught error.
      event.preventDefault();
      end(lost('message' in event && typeof event.message === 'string' ? event.message : event.type));
    };
    worker.addEventListener('error', onLost);
    worker.addEventListener('messageerror', onLost);
    const client = createClient<C>(worker);
    onStart?.(client);
    return { worker, client };
  };

  return {
    running: () => running?.client,
    async call(name, params, options) {
      clearTimeout(idleTimer);
      calls += 1;
      try {
        running ??= start();
        return await running.client.call(name, params, options);
      } finally {
        calls -= 1;
        if (calls === 0) idleTimer = setTimeout(() => end(lost('ended')), idleMs);
      }
    },
  };
}
