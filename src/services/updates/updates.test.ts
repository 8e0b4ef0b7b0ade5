import { beforeEach, describe, expect, it, vi } from 'vitest';
import { applyAll, first, GOOD, MODEL, never, newDevice, site, startTab, store, type Tab, tab } from '../testing/updateFixture.ts';
import { versionsOf } from './versions.ts';

beforeEach(newDevice);

const apply = (of = tab, askedByPerson = true) => applyAll(of, askedByPerson);
const check = (askedByPerson = false) => tab.updates.check({ askedByPerson, signal: never });
const versions = () => versionsOf({ store, source: tab.source, offers: tab.offers, updates: tab.updates }, MODEL, never);

describe('a good update', () => {
  it('is offered with what it costs, and fetches only what changed', async () => {
    const second = site.publish(GOOD, { notes: 'Trained longer.' });
    const { models } = await check();
    expect(models[0]?.offer).toMatchObject({ revision: second, notes: 'Trained longer.', critical: false, early: false });
    const changed = models[0]?.offer?.diff.files.filter((file) => file.change !== 'same').map((file) => file.path);
    expect(changed).toEqual(['weights.bin']);
    const before = site.asked.length;
    expect(await apply()).toMatchObject([{ id: MODEL, revision: second, result: 'activated' }]);
    expect(site.asked.slice(before).filter((path) => /\.(bin|jsonl)$|tokenizer/.test(path))).toEqual(['/tiny/2/weights.bin']);
    expect((await check()).models[0]?.offer).toBeUndefined();
  });

  it('becomes active between two requests: the answer under way ends as it began, the next one is of the new version', async () => {
    const second = site.publish(GOOD);
    await tab.ask();
    let resume: () => void = () => undefined;
    const answering = tab.sessions.use(MODEL, never, async ({ installed }) => {
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
      return installed.revision;
    });
    const applied = apply();
    // The gate measures the running version between requests, so it waits for this one.
    await vi.waitFor(() => expect(tab.runtime.loads).toEqual([1, 2]));
    const waiting = tab.ask();
    resume();
    expect(await answering).toBe(first);
    expect((await waiting).revision).toBe(first);
    expect(await applied).toMatchObject([{ result: 'activated' }]);
    expect(await tab.ask()).toEqual({ text: '2 says hello', revision: second });
    expect([...tab.runtime.live]).toEqual([2]);
  });

  it('is loaded before anybody asks, where the version before was to stay in memory', async () => {
    await tab.sessions.use(MODEL, never, async () => undefined, { keepAliveMs: Number.POSITIVE_INFINITY });
    const second = site.publish(GOOD);
    await apply();
    await tab.sessions.renew(never);
    expect(tab.sessions.loaded()).toMatchObject([{ id: MODEL, session: { installed: { revision: second } } }]);
    expect(tab.sessions.states()).toMatchObject([{ expiresAtMs: Number.POSITIVE_INFINITY }]);
    expect([...tab.runtime.live]).toEqual([2]);
  });

  it('is seen by another tab at its next request, without a word between them', async () => {
    const other = startTab(site, store);
    await other.ask();
    const second = site.publish(GOOD);
    await apply();
    expect((await other.ask()).revision).toBe(second);
    expect([...other.runtime.live]).toEqual([2]);
  });

  it('leaves the version before on the device, and its figures in the story', async () => {
    site.publish(GOOD);
    await apply();
    expect((await store.models.slots(MODEL))?.previous?.revision).toBe(first);
    const [, , activated] = await store.models.history(MODEL);
    expect(activated).toMatchObject({
      event: 'activated',
      from: first,
      gate: { passed: true, candidate: { score: 1 }, active: { score: 1 } },
    });
  });
});

describe('going back', () => {
  it('works with no network, and the version that was left is not offered again by itself', async () => {
    const second = site.publish(GOOD);
    await apply();
    await site.server.close();
    await tab.updates.rollBack(MODEL, 'The old one wrote better.');
    expect((await tab.ask()).revision).toBe(first);
    const report = await versions();
    expect(report.catalogError?.code).toBe('network_unavailable');
    expect(report.versions.map((version) => [version.revision, version.role])).toEqual([
      [first, 'active'],
      [second, 'previous'],
    ]);
    expect(report.history.at(-1)).toMatchObject({
      event: 'rolled-back',
      revision: first,
      from: second,
      reason: 'The old one wrote better.',
    });
  });

  it('is undone by wish, without a download', async () => {
    const second = site.publish(GOOD);
    await apply();
    await tab.updates.rollBack(MODEL);
    expect((await check()).models[0]).toMatchObject({ withheld: [{ revision: second, why: { kind: 'declined' } }] });
    const before = site.asked.length;
    expect(await tab.updates.activate(MODEL, second, { signal: never })).toMatchObject({ result: 'activated' });
    expect(site.asked.length).toBe(before);
    expect((await tab.ask()).revision).toBe(second);
  });

  it('is refused with a code where there is nothing to go back to', async () => {
    await expect(tab.updates.rollBack(MODEL)).rejects.toMatchObject({ code: 'model_not_installed' });
  });
});

describe('what is offered', () => {
  it('is nothing else than the pinned version while there is a pin', async () => {
    const second = site.publish(GOOD);
    await tab.updates.pin(MODEL, first);
    expect((await check(true)).models[0]).toMatchObject({
      pinned: first,
      withheld: [{ revision: second, why: { kind: 'pinned', to: first } }],
    });
    expect(await apply()).toEqual([]);
    await tab.updates.pin(MODEL, undefined);
    expect(await apply()).toMatchObject([{ revision: second, result: 'activated' }]);
  });

  it('warns where the installed version was taken back, and offers a sound one', async () => {
    const second = site.publish(GOOD);
    await apply();
    site.change(second, { withdrawn: { reason: 'It gives away its training data.' } });
    const [model] = (await check()).models;
    expect(model?.withdrawn).toEqual([{ revision: second, isActive: true, reason: 'It gives away its training data.' }]);
    expect(model?.offer?.revision).toBe(first);
    expect((await versions()).versions[0]).toMatchObject({
      revision: second,
      role: 'active',
      withdrawn: 'It gives away its training data.',
    });
  });

  it('follows the phases of a rollout, but for a person who asks, and a critical update', async () => {
    const second = site.publish(GOOD, { rollout: { id: 'r', percentage: 0 } });
    expect((await check(false)).models[0]).toMatchObject({ withheld: [{ revision: second, why: { kind: 'rollout', percentage: 0 } }] });
    expect((await check(true)).models[0]?.offer).toMatchObject({ revision: second, early: true });
    expect(await apply(tab, false)).toEqual([]);
    site.change(second, { critical: true });
    expect(await apply(tab, false)).toMatchObject([{ revision: second, result: 'activated' }]);
  });

  it('reaches a device when the percentage passes its cohort, and keeps its cohort over restarts', async () => {
    const second = site.publish(GOOD, { rollout: { id: 'r', percentage: 0 } });
    const reachedAt = async (of: Tab) => {
      for (let percentage = 0; percentage <= 100; percentage += 5) {
        site.change(second, { rollout: { id: 'r', percentage } });
        if ((await of.updates.check({ askedByPerson: false, signal: never })).models[0]?.offer) return percentage;
      }
      return undefined;
    };
    const reached = await reachedAt(tab);
    expect(reached).toBeGreaterThan(0);
    // Another id would be drawn now, were the first one not kept.
    expect(await reachedAt(startTab(site, store, undefined, { id: 'another-device' }))).toBe(reached);
  });

  it('never comes under another licence by itself', async () => {
    const second = site.publish(GOOD, {}, { licence: 'Other terms.' });
    expect((await check(false)).models[0]).toMatchObject({ withheld: [{ revision: second, why: { kind: 'licence-changed' } }] });
    expect((await check(true)).models[0]?.offer?.revision).toBe(second);
  });
});
