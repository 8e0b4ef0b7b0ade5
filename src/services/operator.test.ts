import { beforeEach, describe, expect, it } from 'vitest';
import { SillError } from '../core/errors.ts';
import type { ModelId } from '../core/ids.ts';
import type { Store } from '../ports/store.ts';
import { createMemoryStore } from '../storage/memoryStore.ts';
import { createHub } from './hub.ts';
import { assertOwn, createOperator } from './operator.ts';
import { createFakeLocks, putModel } from './testing/storeFixture.ts';
import { updatePolicyOf } from './updates/updates.ts';

const QUARTER_MS = 15 * 60_000;

let store: Store;
let nowMs: number;
let file: unknown;
let asked: Array<{ id: ModelId; by: string | undefined; commit?: string }>;
let fails: boolean;
let notes: string[];

beforeEach(() => {
  store = createMemoryStore();
  nowMs = 0;
  asked = [];
  fails = false;
  notes = [];
});

function device() {
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  return createOperator({
    store,
    clock,
    locks: createFakeLocks(),
    note: ({ code }) => notes.push(code),
    hub: createHub({ send: () => undefined, listen: () => undefined }, clock),
    async readPolicy() {
      if (file instanceof Error) throw file;
      return file;
    },
    installs: {
      async install(id, { by }) {
        asked.push({ id, by });
        if (fails) throw new SillError('chunk_mismatch', 'damaged');
        await putModel(store, { model: id, parts: [`${id}-weights`], atMs: nowMs });
        return 'active';
      },
    },
    adoptions: {
      async install(id, { by, commit }) {
        asked.push({ id, by, ...(commit === undefined ? {} : { commit }) });
        await putModel(store, { model: id, parts: [`${id}-weights`], atMs: nowMs });
        return { id, role: 'active' };
      },
    },
  });
}

/** Lets what a tick has begun come to its end. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("the operator's file", () => {
  it('gives a device its models and its policy for updates', async () => {
    file = { schema: 1, kiosk: true, devices: { install: ['tiny'], updates: { mode: 'idle', idleMinutes: 1 } } };
    const operator = device();
    await operator.tick();
    await settled();
    expect(asked).toEqual([{ id: 'tiny', by: 'device' }]);
    expect(await updatePolicyOf(store.settings)).toMatchObject({ mode: 'idle', idleMinutes: 1 });
    expect(await operator.report()).toEqual({ kiosk: true, decides: ['updates'], install: ['tiny'] });
    await expect(assertOwn(store.settings, 'updates')).rejects.toMatchObject({ code: 'forbidden' });
    await assertOwn(store.settings, 'downloads');
  });

  it('gives it those of a server that nobody signs for, at the commit that it names', async () => {
    file = { schema: 1, devices: { install: ['hf:acme/tiny@0123abc', 'hf:acme/other'] } };
    const operator = device();
    await operator.tick();
    await settled();
    expect(asked).toEqual([
      { id: 'hf:acme/tiny', by: 'device', commit: '0123abc' },
      { id: 'hf:acme/other', by: 'device' },
    ]);
    nowMs += QUARTER_MS;
    await operator.tick();
    await settled();
    expect(asked).toHaveLength(2);
  });

  it('goes on to hold when it cannot be read, or is broken later', async () => {
    file = { schema: 1, devices: { updates: { mode: 'off' } } };
    await device().tick();
    for (const broken of [new SillError('network_unavailable', 'away'), { schema: 2 }, 'text', null]) {
      file = broken;
      const operator = device();
      await operator.tick();
      expect(await updatePolicyOf(store.settings)).toMatchObject({ mode: 'off' });
      expect((await operator.report()).lastError).toBeDefined();
    }
    // A network that is away is no fault of the file.
    expect(notes).toEqual(['policy-changed', ...Array(3).fill('policy-unreadable')]);
  });

  it('is read every quarter of an hour, and a model that failed is tried again then', async () => {
    file = { schema: 1, devices: { install: ['tiny'] } };
    fails = true;
    const operator = device();
    for (let minute = 0; minute < 14; minute++) {
      await operator.tick();
      await settled();
      nowMs += 60_000;
    }
    expect(asked).toHaveLength(1);
    expect(await operator.report()).toMatchObject({ failed: [{ id: 'tiny', error: { code: 'chunk_mismatch' } }] });
    // Nothing is wrong with the file.
    expect((await operator.report()).lastError).toBeUndefined();
    nowMs = QUARTER_MS;
    await operator.tick();
    await settled();
    expect(asked).toHaveLength(2);
    expect(notes).toEqual(['policy-changed', 'policy-model-refused']);
    fails = false;
    nowMs += QUARTER_MS;
    await operator.tick();
    await settled();
    expect(asked).toHaveLength(3);
    expect(await operator.report()).not.toHaveProperty('failed');
  });

  it('tells no more of a model that could not be installed once a person brought it', async () => {
    file = { schema: 1, devices: { install: ['tiny'] } };
    fails = true;
    const operator = device();
    await operator.tick();
    await settled();
    expect(await operator.report()).toHaveProperty('failed');
    await putModel(store, { model: 'tiny', parts: ['weights'], atMs: nowMs });
    expect(await operator.report()).not.toHaveProperty('failed');
  });

  it('does not bring back what a person took off', async () => {
    file = { schema: 1, devices: { install: ['tiny'] } };
    const operator = device();
    await operator.tick();
    await settled();
    const [slots] = await store.models.allSlots();
    if (!slots) throw new Error('nothing was installed');
    await store.models.remove(slots.modelId, nowMs);
    nowMs += QUARTER_MS;
    await operator.tick();
    await settled();
    expect(asked).toHaveLength(1);
  });
});
