import { beforeEach, describe, expect, it } from 'vitest';
import { createDigests } from '../../delivery/digests.ts';
import type { Store } from '../../ports/store.ts';
import { ANSWERING_LOCK } from '../../protocol/locks.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createConditions } from '../device/conditions.ts';
import { createHub } from '../hub.ts';
import { createFakeLocks, putModel } from '../testing/storeFixture.ts';
import { brokenModels, createInspection } from './inspection.ts';

const DAY_MS = 24 * 60 * 60_000;
const time = { nowMs: 0 };
const clock = { now: () => time.nowMs, monotonicMs: () => time.nowMs };
let store: Store;
let idle: { ms: number };
let reads: number;
let mended: string[];
let locks: ReturnType<typeof createFakeLocks>;
let conditions: ReturnType<typeof createConditions>;
let made: Awaited<ReturnType<typeof putModel>>;
const sha = createDigests(crypto.subtle);

const inspection = () =>
  createInspection({
    store,
    digests: {
      async sha256(data) {
        reads += 1;
        return sha.sha256(data);
      },
    },
    repairs: {
      mendUnasked: async (id) => {
        mended.push(id);
        return true;
      },
    },
    locks,
    clock,
    hub: createHub({ send: () => undefined, listen: () => undefined }, clock),
    idleMs: () => idle.ms,
    isSpared: conditions.isSpared,
  });

beforeEach(async () => {
  store = createMemoryStore();
  idle = { ms: 10 * 60_000 };
  reads = 0;
  mended = [];
  locks = createFakeLocks();
  conditions = createConditions();
  made = await putModel(store, { model: 'tiny', parts: ['weights', 'tokenizer'] });
  time.nowMs = 8 * DAY_MS;
});

describe('at idle, what is installed', () => {
  it('is read again once a week, and remembers when', async () => {
    const target = { revision: made.revision, installedAtMs: 0 };
    expect(await inspection().verifiedAtMs(target)).toBe(0);
    await inspection().tick();
    expect(reads).toBe(2);
    expect(await inspection().verifiedAtMs(target)).toBe(time.nowMs);
    await inspection().tick();
    expect(reads).toBe(2);
    time.nowMs += 8 * DAY_MS;
    await inspection().tick();
    expect(reads).toBe(4);
  });

  it('is left alone while anybody is answered, here or in another tab, and soon after', async () => {
    idle.ms = 1000;
    await inspection().tick();
    idle.ms = 10 * 60_000;
    await locks.share(ANSWERING_LOCK, () => inspection().tick());
    expect(reads).toBe(0);
  });

  it('is left alone on a hidden page of a device whose battery is low', async () => {
    conditions.set('tab', { hidden: true, lowBattery: true });
    await inspection().tick();
    expect(reads).toBe(0);
    conditions.set('tab', { hidden: true, lowBattery: false });
    await inspection().tick();
    expect(reads).toBe(2);
  });

  it('gives way in the middle of a slice to a request, and goes on there later', async () => {
    const { get } = store.chunks;
    store = {
      ...store,
      chunks: {
        ...store.chunks,
        get: async (digest) => {
          idle.ms = 0;
          return get(digest);
        },
      },
    };
    await inspection().tick();
    expect(reads).toBe(1);
    idle.ms = 10 * 60_000;
    await inspection().tick();
    expect(reads).toBe(2);
    expect(await inspection().verifiedAtMs({ revision: made.revision, installedAtMs: 0 })).toBe(time.nowMs);
  });

  it('that was damaged is taken out, counts as broken, and is mended where nobody is there to ask', async () => {
    const [digest] = made.digests;
    if (!digest) throw new Error('no chunk');
    await store.chunks.delete([digest]);
    await store.chunks.put(digest, new Blob(['WEIGHTS']));
    expect(await brokenModels(store)).toEqual([]);
    await inspection().tick();
    expect(await brokenModels(store)).toEqual([{ id: made.modelId, missing: 1 }]);
    expect(mended).toEqual(['tiny']);
  });

  it('is not read again soon after a person had it verified', async () => {
    await inspection().noteVerified(made.revision);
    await inspection().tick();
    expect(reads).toBe(0);
  });

  it('is read by one tab only, and a store that fails is no failure of the tab', async () => {
    await locks.tryHold('sill-inspection', () => inspection().tick());
    expect(reads).toBe(0);
    store = { ...store, settings: { ...store.settings, get: () => Promise.reject(new Error('the disk is gone')) } };
    await expect(inspection().tick()).resolves.toBeUndefined();
  });
});
