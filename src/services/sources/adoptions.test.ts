import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GpuCheck } from '../../core/device.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { createDeviceService } from '../device/device.ts';
import { COMMIT, entryOf, HubFixture, hex, ID, NAME, WEIGHTS } from '../testing/hubFixture.ts';

const never = new AbortController().signal;

let hub: HubFixture;
beforeEach(async () => {
  hub = await HubFixture.start();
});
afterEach(() => hub.server.close());

describe('a model from a hub', () => {
  it('is an entry of the queue until it is here, and what it turned out to be is recorded', async () => {
    const tab = hub.openTab();
    hub.holdAfter(1_500_000);
    const added = tab.add();
    await hub.begun();
    const entry = await entryOf(tab);
    expect(entry).toMatchObject({ id: ID, name: 'tiny', state: 'running', by: 'person', commit: COMMIT });
    expect(entry?.progress.totalBytes).toBeGreaterThan(WEIGHTS.length);
    hub.letPass();
    await tab.downloads.prioritise(ID);
    await tab.downloads.pause(ID);
    await expect(added).rejects.toMatchObject({ code: 'aborted' });
    expect(await tab.add()).toEqual({ id: ID, role: 'active' });
    await hub.expectInstalled();
    const [record] = await tab.records.list();
    expect(record).toMatchObject({ id: ID, commit: COMMIT, sha256: { 'onnx/model_quantized.onnx': hex(WEIGHTS) } });
    expect((await hub.store.models.slots(ID))?.active?.revision).toBe(record?.revision);
    await vi.waitFor(async () => expect(await entryOf(tab)).toMatchObject({ state: 'finished', revision: record?.revision }));
  });

  it('goes on from what is stored, in another tab, when its own is closed', async () => {
    const [first, second] = [hub.openTab(), hub.openTab()];
    second.downloads.start();
    hub.holdAfter(2_500_000);
    void first.add().catch(() => undefined);
    await hub.begun();
    // By its id, which is in no list yet.
    const waiting = second.adoptions.install(ID, { signal: never });
    const before = await hub.stored();
    hub.letPass();
    first.close();
    expect(await waiting).toEqual({ id: ID, role: 'active' });
    await hub.expectInstalled();
    expect(Number(/bytes=(\d+)-/.exec(hub.asked()[1]?.range ?? '')?.[1])).toBeGreaterThan(before - 1000);
  });

  it('is given to a device by its operator, at a commit; by its id alone it is the one that was seen before', async () => {
    hub.files[`/api/models/${NAME}/revision/${COMMIT}?blobs=true`] = hub.files[`/api/models/${NAME}/revision/main?blobs=true`] ?? WEIGHTS;
    const tab = hub.openTab();
    hub.holdAfter(1_500_000);
    const given = tab.adoptions.install(ID, { commit: COMMIT, by: 'device', signal: never });
    await hub.begun();
    expect(await entryOf(tab)).toMatchObject({ id: ID, by: 'device', commit: COMMIT });
    hub.letPass();
    hub.cutHeld();
    expect(await given).toEqual({ id: ID, role: 'active' });
    await hub.expectInstalled();
    hub.server.requests.length = 0;
    expect(await tab.adoptions.install(ID, { by: 'device', signal: never })).toEqual({ id: ID, role: 'active' });
    expect(hub.server.requests).toEqual([]);
  });

  it('goes on by itself at the next start of the browser, and its server is asked for the bytes alone', async () => {
    hub.holdAfter(2_500_000);
    const tab = hub.openTab();
    void tab.add().catch(() => undefined);
    await hub.begun();
    tab.close();
    hub.letPass();
    hub.server.requests.length = 0;
    hub.restart();
    hub.openTab().downloads.start();
    await vi.waitFor(() => hub.expectInstalled(), { timeout: 5000 });
    expect(hub.server.requests.every(({ path }) => path.includes(`/resolve/${COMMIT}/`))).toBe(true);
  });

  it('waits for its turn, and several come one after the other', async () => {
    hub.publish('acme/other', Buffer.from(WEIGHTS.map((byte) => byte ^ 1)));
    const tab = hub.openTab();
    const ends: string[] = [];
    const end = (name: string) => tab.add(name).then(({ id }) => ends.push(id));
    const first = end(NAME);
    await vi.waitFor(async () => expect(await tab.downloads.list()).toHaveLength(1));
    await Promise.all([first, end('acme/other')]);
    expect(ends).toEqual([ID, 'hf:acme/other']);
  });

  it('does not move on a connection that costs until a person says so', async () => {
    hub.connection.set({ metered: true });
    const tab = hub.openTab();
    const added = tab.add();
    await vi.waitFor(async () => expect(await entryOf(tab)).toMatchObject({ state: 'queued', progress: { waiting: 'metered' } }));
    expect(hub.asked()).toEqual([]);
    await tab.downloads.resume(ID);
    expect((await added).role).toBe('active');
  });

  it('comes no faster than the limit of the speed', async () => {
    const tab = hub.openTab();
    await tab.downloads.setSettings({ bytesPerSecond: 2_000_000, metered: 'ask' });
    const beganMs = performance.now();
    await tab.add();
    // Half a megabyte may come at once.
    expect(performance.now() - beganMs).toBeGreaterThan(1200);
  });

  it('waits for a network that is away', async () => {
    hub.intercept((request) => request.socket.destroy());
    const tab = hub.openTab();
    const added = tab.add();
    await vi.waitFor(async () => expect(await entryOf(tab)).toMatchObject({ state: 'running', progress: { waiting: 'network' } }));
    hub.letPass();
    hub.connection.set({ online: true });
    expect((await added).role).toBe('active');
  });

  it('is cancelled with what was stored of it, also by being forgotten', async () => {
    const tab = hub.openTab();
    for (const drop of [() => tab.downloads.cancel(ID), () => tab.adoptions.forget(ID)]) {
      hub.holdAfter(2_500_000);
      const added = tab.add();
      await hub.begun();
      await Promise.all([expect(added).rejects.toMatchObject({ code: 'aborted' }), drop()]);
      await vi.waitFor(async () => expect(await hub.stored()).toBe(0), { timeout: 5000 });
      expect(await hub.store.models.journal()).toEqual([]);
    }
  });

  it('is spared while it is wanted, and may be given up for space when it is not', async () => {
    hub.holdAfter(2_500_000);
    const tab = hub.openTab();
    void tab.add().catch(() => undefined);
    await hub.begun();
    await hub.store.models.collectGarbage();
    expect(await hub.stored()).toBeGreaterThan(1_000_000);
    expect((await tab.freeing.propose(1)).steps).toEqual([]);
    await tab.downloads.pause(ID);
    const { steps } = await tab.freeing.propose(1);
    expect(steps).toMatchObject([{ kind: 'unfinished', modelId: ID }]);
    expect((await tab.freeing.free(steps)).freedBytes).toBeGreaterThan(1_000_000);
  });

  it('is refused where its bytes are not what its server stated: it failed, nothing is kept, and a mended server is asked from the beginning', async () => {
    hub.publish(NAME, Buffer.from(WEIGHTS.map((byte, index) => (index === 2_000_000 ? byte ^ 1 : byte))), WEIGHTS);
    const tab = hub.openTab();
    await expect(tab.add()).rejects.toMatchObject({ code: 'source_changed' });
    expect(await entryOf(tab)).toMatchObject({ state: 'failed', error: { code: 'source_changed' }, progress: { storedBytes: 0 } });
    expect(await hub.stored()).toBe(0);
    expect(await tab.records.list()).toEqual([]);
    hub.publish(NAME);
    await tab.downloads.resume(ID);
    await vi.waitFor(() => hub.expectInstalled(), { timeout: 5000 });
  });

  it('that was begun is only gone on with as it was stated then', async () => {
    hub.holdAfter(1_500_000);
    const tab = hub.openTab();
    void tab.add().catch(() => undefined);
    await hub.begun();
    await tab.downloads.pause(ID);
    hub.publish(NAME, Buffer.from(WEIGHTS.map((byte) => byte ^ 1)));
    await expect(tab.add()).rejects.toMatchObject({ code: 'source_changed', details: { path: 'onnx/model_quantized.onnx' } });
    expect(await entryOf(tab)).toMatchObject({ state: 'paused' });
  });

  it('from a source that the policy names no more fails with that reason', async () => {
    hub.holdAfter(1_500_000);
    const tab = hub.openTab();
    void tab.add().catch(() => undefined);
    await hub.begun();
    tab.close();
    hub.allowedSources = [];
    hub.restart();
    const later = hub.openTab();
    later.downloads.start();
    await vi.waitFor(async () => expect(await entryOf(later)).toMatchObject({ state: 'failed', error: { code: 'source_not_allowed' } }));
  });

  it('is not taken in a form for a GPU that computes wrong', async () => {
    hub.publish(NAME, WEIGHTS, WEIGHTS, 'onnx/model_q4.onnx');
    const webgpu = {
      available: true as const,
      fallback: false,
      vendor: '',
      architecture: '',
      description: '',
      f16: true,
      features: [],
      limits: {},
    };
    const fast = { stepMs: 1, weightsPerSecond: 1e12 };
    const slow = { stepMs: 9, weightsPerSecond: 1e6 };
    const chosenWith = async (check: GpuCheck) => {
      const experiments = { check: async () => check, measure: async () => ({ 'webgpu:q4': fast, 'wasm:int8': slow }) };
      const memory = { key: check.verdict, settings: async () => hub.store.settings, experiments, now: () => 0, isBusy: async () => false };
      const { add, adoptions } = hub.openTab(createDeviceService(async () => ({ ...PLAIN_DEVICE, webgpu }), PLAIN_STORAGE, memory));
      await add();
      const chosen = (await hub.store.models.slots(ID))?.active?.variant;
      await hub.store.models.remove(ID, 0);
      await adoptions.forget(ID);
      return chosen;
    };
    expect(await chosenWith({ verdict: 'right', worstError: 0 })).toBe('q4-webgpu');
    expect(await chosenWith({ verdict: 'wrong', output: 'matmul' })).toBe('q8-wasm');
  });

  it('that failed on this device under the same bytes is not installed again', async () => {
    const tab = hub.openTab();
    await tab.add();
    const active = (await hub.store.models.slots(ID))?.active;
    if (!active) throw new Error('it is not installed');
    await tab.adoptions.forget(ID);
    await hub.store.models.remove(ID, 1);
    vi.spyOn(hub.store.models, 'quarantined').mockResolvedValue([
      { modelId: ID, revision: active.revision, reason: 'It wrote nonsense.', atMs: 1 },
    ]);
    await expect(tab.add()).rejects.toMatchObject({ code: 'revision_refused' });
  });
});
