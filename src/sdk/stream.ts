import type { CallOptions } from '../protocol/callOptions.ts';
import type { CallOptions as ClientCallOptions } from '../protocol/client.ts';
import type { Streamed } from '../protocol/sill.ts';

/** `create` as the `openai` client has it: with `stream: true` an async iterable of chunks, else the whole. */
export function streamed<Request, Whole, Chunk>(
  call: (request: Request, options: ClientCallOptions<Chunk>) => Promise<Whole>,
): Streamed<Request, Whole, Chunk> {
  function create(request: Request & { readonly stream: true }, options?: CallOptions): Promise<AsyncIterable<Chunk>>;
  function create(request: Request & { readonly stream?: false | null }, options?: CallOptions): Promise<Whole>;
  async function create(
    request: Request & { readonly stream?: boolean | null },
    options: CallOptions = {},
  ): Promise<AsyncIterable<Chunk> | Whole> {
    if (!request.stream) return call(request, options);
    const feed = createFeed<Chunk>(options.signal);
    call(request, { signal: feed.signal, onItem: feed.push }).then(feed.end, feed.fail);
    return feed.items;
  }
  return create;
}

interface Feed<T> {
  readonly signal: AbortSignal;
  readonly items: AsyncIterable<T>;
  /** Resolves when the reader took the item: the writer's back-pressure. */
  readonly push: (item: T) => Promise<void>;
  readonly end: () => void;
  readonly fail: (reason: unknown) => void;
}

/** Turns pushed items into an iterable whose early end aborts the source. */
function createFeed<T>(outer: AbortSignal | undefined): Feed<T> {
  const abort = new AbortController();
  const waiting: Array<{ item: T; taken: () => void }> = [];
  let ended: { readonly reason?: unknown; readonly failed: boolean } | undefined;
  let wake: () => void = () => undefined;

  async function* iterate(): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const next = waiting.shift();
        if (next) {
          next.taken();
          yield next.item;
        } else if (ended) {
          if (ended.failed) throw ended.reason;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      abort.abort();
      for (const left of waiting) left.taken();
    }
  }

  return {
    signal: outer ? AbortSignal.any([outer, abort.signal]) : abort.signal,
    items: iterate(),
    push: (item) =>
      new Promise<void>((taken) => {
        waiting.push({ item, taken });
        wake();
      }),
    end: () => {
      ended = { failed: false };
      wake();
    },
    fail: (reason) => {
      ended = { failed: true, reason };
      wake();
    },
  };
}
