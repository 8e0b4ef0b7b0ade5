import { expect, it, vi } from 'vitest';
import type { Endpoint } from '../protocol/envelope.ts';
import { watchStops } from './stoppedCalls.ts';

const call = { kind: 'call', id: 1, method: 'run', params: {}, credits: 1 } as const;
const abort = { kind: 'abort', id: 1 } as const;
const worker = (postMessage: Endpoint['postMessage']): Endpoint => ({
  postMessage,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
});

it('tells of a call that is told to stop, and of none that never reached the worker: nobody would say that it ended', () => {
  const onStop = vi.fn();
  const heard = watchStops(
    worker(() => undefined),
    onStop,
  );
  heard.postMessage(call, []);
  heard.postMessage(abort, []);
  expect(onStop).toHaveBeenCalledExactlyOnceWith('run', expect.any(Promise));

  onStop.mockClear();
  const full = watchStops(
    worker((message) => {
      if (message !== abort) throw new DOMException('Data cannot be cloned, out of memory.', 'DataCloneError');
    }),
    onStop,
  );
  expect(() => full.postMessage(call, [])).toThrow('cloned');
  full.postMessage(abort, []);
  expect(onStop).not.toHaveBeenCalled();
});
