import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../core/errors.ts';
import type { Locks } from '../ports/browser.ts';
import type { GenerateRequest, GenerateResult } from '../ports/generation.ts';
import type { EmbedResult, LoadSpec } from '../ports/runtime.ts';
import { FakeWorker } from './testing/fakeWorker.ts';
import { createWorkerRuntime } from './workerRuntime.ts';

const SPEC: LoadSpec = { modelId: 'toy', task: 'text-generation', dtype: 'int8', device: 'wasm', files: [], build: 'plain', threads: 1 };
const REQUEST: GenerateRequest = {
  input: { kind: 'text', text: 'Once' },
  temperature: 0,
  topP: 1,
  topK: 0,
  repetitionPenalty: 1,
  seed: 1,
  stop: [],
};
const RESULT: GenerateResult = {
  text: ' upon',
  tokenIds: [1],
  promptTokens: 1,
  completionTokens: 1,
  finishReason: 'length',
  ttftMs: 1,
  prefillMs: 1,
  decodeMs: 0,
};

const EMBEDDED: EmbedResult = { vectors: new Float32Array(2), dimensions: 1, promptTokens: 2, embedMs: 1 };

/** The worker holds its lock until the test lets it go, as the browser does when a worker ends. */
let letGo: () => void = () => undefined;
const locks: Pick<Locks, 'hold'> = {
  hold: async (_, work) => {
    await new Promise<void>((resolve) => (letGo = resolve));
    return work();
  },
};

const start = async (worker: FakeWorker) => {
  const runtime = createWorkerRuntime(() => worker as unknown as Worker, locks);
  return runtime.load(SPEC, {});
};
const never = () => new Promise<never>(() => undefined);
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

afterEach(() => vi.useRealTimers());

describe('a model in a worker', () => {
  it('answers, piece by piece', async () => {
    const model = await start(
      new FakeWorker({
        generate: async (_, { emit }) => {
          await emit({ text: ' upon', tokenIds: [1] });
          return RESULT;
        },
      }),
    );
    const pieces: string[] = [];
    const result = await model.generate(REQUEST, { onPiece: (piece) => pieces.push(piece.text) });
    expect(result).toEqual(RESULT);
    expect(pieces).toEqual([' upon']);
  });

  it('goes on after an abort that its worker heeds', async () => {
    const worker = new FakeWorker({
      generate: ({ input }, { signal }) => (input.kind === 'text' ? untilAborted(signal) : Promise.resolve(RESULT)),
    });
    const model = await start(worker);
    const abort = new AbortController();
    const call = model.generate(REQUEST, { signal: abort.signal });
    abort.abort();
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    await expect(model.generate({ ...REQUEST, input: { kind: 'tokens', ids: [1] } }, {})).resolves.toEqual(RESULT);
    expect(worker.terminated).toBe(false);
  });

  it('terminates a worker that does not heed an abort, and says why the model is lost', async () => {
    vi.useFakeTimers();
    const worker = new FakeWorker({ generate: never });
    const model = await start(worker);
    const abort = new AbortController();
    const call = model.generate(REQUEST, { signal: abort.signal });
    const waiting = model.generate(REQUEST, {});
    const outcomes = Promise.allSettled([call, waiting]);
    await vi.advanceTimersByTimeAsync(1);
    abort.abort();
    await vi.advanceTimersByTimeAsync(9_000);
    expect(worker.terminated).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(worker.terminated).toBe(true);
    expect(await outcomes).toMatchObject([{ reason: { code: 'aborted' } }, { reason: { code: 'worker_lost' } }]);
    expect(await model.lost).toMatchObject({ code: 'worker_lost' });
  });

  it('on a slow device is given time by the longest step that it told of, and anew from the end of each, when it is told to stop', async () => {
    vi.useFakeTimers();
    let tell: (longestMs: number) => Promise<void> = async () => undefined;
    const worker = new FakeWorker({
      generate: never,
      steps: (_, { emit }) => {
        tell = emit;
        return never();
      },
    });
    const model = await start(worker);
    await tell(24_000);
    await vi.advanceTimersByTimeAsync(1);
    const stop = async () => {
      const abort = new AbortController();
      const call = model.generate(REQUEST, { signal: abort.signal });
      const cancelled = expect(call).rejects.toMatchObject({ code: 'aborted' });
      await vi.advanceTimersByTimeAsync(1);
      abort.abort();
      await cancelled;
    };
    await stop();
    await vi.advanceTimersByTimeAsync(47_000);
    await tell(24_000);
    await vi.advanceTimersByTimeAsync(47_000);
    expect(worker.terminated).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(worker.terminated).toBe(true);
    expect(await model.lost).toMatchObject({ code: 'worker_lost', details: { part: 'stopped' } });
  });

  it('goes on with a long call when another that waits behind it is cancelled', async () => {
    vi.useFakeTimers();
    let end: (result: EmbedResult) => void = () => undefined;
    const embedded = new Promise<EmbedResult>((resolve) => (end = resolve));
    const worker = new FakeWorker({ embed: ({ texts }) => (texts.length > 1 ? embedded : never()) });
    const model = await start(worker);
    const long = model.embed(['a', 'b'], {});
    const abort = new AbortController();
    const typed = model.embed(['where'], { signal: abort.signal });
    const cancelled = expect(typed).rejects.toMatchObject({ code: 'aborted' });
    await vi.advanceTimersByTimeAsync(100);
    abort.abort();
    await cancelled;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(worker.terminated).toBe(false);
    end(EMBEDDED);
    await expect(long).resolves.toMatchObject({ dimensions: 1 });
  });

  it('is lost when its worker crashes, under way or not', async () => {
    const worker = new FakeWorker({ generate: never });
    const model = await start(worker);
    const call = model.generate(REQUEST, {});
    worker.crash('RuntimeError: memory access out of bounds');
    await expect(call).rejects.toMatchObject({ code: 'worker_lost', details: { reason: 'RuntimeError: memory access out of bounds' } });
    expect(await model.lost).toMatchObject({ code: 'worker_lost' });
    await expect(model.tokenize('a')).rejects.toMatchObject({ code: 'worker_lost' });
  });

  it('is missed when its worker ends without a word', async () => {
    const worker = new FakeWorker({ generate: never });
    const model = await start(worker);
    const call = model.generate(REQUEST, {});
    letGo();
    await expect(call).rejects.toMatchObject({ code: 'worker_lost', details: { reason: 'it was ended' } });
    expect(await model.lost).toMatchObject({ code: 'worker_lost' });
  });

  it('does not trust a worker again whose memory ran out', async () => {
    const worker = new FakeWorker({ generate: () => Promise.reject(new SillError('out_of_memory', 'There was not enough memory.')) });
    const model = await start(worker);
    await expect(model.generate(REQUEST, {})).rejects.toMatchObject({ code: 'out_of_memory' });
    expect(worker.terminated).toBe(true);
    expect(await model.lost).toMatchObject({ code: 'out_of_memory' });
  });

  it('keeps a worker whose caller asked for something impossible', async () => {
    const worker = new FakeWorker({ generate: () => Promise.reject(new SillError('context_length_exceeded', 'Too long.')) });
    const model = await start(worker);
    await expect(model.generate(REQUEST, {})).rejects.toMatchObject({ code: 'context_length_exceeded' });
    expect(worker.terminated).toBe(false);
  });

  it('has its worker leave when it is unloaded, and ends one that does not', async () => {
    const asked = vi.fn();
    const worker = new FakeWorker({
      leave: () => {
        asked();
        return never();
      },
    });
    const model = await start(worker);
    vi.useFakeTimers();
    model.unload();
    expect(await model.lost).toBeUndefined();
    await expect(model.tokenize('Once')).rejects.toMatchObject({ code: 'worker_lost' });
    await vi.advanceTimersByTimeAsync(100);
    expect([asked.mock.calls.length, worker.terminated]).toEqual([1, false]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(worker.terminated).toBe(true);
  });

  it('leaves no worker behind when loading fails or is cancelled', async () => {
    const failing = new FakeWorker({ load: () => Promise.reject(new SillError('installation_damaged', 'A file is missing.')) });
    await expect(start(failing)).rejects.toMatchObject({ code: 'installation_damaged' });
    expect(failing.terminated).toBe(true);

    const slow = new FakeWorker({ load: never });
    const abort = new AbortController();
    const loading = createWorkerRuntime(() => slow as unknown as Worker, locks).load(SPEC, { signal: abort.signal });
    abort.abort();
    await expect(loading).rejects.toMatchObject({ code: 'aborted' });
    expect(slow.terminated).toBe(true);
  });
});

describe('a worker that is started before its model is known', () => {
  const started: FakeWorker[] = [];
  let runtime: ReturnType<typeof createWorkerRuntime>;
  beforeEach(() => {
    started.length = 0;
    runtime = createWorkerRuntime(() => {
      const worker = new FakeWorker({});
      started.push(worker);
      return worker as unknown as Worker;
    }, locks);
  });

  it('gets the next text model that runs as it was started', async () => {
    runtime.prepare(2);
    runtime.prepare(2);
    expect(started).toHaveLength(1);
    await runtime.load({ ...SPEC, threads: 2 }, {});
    expect(started).toHaveLength(1);
    await runtime.load({ ...SPEC, threads: 2 }, {});
    expect(started).toHaveLength(2);
  });

  it('is left to a later one by a model that runs in another way', async () => {
    runtime.prepare(2);
    await runtime.load({ ...SPEC, threads: 1 }, {});
    await runtime.load({ ...SPEC, threads: 2, build: 'jspi', device: 'webgpu' }, {});
    await runtime.load({ ...SPEC, threads: 2, task: 'feature-extraction' }, {});
    expect(started).toHaveLength(4);
    await runtime.load({ ...SPEC, threads: 2 }, {});
    expect(started).toHaveLength(4);
  });

  it('gives way to one with another number of threads', async () => {
    runtime.prepare(2);
    runtime.prepare(1);
    await expect.poll(() => started.map(({ terminated }) => terminated)).toEqual([true, false]);
  });

  it('ends when no model comes', async () => {
    vi.useFakeTimers();
    runtime.prepare(2);
    await vi.advanceTimersByTimeAsync(119_000);
    expect(started[0]?.terminated).toBe(false);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(started[0]?.terminated).toBe(true);
    await runtime.load({ ...SPEC, threads: 2 }, {});
    expect(started).toHaveLength(2);
  });

  it('costs no model its start when its runtime did not start', async () => {
    const failing = new FakeWorker({ prepare: () => Promise.reject(new Error('no memory')) });
    const workers = [failing, new FakeWorker({})];
    const other = createWorkerRuntime(() => workers.shift() as unknown as Worker, locks);
    other.prepare(2);
    await expect.poll(() => failing.terminated).toBe(true);
    await other.load({ ...SPEC, threads: 2 }, {});
    expect(workers).toEqual([]);
  });

  it('costs no model its start when it dies before', async () => {
    runtime.prepare(2);
    started[0]?.crash('out of memory');
    await new Promise((resolve) => setTimeout(resolve));
    await runtime.load({ ...SPEC, threads: 2 }, {});
    expect(started).toHaveLength(2);
  });
});
