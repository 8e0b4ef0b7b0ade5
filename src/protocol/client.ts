import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import type { Contract, ItemOf, MethodName, ParamsIn, ResultOf } from './contract.ts';
import { type Endpoint, ToClientSchema, type ToServer } from './envelope.ts';

/** Items in flight per call: enough to hide a round trip, few enough that a slow reader holds a fast writer back. */
const CREDITS = 64;

export interface CallOptions<Item> {
  readonly signal?: AbortSignal;
  readonly transfer?: Transferable[];
  /** The next item is taken when the promise that it returns settles. */
  readonly onItem?: (item: Item) => void | Promise<void>;
}

export interface Client<C extends Contract> {
  call<K extends MethodName<C>>(name: K, params: ParamsIn<C, K>, options?: CallOptions<ItemOf<C, K>>): Promise<ResultOf<C, K>>;
  /** Rejects everything under way and everything to come: the other side is gone. */
  close(reason: SillError): void;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: SillError) => void;
  readonly onItem: (item: unknown) => void;
  /** Rejects without waiting for items that the reader still holds: nobody will send the rest. */
  readonly lost: (reason: SillError) => void;
}

/**
 * The calling half of a contract over a port or worker. A rejected call carries the server's SillError, rebuilt by code.
 * An aborted call rejects at once; the server is told and its late answers are dropped.
 */
export function createClient<C extends Contract>(endpoint: Endpoint): Client<C> {
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let closed: SillError | undefined;

  const send = (message: ToServer, transfer: Transferable[] = []) => endpoint.postMessage(message, transfer);

  const onMessage = (event: MessageEvent<unknown>) => {
    const parsed = v.safeParse(ToClientSchema, event.data);
    if (!parsed.success) return;
    const message = parsed.output;
    const call = pending.get(message.id);
    if (!call) return;
    if (message.kind === 'item') return call.onItem(message.item);
    pending.delete(message.id);
    if (message.kind === 'done') call.resolve(message.result);
    else {
      const { details, ...rest } = message.error;
      call.reject(SillError.fromData(details ? { ...rest, details } : rest));
    }
  };
  endpoint.addEventListener('message', onMessage);

  return {
    call<K extends MethodName<C>>(name: K, params: ParamsIn<C, K>, options: CallOptions<ItemOf<C, K>> = {}) {
      const { signal, transfer, onItem } = options;
      return new Promise<ResultOf<C, K>>((resolve, reject) => {
        if (closed) return reject(closed);
        const aborted = () => new SillError('aborted', 'The request was cancelled.', { cause: signal?.reason });
        if (signal?.aborted) return reject(aborted());
        const id = ++lastId;
        let queue = Promise.resolve();
        let over = false;
        /** The first end counts: items that are still queued then go nowhere. */
        const end = (settle: () => void) => {
          if (over) return;
          over = true;
          signal?.removeEventListener('abort', onAbort);
          if (pending.delete(id)) send({ kind: 'abort', id });
          settle();
        };
        const fail = (reason: unknown) => end(() => reject(reason));
        const onAbort = () => fail(aborted());
        signal?.addEventListener('abort', onAbort, { once: true });
        pending.set(id, {
          // The type map pairs request and reply: both halves are compiled from the same contract.
          resolve: (result) => void queue.then(() => end(() => resolve(result as ResultOf<C, K>)), fail),
          reject: (reason) => void queue.then(() => fail(reason), fail),
          lost: fail,
          onItem: (item) => {
            queue = queue.then(async () => {
              if (over) return;
              await onItem?.(item as ItemOf<C, K>);
              if (pending.has(id)) send({ kind: 'credit', id, credits: 1 });
            });
            queue.catch(fail);
          },
        });
        try {
          send({ kind: 'call', id, method: name, params, credits: CREDITS }, transfer);
        } catch (reason) {
          fail(
            new SillError('invalid_request', 'The request holds something that cannot be sent to the engine, such as a function.', {
              cause: reason,
            }),
          );
        }
      });
    },
    close(reason) {
      if (closed) return;
      closed = reason;
      endpoint.removeEventListener('message', onMessage);
      const calls = [...pending.values()];
      // First, so that nobody is told to abort: the other side is gone.
      pending.clear();
      for (const call of calls) call.lost(reason);
    },
  };
}
