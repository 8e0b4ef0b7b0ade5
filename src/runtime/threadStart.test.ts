import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LEFT } from './thread.ts';
import { createThread } from './threadStart.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Workers of which only some run their script: those answer what they are told. */
function workersThat(...run: readonly boolean[]) {
  const started: Array<Worker & { got: unknown[]; ended: boolean }> = [];
  const start = () => {
    const runs = run[started.length] ?? false;
    const worker = {
      onmessage: null as ((event: MessageEvent) => void) | null,
      onerror: null,
      got: [] as unknown[],
      ended: false,
      postMessage(message: unknown) {
        worker.got.push(message);
        if (runs) queueMicrotask(() => worker.onmessage?.(new MessageEvent('message', { data: 'loaded' })));
      },
      terminate() {
        worker.ended = true;
      },
    };
    started.push(worker as unknown as (typeof started)[number]);
    return worker as unknown as Worker;
  };
  return { started, start };
}

describe('a thread of the runtime', () => {
  it('that begins is one worker, however long it works then', async () => {
    const { started, start } = workersThat(true);
    const answers: unknown[] = [];
    const thread = createThread(start);
    thread.onmessage = ({ data }) => answers.push(data);
    thread.postMessage('load');
    await vi.advanceTimersByTimeAsync(60_000);
    thread.postMessage('run');
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toHaveLength(1);
    expect(started[0]?.got).toEqual(['load', 'run']);
    expect(answers).toEqual(['loaded', 'loaded']);
  });

  it('that does not is ended, and another one is told the same', async () => {
    const { started, start } = workersThat(false, true);
    const answers: unknown[] = [];
    const thread = createThread(start);
    thread.onmessage = ({ data }) => answers.push(data);
    thread.postMessage('load');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(started.map(({ got, ended }) => [got, ended])).toEqual([
      [['load'], true],
      [['load'], false],
    ]);
    expect(answers).toEqual(['loaded']);
    thread.postMessage('run');
    expect(started[1]?.got).toEqual(['load', 'run']);
  });

  it('is tried three times, and the last one is waited for', async () => {
    const { started, start } = workersThat(false, false, false);
    createThread(start).postMessage('load');
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(started.map(({ ended }) => ended)).toEqual([true, true, false]);
  });

  it('says that it has left to whoever dismissed it, and not to the runtime', async () => {
    const { started, start } = workersThat(true, true);
    const [left, told] = [vi.fn(), vi.fn()];
    const thread = createThread(start, left);
    thread.onmessage = told;
    started[0]?.onmessage?.(new MessageEvent('message', { data: LEFT }));
    expect([left.mock.calls.length, told.mock.calls.length]).toEqual([1, 0]);
    // One that the runtime itself ends is gone as well.
    const other = vi.fn();
    createThread(start, other).terminate();
    expect(other).toHaveBeenCalledOnce();
  });

  it('that is not wanted any more is not begun again', async () => {
    const { started, start } = workersThat(false);
    const thread = createThread(start);
    thread.postMessage('load');
    thread.terminate();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(started.map(({ ended }) => ended)).toEqual([true]);
  });
});
