import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import {
  asked,
  CHUNK_BYTES,
  CHUNKS,
  connection,
  deps,
  id,
  intercept,
  letPass,
  never,
  newInstallSite,
  openTab,
  restartBrowser,
  revision,
  site,
  store,
  storedBytes,
  weights,
} from '../testing/installFixture.ts';

beforeEach(newInstallSite);

describe('a download that is to go on', () => {
  it('waits for a network that is lost, says so, and goes on by itself when it is back', async () => {
    intercept((_, response) => response.destroy());
    const waits: Array<string | undefined> = [];
    const tab = openTab({ random: { ...deps.random, uint32: () => 2 ** 32 - 1 } });
    const installed = tab.install(id, { signal: never, onProgress: ({ waiting }) => waits.push(waiting) });
    await vi.waitFor(() => expect(waits.at(-1)).toBe('network'));
    expect(await store.models.journal()).toMatchObject([{ state: 'running' }]);
    letPass();
    connection.set({ online: true });
    expect(await installed).toBe('active');
    expect(await storedBytes()).toEqual(weights);
  });

  it('is tried again after a while where the browser does not notice that the network is back', async () => {
    intercept((_, response) => response.destroy());
    const tab = openTab();
    const installed = tab.install(id, { signal: never });
    await vi.waitFor(async () => expect((await tab.downloads.list())[0]?.progress.waiting).toBe('network'));
    letPass();
    expect(await installed).toBe('active');
  });

  it('fails with a reason that waiting would not mend, and goes on when a person says so', async () => {
    intercept((_, response) => response.writeHead(404).end());
    const tab = openTab();
    await expect(tab.install(id, { signal: never })).rejects.toMatchObject({ code: 'chunk_unavailable' });
    expect(await tab.downloads.list()).toMatchObject([{ id, state: 'failed', error: { code: 'chunk_unavailable' } }]);
    letPass();
    await tab.downloads.resume(id);
    await vi.waitFor(async () => expect((await store.models.slots(id))?.active?.revision).toBe(revision));
  });

  it('has the runtime that it needs, or waits for it', async () => {
    let networkIsBack = false;
    const assets = {
      keepOnly: async () => undefined,
      ensure: async () => {
        if (!networkIsBack) throw new SillError('network_unavailable', 'The runtime could not be fetched.');
      },
      has: async () => false,
      sizeBytes: () => 14,
    };
    const tab = openTab({ assets });
    const installed = tab.install(id, { signal: never });
    await vi.waitFor(async () => expect((await tab.downloads.list())[0]?.progress.waiting).toBe('network'));
    expect(await store.chunks.list()).toEqual([]);
    networkIsBack = true;
    expect(await installed).toBe('active');
  });

  it('goes on by itself at the next start of the browser when it was under way, and not when it was paused', async () => {
    intercept(() => undefined);
    const tab = openTab();
    void tab.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    tab.close();
    letPass();
    restartBrowser();
    openTab().downloads.start();
    await vi.waitFor(async () => expect((await store.models.slots(id))?.active?.revision).toBe(revision));
    expect(await storedBytes()).toEqual(weights);
  });

  it('stays paused at the next start of the browser', async () => {
    intercept(() => undefined);
    const tab = openTab();
    const installed = tab.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    expect(await tab.downloads.pause(id)).toBe(true);
    await expect(installed).rejects.toMatchObject({ code: 'aborted' });
    tab.close();
    letPass();
    const next = openTab();
    next.downloads.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked()).toBe(1);
    expect(await next.downloads.list()).toMatchObject([{ state: 'paused', progress: { totalBytes: weights.length } }]);
  });
});

describe('with several tabs', () => {
  it('one downloads, all see the same, and whoever asked is told by whichever tab did it', async () => {
    intercept(() => undefined);
    const [first, second] = [openTab(), openTab()];
    const seen: string[] = [];
    const one = first.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    const two = second.install(id, { signal: never, onProgress: ({ phase }) => seen.push(phase) });
    const lists = async () => Promise.all([first, second].map(async (tab) => (await tab.downloads.list())[0]?.state));
    await vi.waitFor(async () => expect(await lists()).toEqual(['running', 'running']));
    await vi.waitFor(() => expect(seen).toContain('downloading'), { timeout: 5000 });
    letPass();
    // The request that hangs is dropped, and asked anew.
    await first.downloads.pause(id);
    await expect(one).rejects.toMatchObject({ code: 'aborted' });
    await expect(two).rejects.toMatchObject({ code: 'aborted' });
    const again = [
      first.install(id, { signal: never }),
      second.install(id, { signal: never, onProgress: ({ phase }) => seen.push(phase) }),
    ];
    expect(await Promise.all(again)).toEqual(['active', 'active']);
    expect(seen).toContain('activating');
    expect(site.requests.filter(({ path }) => path === '/tiny/weights.bin')).toHaveLength(2);
  });

  it('another one goes on at once when the one that downloads is closed, and asks for nothing that is here', async () => {
    const first = openTab();
    const second = openTab();
    second.downloads.start();
    // Half of it, and then nothing more.
    intercept((_, response, body) => void response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, 6500)));
    void first.install(id, { signal: never });
    await vi.waitFor(async () => expect((await store.chunks.list()).length).toBe(6));
    const waiting = second.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    letPass();
    first.close();
    expect(await waiting).toBe('active');
    expect(await storedBytes()).toEqual(weights);
    const [, again] = site.requests.filter(({ path }) => path === '/tiny/weights.bin');
    expect(again?.range).toBe(`bytes=${6 * CHUNK_BYTES}-${CHUNKS * CHUNK_BYTES - 1}`);
  });

  it('any of them pauses, resumes and cancels what another carries', async () => {
    intercept(() => undefined);
    const [first, second] = [openTab(), openTab()];
    const installed = first.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    expect(await second.stop(id)).toBe(true);
    await expect(installed).rejects.toMatchObject({ code: 'aborted' });
    expect(await second.stop(id)).toBe(false);
    await second.downloads.resume(id);
    await vi.waitFor(() => expect(asked()).toBe(2));
    await second.downloads.cancel(id);
    expect(await first.downloads.list()).toEqual([]);
    await expect(second.downloads.resume(id)).rejects.toMatchObject({ code: 'invalid_request' });
    await vi.waitFor(async () => expect(await first.locks.isHeld('sill-downloader')).toBe(false), { timeout: 5000 });
    expect(await store.models.journal()).toEqual([]);
  });
});

describe('while something is repaired, in whichever tab', () => {
  it('a download gives way, and goes on when that has ended or its tab is gone', async () => {
    intercept(() => undefined);
    const [first, second] = [openTab(), openTab()];
    const installed = first.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    void second.locks.hold('sill-repairing', async () => {
      second.hub.tell({ type: 'downloads' });
      await new Promise(() => undefined);
    });
    await vi.waitFor(async () => expect(await first.downloads.list()).toMatchObject([{ state: 'queued' }]));
    letPass();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked()).toBe(1);
    second.close();
    expect(await installed).toBe('active');
  });
});

describe('on a connection that costs', () => {
  it('nothing moves until a person says so, and then this one only', async () => {
    connection.set({ metered: true });
    const tab = openTab();
    const waits: Array<string | undefined> = [];
    const installed = tab.install(id, { signal: never, onProgress: ({ waiting }) => waits.push(waiting) });
    await vi.waitFor(() => expect(waits.at(-1)).toBe('metered'));
    expect(await tab.downloads.list()).toMatchObject([{ state: 'queued', progress: { waiting: 'metered', totalBytes: weights.length } }]);
    expect(asked()).toBe(0);
    await tab.downloads.resume(id);
    expect(await installed).toBe('active');
  });

  it('it goes on when another connection is there, and stops when it comes to cost in the middle', async () => {
    intercept(() => undefined);
    const tab = openTab();
    const installed = tab.install(id, { signal: never });
    await vi.waitFor(() => expect(asked()).toBe(1));
    connection.set({ metered: true });
    await vi.waitFor(async () => expect(await tab.downloads.list()).toMatchObject([{ state: 'queued', progress: { waiting: 'metered' } }]));
    letPass();
    connection.set({ metered: false });
    expect(await installed).toBe('active');
  });

  it('it moves where the person said that this does not matter here', async () => {
    connection.set({ metered: true });
    const tab = openTab();
    await tab.downloads.setSettings({ metered: 'allow' });
    expect(await tab.install(id, { signal: never })).toBe('active');
  });
});

describe('what was finished', () => {
  it('is told of late with what it took', async () => {
    const tab = openTab();
    await tab.install(id, { signal: never });
    await vi.waitFor(async () => expect(await tab.downloads.list()).toHaveLength(1));
    expect(await tab.downloads.list()).toMatchObject([
      { id, name: 'Tiny', state: 'finished', by: 'person', finished: { receivedBytes: weights.length } },
    ]);
  });
});
