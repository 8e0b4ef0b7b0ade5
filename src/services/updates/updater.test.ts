import { beforeEach, describe, expect, it } from 'vitest';
import { SillError } from '../../core/errors.ts';
import type { UpdatePolicy } from '../../core/updatePolicy.ts';
import { first, GOOD, MODEL, never, newDevice, site, startTab, store, storyOf, type Tab, tab } from '../testing/updateFixture.ts';

beforeEach(newDevice);

const story = () => storyOf(store, site);

describe('a device that nobody watches', () => {
  const WINDOW: UpdatePolicy = { mode: 'window', channel: 'stable', days: [1], from: '02:00', to: '04:00' };
  const night = { wall: { weekday: 1, minutes: 180 }, idleMs: 3_600_000 };
  const tick = async (of: Tab) => {
    of.time.nowMs += 10_000;
    await of.updater.tick();
  };

  it('ends on the third of three versions (good, broken, good), with the story in its log', async () => {
    await tab.updates.setPolicy({ mode: 'idle', channel: 'stable', idleMinutes: 5 });
    site.publish(GOOD);
    await tick(tab);
    const bad = site.publish({ says: 'gngng', nll: 9 });
    await tick(tab);
    await tick(tab);
    // The kiosk is switched off and on again in between.
    const again = startTab(site, store);
    const last = site.publish(GOOD);
    await tick(again);
    await tick(again);
    expect((await again.ask()).revision).toBe(last);
    expect(await story()).toEqual([
      ['installed', 1],
      ['staged', 2],
      ['activated', 2],
      ['staged', 3],
      ['rejected', 3],
      ['staged', 4],
      ['activated', 4],
    ]);
    const rejected = (await store.models.history(MODEL)).find((line) => line.revision === bad && line.event === 'rejected');
    expect(rejected?.reason).toContain('2 of 2 cases');
    expect(rejected?.gate?.candidate?.failedCases?.[0]?.asserts[0]?.reason).toContain('does not contain "hello"');
  });

  it('looks and tells, but applies nothing, where it is only to notify', async () => {
    site.publish(GOOD);
    await tick(tab);
    expect((await tab.updates.status()).lastReport?.models[0]?.offer).toBeDefined();
    expect((await tab.updates.status()).waiting).toEqual({ kind: 'policy-notify' });
    expect((await tab.ask()).revision).toBe(first);
  });

  it('does not even look where updates are off', async () => {
    await tab.updates.setPolicy({ mode: 'off', channel: 'stable' });
    const before = site.asked.length;
    await tick(tab);
    expect(site.asked.length).toBe(before);
  });

  it('waits for its window, and says so', async () => {
    await tab.updates.setPolicy(WINDOW);
    const second = site.publish(GOOD);
    await tick(tab);
    expect((await tab.ask()).revision).toBe(first);
    expect((await tab.updates.status()).waiting).toMatchObject({ kind: 'outside-window', from: '02:00' });
    tab.time.moment = night;
    await tick(tab);
    expect((await tab.ask()).revision).toBe(second);
  });

  it('goes on trying a candidate that an earlier tab left behind', async () => {
    const second = site.publish(GOOD);
    await tab.installs.install(MODEL, { revision: second, signal: never });
    const later = startTab(site, store);
    await tick(later);
    expect((await later.ask()).revision).toBe(second);
  });

  it('tells a list that was read from one that was out of reach, or was not accepted', async () => {
    const { catalog } = tab.source;
    for (const code of [undefined, 'network_unavailable', 'untrusted_catalog'] as const) {
      Object.assign(tab.source, {
        catalog: async (signal?: AbortSignal) => ({ ...(await catalog(signal)), ...(code ? { refreshError: { code, message: '' } } : {}) }),
      });
      await tab.updates.check({ askedByPerson: false, signal: never });
    }
    expect(tab.noted).toEqual(['catalog-checked', 'catalog-unreachable', 'catalog-refused']);
  });

  it('takes a network that is down as nothing that failed, also where no list was ever read', async () => {
    for (const code of ['network_unavailable', 'invalid_catalog'] as const) {
      Object.assign(tab.source, { catalog: () => Promise.reject(new SillError(code, 'So it is.')) });
      await tick(tab);
      expect((await tab.updates.status()).lastError?.code).toBe(code);
    }
    expect(tab.noted).toEqual(['catalog-unreachable', 'update-failed']);
  });

  it('bears a network that is down, and says when asked', async () => {
    await site.server.close();
    await tick(tab);
    expect((await tab.updates.status()).lastError?.code).toBe('network_unavailable');
    expect((await tab.ask()).revision).toBe(first);
  });
});
