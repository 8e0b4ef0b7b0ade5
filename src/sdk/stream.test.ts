import { describe, expect, it } from 'vitest';
import { SillError } from '../core/errors.ts';
import { streamed } from './stream.ts';

interface Options {
  readonly signal?: AbortSignal;
  readonly onItem?: (item: number) => void | Promise<void>;
}
type Request = { readonly upTo: number; readonly stream?: boolean | null };

/** Counts to `upTo`, waiting for the reader after each number, as the engine does. */
const counting = (log: string[]) =>
  streamed<{ readonly upTo: number }, string, number>(async (request: Request, { signal, onItem }: Options) => {
    for (let i = 1; i <= request.upTo; i += 1) {
      if (signal?.aborted) {
        log.push('aborted');
        throw new SillError('aborted', 'The request was cancelled.');
      }
      log.push(`sent ${i}`);
      await onItem?.(i);
    }
    return 'done';
  });

describe('a streamed request', () => {
  it('gives every chunk in order, then ends', async () => {
    const seen: number[] = [];
    for await (const chunk of await counting([])({ upTo: 5, stream: true })) seen.push(chunk);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it('gives the whole when no stream was asked for', async () => {
    expect(await counting([])({ upTo: 3 })).toBe('done');
  });

  it('does not run ahead of a slow reader', async () => {
    const log: string[] = [];
    const chunks = (await counting(log)({ upTo: 100, stream: true }))[Symbol.asyncIterator]();
    await chunks.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log.length).toBeLessThanOrEqual(2);
    await chunks.return?.();
  });

  it('is cancelled when the reader leaves the loop', async () => {
    const log: string[] = [];
    for await (const chunk of await counting(log)({ upTo: 1000, stream: true })) if (chunk === 3) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log.at(-1)).toBe('aborted');
  });

  it('ends with the error that stopped it', async () => {
    const failing = streamed<object, string, number>(async (_, { onItem }: Options) => {
      await onItem?.(1);
      throw new SillError('worker_lost', 'The worker is gone.');
    });
    const seen: number[] = [];
    await expect(async () => {
      for await (const chunk of await failing({ stream: true })) seen.push(chunk);
    }).rejects.toMatchObject({ code: 'worker_lost' });
    expect(seen).toEqual([1]);
  });
});
