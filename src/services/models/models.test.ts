import { beforeEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../../core/catalog.ts';
import { SillError } from '../../core/errors.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import { createDerivedModels } from './derivedModels.ts';
import { createModels, type ModelsDeps } from './models.ts';

const never = new AbortController().signal;
const FRESH: Catalog = { schema: 1, models: [], freshness: 'fresh', checkedAtMs: 7 };
const REFUSED = new SillError('network_unavailable', 'No.').toData();

let nowMs = 0;
let asked = 0;
let answer: Catalog = FRESH;
let kept: Catalog | undefined = FRESH;

const refuse = (): never => {
  throw new Error('not part of this test');
};
const open = () => {
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  const source: ModelsDeps['source'] = {
    catalog: async () => {
      asked += 1;
      return answer;
    },
    known: async () => kept,
    manifest: refuse,
    fileUrl: refuse,
  };
  const hub = createHub({ send: () => undefined, listen: () => undefined }, clock);
  const device = createDeviceService(async () => PLAIN_DEVICE, PLAIN_STORAGE);
  const unused = { installs: refuse, downloads: refuse, sessions: refuse } as unknown as Pick<
    ModelsDeps,
    'installs' | 'downloads' | 'sessions'
  >;
  const store = createMemoryStore();
  const derived = createDerivedModels({ store, clock, hub, offered: async () => [], loadTemplateCheck: refuse });
  return createModels({ ...unused, store, source, device, hub, clock, derived, offers: { first: async () => undefined } });
};

describe('the list of models', () => {
  beforeEach(() => {
    [nowMs, asked, answer, kept] = [0, 0, FRESH, FRESH];
  });

  it('asks the server once for lists that come shortly after each other, and again a little later', async () => {
    const models = open();
    for (let i = 0; i < 3; i++) expect((await models.list(never, { recent: true })).catalogCheckedAtMs).toBe(7);
    expect(asked).toBe(1);
    nowMs += 15_000;
    await models.list(never, { recent: true });
    expect(asked).toBe(2);
  });

  it('asks each time for whoever wants it as it is now', async () => {
    const models = open();
    await models.list(never);
    await models.list(never);
    expect(asked).toBe(2);
  });

  it('shows meanwhile what somebody else looked up', async () => {
    const models = open();
    await models.list(never, { recent: true });
    kept = { ...FRESH, checkedAtMs: 9 };
    expect((await models.list(never, { recent: true })).catalogCheckedAtMs).toBe(9);
    expect(asked).toBe(1);
  });

  it.each([
    ['the server did not answer', { ...FRESH, refreshError: REFUSED }, FRESH],
    ['what is known is out of date', FRESH, { ...FRESH, freshness: 'stale' as const }],
    ['nothing is known, as after another root was accepted', FRESH, undefined],
  ])('asks again at once where %s', async (_, told, known) => {
    [answer, kept] = [told, known];
    const models = open();
    await models.list(never, { recent: true });
    await models.list(never, { recent: true });
    expect(asked).toBe(2);
  });
});
