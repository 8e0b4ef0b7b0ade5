import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { parseModelId } from '../../core/ids.ts';
import type { LoadedModel } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createHub } from '../hub.ts';
import { createReadAhead } from '../inference/readAhead.ts';
import { createFakeLocks } from '../testing/storeFixture.ts';
import { createKioskSessions } from './kioskSessions.ts';
import { mayKeep, promptTrace, type SessionTrace } from './sessionTraces.ts';

const MIB = 2 ** 20;
const ID = parseModelId('tiny');
const clock = { now: () => 1000, monotonicMs: () => 1000 };

let store: Store;
let bytes: number;
let underWay: number;
let unloaded: string[];

function sessionsOf(traces: readonly SessionTrace[] = []) {
  const session = {
    installed: { revision: 'sha256:1' },
    variant: { id: 'int8-wasm' },
    model: { memory: async () => ({ totalBytes: bytes }) },
  };
  return createKioskSessions({
    store,
    sessions: {
      loaded: () => [{ id: ID, session }],
      states: () => [{ id: ID, underWay, waiting: 0 }],
      unload: (id: string) => unloaded.push(id),
    } as never,
    preload: { look: () => undefined },
    locks: createFakeLocks(),
    clock,
    hub: createHub({ send: () => undefined, listen: () => undefined }, clock),
    traces,
  });
}

beforeEach(() => {
  store = createMemoryStore();
  bytes = 100 * MIB;
  underWay = 0;
  unloaded = [];
});

describe('the end of a session', () => {
  it('ends the worker whose memory grew since the tenth, tells of it, and counts over starts', async () => {
    for (let session = 1; session <= 10; session++) expect((await sessionsOf().end(undefined)).restart).toBeUndefined();
    bytes = 300 * MIB;
    expect(await sessionsOf().end(undefined)).toMatchObject({ sessions: 11, restart: 'worker', memory: { workers: bytes } });
    expect(unloaded).toEqual([ID]);
    expect(await store.events.list()).toMatchObject([{ type: 'restart', what: 'worker', sessions: 11, bytes, baseBytes: 100 * MIB }]);
    expect(await sessionsOf().count()).toBe(11);
  });

  it('ends nothing under a request, and does it after the next session', async () => {
    for (let session = 1; session <= 10; session++) await sessionsOf().end(undefined);
    bytes = 300 * MIB;
    underWay = 1;
    expect((await sessionsOf().end(undefined)).restart).toBeUndefined();
    expect(unloaded).toEqual([]);
    underWay = 0;
    expect((await sessionsOf().end(undefined)).restart).toBe('worker');
  });

  it('erases every trace, and is none while one cannot be erased', async () => {
    const erased: string[] = [];
    const trace = (name: string, fails = false): SessionTrace => ({
      name,
      async erase() {
        if (fails) throw new SillError('storage_unavailable', 'The disk is gone.');
        erased.push(name);
      },
    });
    const failing = sessionsOf([trace('drafts', true), trace('conversations')]);
    await expect(failing.end(undefined)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(erased).toEqual(['conversations']);
    expect(await failing.count()).toBe(0);
  });
});

it('models forget their prompts, and what was kept of the instructions is recalled again', async () => {
  const told: unknown[] = [];
  const session = {};
  const trace = promptTrace(
    { loaded: () => [{ id: ID, session }], forgetBeginnings: async (id: string) => void told.push(id) } as never,
    { forgotten: (each) => void told.push(each) },
    { forget: () => undefined },
  );
  await trace.erase();
  expect(told).toEqual([ID, session]);
});

it('what was being read of a conversation when its person left is not read again for the next one', async () => {
  vi.useFakeTimers();
  try {
    const asked: string[] = [];
    const model: Pick<LoadedModel, 'readAhead'> = {
      readAhead: ({ messages }, { signal }) => {
        asked.push(messages[0]?.content ?? '');
        return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new SillError('aborted', 'Stopped.'))));
      },
    };
    const readAhead = createReadAhead({
      ...{ isIdle: () => true, isLowOnPower: () => false, hasRoom: async () => true },
      metrics: { readAhead: () => undefined, readAheadEnded: () => undefined },
    });
    const offer = (content: string) => readAhead.offer(ID, { model }, { messages: [{ role: 'user', content }], answer: 'Yes.' });
    const session = {};
    // As the line of a model does around each request.
    const forgetBeginnings = async () => {
      readAhead.stop();
      offer('What was answered while the model had not forgotten yet');
      readAhead.look();
    };
    const trace = promptTrace(
      { loaded: () => [{ id: ID, session }], forgetBeginnings } as never,
      { forgotten: () => undefined },
      readAhead,
    );
    offer('My name is Ann.');
    readAhead.look();
    await vi.advanceTimersByTimeAsync(1000);
    await trace.erase();
    readAhead.look();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toEqual(['My name is Ann.']);
  } finally {
    vi.useRealTimers();
  }
});

describe('what a request may leave for the next run', () => {
  const chat = (...system: string[]) => ({
    kind: 'chat' as const,
    messages: [...system.map((content) => ({ role: 'system' as const, content })), { role: 'user' as const, content: 'My name is Ann.' }],
  });
  const at = (locked: boolean, text?: string) => ({ instructions: async () => ({ locked, ...(text === undefined ? {} : { text }) }) });

  it('is up to whoever asks, but at a kiosk the instructions of its operator alone', async () => {
    expect(await mayKeep(at(false), { kind: 'text', text: 'My name is Ann.' })).toBe(true);
    expect(await mayKeep(at(true, 'Be kind.'), chat('Be kind.'))).toBe(true);
    expect(await mayKeep(at(true, 'Be kind.'), chat('My name is Ann.'))).toBe(false);
    expect(await mayKeep(at(true, 'Be kind.'), chat('Be kind.', 'My name is Ann.'))).toBe(false);
    expect(await mayKeep(at(true, 'Be kind.'), { kind: 'text', text: 'My name is Ann.' })).toBe(false);
    expect(await mayKeep(at(true), chat('Be kind.'))).toBe(false);
  });
});
