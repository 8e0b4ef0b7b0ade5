import { SillError } from '../core/errors.ts';
import type { CallOptions, Client } from './client.ts';
import type { Contract, ItemOf, MethodName, ParamsIn, ResultOf } from './contract.ts';

/** A client of one server, for as long as that server lives. */
export interface Connected<C extends Contract> {
  readonly client: Client<C>;
  /** Aborted when the server is gone; what was under way is then rejected with its reason. */
  readonly gone: AbortSignal;
}

/** How one call that was interrupted goes on with another server. */
export interface Continuation<Params, Item> {
  /** What to ask for: at first, and after each interruption. */
  params(): Params;
  /** Sees each item before the reader, and gives what the reader is to see. */
  take(item: Item): Item;
  /** What the reader is told before it goes on. */
  missed?(): readonly Item[];
}

export interface FailoverOptions<C extends Contract> {
  /** The next server, once there is one. Rejects when there will be none. */
  connect(): Promise<Connected<C>>;
  /** Methods that must not be done twice: one that was cut off is rejected, since nobody knows how far it came. */
  readonly once: ReadonlySet<MethodName<C>>;
  /**
   * What the refusal of a call that is asked again means, where the server before may have done it and not lived to say so: the result then, or
   * `undefined` where it means what it says.
   */
  readonly done?: {
    readonly [K in MethodName<C>]?: (refusal: SillError) => ResultOf<C, K> | undefined;
  };
  /** Methods that go on where they were. All others begin again. */
  readonly continued: { readonly [K in MethodName<C>]?: (params: ParamsIn<C, K>) => Continuation<ParamsIn<C, K>, ItemOf<C, K>> };
}

/**
 * So many servers in a row may end under a call before anything more of it came: a tab that is closed is nobody's fault, but what ends each server that it is
 * asked of would otherwise go on doing so, and all other calls would be interrupted with it.
 */
export const MOST_SERVERS = 5;

/**
 * A client whose server may be replaced under it: a call that its server did not live to answer is asked of the next one, and its
 * caller sees a pause. After `MOST_SERVERS` of them it is rejected.
 */
export function createFailoverClient<C extends Contract>({ connect, once, done = {}, continued }: FailoverOptions<C>): Client<C> {
  let current: Promise<Connected<C>> | undefined;
  const closed = new AbortController();

  const connection = (): Promise<Connected<C>> => {
    if (current) return current;
    const next = connect();
    current = next;
    const forget = () => {
      if (current === next) current = undefined;
    };
    next.then(({ gone }) => (gone.aborted ? forget() : gone.addEventListener('abort', forget, { once: true })), forget);
    return next;
  };

  return {
    async call<K extends MethodName<C>>(name: K, params: ParamsIn<C, K>, options: CallOptions<ItemOf<C, K>> = {}): Promise<ResultOf<C, K>> {
      const continuation = continued[name]?.(params);
      const { signal, onItem } = options;
      /** The reader may be busy with an item when its sender is gone: the next one waits for that. */
      let reading: Promise<void> = Promise.resolve();
      let lostInARow = 0;
      const read = (item: ItemOf<C, K>): Promise<void> => {
        lostInARow = 0;
        const seen = continuation ? continuation.take(item) : item;
        reading = Promise.resolve(onItem?.(seen));
        return reading;
      };
      for (let tries = 1; ; tries++) {
        closed.signal.throwIfAborted();
        const { client, gone } = await unlessAborted(connection(), [closed.signal, ...(signal ? [signal] : [])]);
        try {
          // Nothing is transferred: what was handed over could not be sent to the next one.
          return await client.call(name, continuation ? continuation.params() : params, { ...(signal ? { signal } : {}), onItem: read });
        } catch (reason) {
          if (!gone.aborted || reason !== gone.reason) {
            const result = tries > 1 && reason instanceof SillError ? done[name]?.(reason) : undefined;
            if (result !== undefined) return result;
            throw reason;
          }
          closed.signal.throwIfAborted();
          lostInARow += 1;
          if (once.has(name) || lostInARow >= MOST_SERVERS) throw interrupted(name, reason);
          await reading;
          for (const item of continuation?.missed?.() ?? []) {
            // Its reader is told something: what only listens is no reason for anything.
            lostInARow = 0;
            await onItem?.(item);
          }
        }
      }
    },
    close(reason) {
      closed.abort(reason);
      current?.then(
        ({ client }) => client.close(reason),
        () => undefined,
      );
    },
  };
}

const interrupted = (method: string, cause: unknown): SillError =>
  new SillError('worker_lost', 'The engine was replaced while it worked on this. Look whether it was done, and ask again if it was not.', {
    cause,
    details: { method },
  });

async function unlessAborted<T>(work: Promise<T>, signals: readonly AbortSignal[]): Promise<T> {
  const done = new AbortController();
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        for (const signal of signals) {
          const onAbort = () =>
            reject(
              signal.reason instanceof SillError
                ? signal.reason
                : new SillError('aborted', 'The request was cancelled.', { cause: signal.reason }),
            );
          if (signal.aborted) onAbort();
          else signal.addEventListener('abort', onAbort, { once: true, signal: done.signal });
        }
      }),
    ]);
  } finally {
    done.abort();
  }
}
