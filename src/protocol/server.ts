import * as v from 'valibot';
import { SillError, toSillError } from '../core/errors.ts';
import type { Client } from './client.ts';
import type { Contract, ItemOf, MethodName, ParamsOut, ResultOf } from './contract.ts';
import { type Endpoint, type ToClient, ToServerSchema } from './envelope.ts';

export interface ServerCall<Item> {
  /** Aborted when the caller cancels or the server stops. */
  readonly signal: AbortSignal;
  /** Sends an item; resolves when the caller has room for another. Rejects once the call is aborted. */
  emit(item: Item, transfer?: Transferable[]): Promise<void>;
  /** For a caller in the same realm, who answers in a form of its own: what is asked for will not be refused any more. Not every method tells. */
  readonly onAccepted?: (() => void) | undefined;
}

/** A result whose buffers are moved, not copied. */
export class Transferring<T> {
  constructor(
    readonly value: T,
    readonly transfer: Transferable[],
  ) {}
}

export type Handlers<C extends Contract> = {
  readonly [K in MethodName<C>]: (
    params: ParamsOut<C, K>,
    call: ServerCall<ItemOf<C, K>>,
  ) => Promise<ResultOf<C, K> | Transferring<ResultOf<C, K>>>;
};

/**
 * The answering half of a contract. Parameters are parsed before a handler sees them; what a handler throws reaches the
 * caller as a SillError. Returns a function that aborts everything under way and stops listening.
 */
export function serve<C extends Contract>(contract: C, handlers: Handlers<C>, endpoint: Endpoint): () => void {
  return answerCalls(endpoint, async (name, params, { signal, emit }) => {
    const { key, spec } = specOf(contract, name);
    const handler = handlers[key];
    const parsed = v.safeParse(spec.params, params);
    if (!parsed.success) throw refusal(key, parsed.issues[0]);
    return handler(parsed.output, { signal, emit });
  });
}

/** As `serve`, by asking somebody else who speaks the same contract. What cannot be parsed goes no further; what can goes on as it came. */
export function relay<C extends Contract>(contract: C, client: Client<C>, endpoint: Endpoint): () => void {
  return answerCalls(endpoint, async (name, params, { signal, emit }) => {
    const { key, spec } = specOf(contract, name);
    const parsed = v.safeParse(spec.params, params);
    if (!parsed.success) throw refusal(key, parsed.issues[0]);
    return client.call(key, params, { signal, onItem: emit });
  });
}

function specOf<C extends Contract>(contract: C, name: string): { readonly key: MethodName<C>; readonly spec: Contract[string] } {
  const spec: Contract[string] | undefined = Object.hasOwn(contract, name) ? contract[name] : undefined;
  if (!spec) throw new SillError('invalid_request', `There is no method "${name.slice(0, 80)}".`);
  return { key: name, spec };
}

type Answer = (name: string, params: unknown, call: ServerCall<unknown>) => Promise<unknown>;

/** Calls as they come over an endpoint: their streams, their credits, their cancelling, and their ends. */
function answerCalls(endpoint: Endpoint, answer: Answer): () => void {
  const calls = new Map<number, { abort: AbortController; addCredits(n: number): void }>();
  const send = (message: ToClient, transfer: Transferable[] = []) => endpoint.postMessage(message, transfer);

  const run = async (id: number, name: string, params: unknown, firstCredits: number) => {
    const abort = new AbortController();
    let credits = firstCredits;
    // Several, because a handler may emit without waiting for the last one.
    const waiting: Array<() => void> = [];
    const wake = () => {
      for (const resume of waiting.splice(0)) resume();
    };
    calls.set(id, {
      abort,
      addCredits(n) {
        credits += n;
        wake();
      },
    });
    abort.signal.addEventListener('abort', wake);
    const emit = async (item: unknown, transfer: Transferable[] = []) => {
      abort.signal.throwIfAborted();
      credits -= 1;
      send({ kind: 'item', id, item }, transfer);
      while (credits <= 0 && !abort.signal.aborted) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      abort.signal.throwIfAborted();
    };
    try {
      const result = await answer(name, params, { signal: abort.signal, emit });
      if (result instanceof Transferring) send({ kind: 'done', id, result: result.value }, result.transfer);
      else send({ kind: 'done', id, result });
    } catch (reason) {
      send({ kind: 'failed', id, error: toSillError(reason).toData() });
    } finally {
      calls.delete(id);
    }
  };

  const onMessage = (event: MessageEvent<unknown>) => {
    const parsed = v.safeParse(ToServerSchema, event.data);
    if (!parsed.success) return;
    const message = parsed.output;
    if (message.kind === 'call') void run(message.id, message.method, message.params, message.credits);
    else if (message.kind === 'credit') calls.get(message.id)?.addCredits(message.credits);
    else calls.get(message.id)?.abort.abort(new SillError('aborted', 'The request was cancelled.'));
  };
  endpoint.addEventListener('message', onMessage);

  return () => {
    endpoint.removeEventListener('message', onMessage);
    for (const call of calls.values()) call.abort.abort(new SillError('aborted', 'The engine stopped.'));
  };
}

function refusal(name: string, issue: v.BaseIssue<unknown>): SillError {
  const where = v.getDotPath(issue);
  return new SillError('invalid_request', `${name}: ${issue.message}${where ? ` (at ${where})` : ''}.`, {
    details: where ? { path: where } : {},
  });
}
