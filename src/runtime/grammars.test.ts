import { afterEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../core/errors.ts';
import { grammarContract } from '../protocol/grammar.ts';
import { serve } from '../protocol/server.ts';
import { createGrammars } from './grammars.ts';

const signal = new AbortController().signal;
const allowed = (ids: readonly number[]) => ({ mask: Int32Array.from(ids), isComplete: false });

/** A worker as far as a page sees it; what it answers tells which tokens it knows. `broken` breaks it, as xgrammar's `Aborted()` does. */
function spawner() {
  const started: Array<{ grammar: string; tokenIds: readonly number[] }> = [];
  const workers: Array<{ isOver: boolean; open: number }> = [];
  const spawn = () => {
    const { port1, port2 } = new MessageChannel();
    const state = { isOver: false, open: 0 };
    workers.push(state);
    const known = new Map<number, number[]>();
    serve(
      grammarContract,
      {
        open: async () => null,
        async start({ grammar, tokenIds }) {
          if (grammar === 'broken') throw new SillError('internal', 'Rule "foo" is not defined', { details: { reason: 'foo' } });
          if (grammar === 'slow') await new Promise(() => undefined);
          started.push({ grammar, tokenIds });
          const matcher = known.size + 1;
          known.set(matcher, [...tokenIds]);
          state.open += 1;
          return { matcher, allowed: allowed(tokenIds) };
        },
        async accept({ matcher, tokenIds }) {
          const ids = known.get(matcher);
          ids?.push(...tokenIds);
          return allowed(ids ?? []);
        },
        async end() {
          state.open -= 1;
          return null;
        },
      },
      port2,
    );
    port2.start();
    port1.start();
    return Object.assign(port1, {
      terminate: () => {
        state.isOver = true;
        port1.close();
      },
    }) as unknown as Worker;
  };
  return { spawn, started, workers };
}

const create = (spawn: () => Worker) => createGrammars({ spawn, tokens: () => ['a', 'b'], stopTokenIds: [1] });
const idsOf = async (constraint: { allowed(signal: AbortSignal): Promise<{ mask: Int32Array }> }) => [
  ...(await constraint.allowed(signal)).mask,
];

afterEach(() => {
  vi.useRealTimers();
});

describe('grammars of answers', () => {
  it('starts no worker before an answer needs one, and one for all', async () => {
    const { spawn, workers, started } = spawner();
    const grammars = create(spawn);
    expect(workers).toHaveLength(0);
    const [one, two] = [grammars.begin('g'), grammars.begin('h')];
    expect(await idsOf(one)).toEqual([]);
    one.accept(5);
    two.accept(6);
    one.accept(7);
    expect(await idsOf(one)).toEqual([5, 7]);
    expect(await idsOf(two)).toEqual([6]);
    expect(workers).toHaveLength(1);
    expect(started.map(({ grammar }) => grammar)).toEqual(['g', 'h']);
    one.end();
    one.end();
    two.end();
    await vi.waitFor(() => expect(workers[0]?.open).toBe(0));
  });

  it('asks once for tokens that are given, whatever their number', async () => {
    const { spawn } = spawner();
    const constraint = create(spawn).begin('g');
    for (const id of [4, 5, 6]) constraint.follow(id);
    expect(await idsOf(constraint)).toEqual([4, 5, 6]);
  });

  it('replaces a worker that a grammar broke, says why, and others go on from the tokens that they have', async () => {
    const { spawn, workers, started } = spawner();
    const grammars = create(spawn);
    const kept = grammars.begin('g');
    kept.accept(5);
    await kept.allowed(signal);
    const broken = grammars.begin('broken');
    await expect(broken.allowed(signal)).rejects.toMatchObject({
      code: 'unsupported_schema',
      message: expect.stringContaining('"foo" is not defined'),
    });
    expect(workers[0]?.isOver).toBe(true);
    kept.accept(6);
    expect(await idsOf(kept)).toEqual([5, 6]);
    expect(workers).toHaveLength(2);
    expect(started.at(-1)).toEqual({ grammar: 'g', tokenIds: [5, 6] });
  });

  it('does not wait for a grammar when the request is cancelled', async () => {
    const { spawn } = spawner();
    const abort = new AbortController();
    const waiting = create(spawn).begin('slow').allowed(abort.signal);
    abort.abort(new SillError('aborted', 'gone'));
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  });

  it('gives up a grammar that takes for ever', async () => {
    const { spawn, workers } = spawner();
    const constraint = createGrammars({ spawn, tokens: () => ['a'], stopTokenIds: [], limitMs: 5 }).begin('slow');
    await expect(constraint.allowed(signal)).rejects.toMatchObject({ code: 'unsupported_schema' });
    expect(workers[0]?.isOver).toBe(true);
  });

  it('says so when its worker does not start, and does not take that for a loss of the model', async () => {
    const spawn = () => {
      const { port1 } = new MessageChannel();
      queueMicrotask(() => port1.dispatchEvent(Object.assign(new Event('error', { cancelable: true }), { message: '' })));
      return Object.assign(port1, { terminate: () => port1.close() }) as unknown as Worker;
    };
    await expect(create(spawn).begin('g').allowed(signal)).rejects.toMatchObject({ code: 'internal' });
  });

  it('gives up a worker that hangs while it opens, says so, and starts another one for the next answer', async () => {
    const { spawn, workers } = spawner();
    let hanging = 1;
    const start = () => {
      if (hanging === 0) return spawn();
      hanging -= 1;
      const { port1 } = new MessageChannel();
      return Object.assign(port1, { terminate: () => port1.close() }) as unknown as Worker;
    };
    const grammars = createGrammars({ spawn: start, tokens: () => ['a'], stopTokenIds: [], openMs: 200 });
    await expect(grammars.begin('g').allowed(signal)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('in time'),
    });
    expect(await idsOf(grammars.begin('g'))).toEqual([]);
    expect(workers).toHaveLength(1);
  });

  it('keeps others out of it when a grammar takes for ever', async () => {
    const { spawn, workers } = spawner();
    const grammars = createGrammars({ spawn, tokens: () => ['a'], stopTokenIds: [], limitMs: 200 });
    const kept = grammars.begin('g');
    await kept.allowed(signal);
    await expect(grammars.begin('slow').allowed(signal)).rejects.toMatchObject({ code: 'unsupported_schema' });
    kept.accept(7);
    expect(await idsOf(kept)).toEqual([7]);
    expect(workers).toHaveLength(2);
  });

  it('lets its worker go when nobody needs it for a while', async () => {
    const { spawn, workers } = spawner();
    const grammars = create(spawn);
    const first = grammars.begin('g');
    await first.allowed(signal);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    first.end();
    vi.advanceTimersByTime(4 * 60_000);
    expect(workers[0]?.isOver).toBe(false);
    vi.advanceTimersByTime(2 * 60_000);
    expect(workers[0]?.isOver).toBe(true);
    vi.useRealTimers();
    expect(await idsOf(grammars.begin('g'))).toEqual([]);
    expect(workers).toHaveLength(2);
  });
});
