import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import { applyAll, first, GOOD, MODEL, never, newDevice, site, startTab, store, tab } from '../testing/updateFixture.ts';

beforeEach(newDevice);

const apply = (of = tab) => applyAll(of);

describe('a trial', () => {
  it('tells the caller and every tab which check runs', async () => {
    site.publish(GOOD);
    const told: InstallProgress[] = [];
    tab.hub.listen((event) => {
      if (event.type === 'install' && event.progress.phase === 'trying') told.push(event.progress);
    });
    const heard: InstallProgress[] = [];
    await tab.updates.apply(undefined, { signal: never, onProgress: (_, progress) => heard.push(progress) });
    expect(told.map(({ trial }) => trial)).toEqual([
      { check: 'loading' },
      { check: 'smoke' },
      { check: 'suite', done: 0, total: 2 },
      { check: 'suite', done: 1, total: 2 },
      { check: 'comparing', done: 0, total: 2 },
      { check: 'comparing', done: 1, total: 2 },
    ]);
    expect(heard.filter(({ phase }) => phase === 'trying')).toEqual(told);
    expect(heard[0]?.phase).toBe('preparing');
  });

  it('that is short of memory beside the running version gets the memory of that version, between two requests', async () => {
    const second = site.publish({ ...GOOD, load: 'out-of-memory-beside-another' });
    await tab.ask();
    expect(await apply()).toMatchObject([{ result: 'activated' }]);
    expect((await tab.ask()).revision).toBe(second);
  });

  it('that kills its tab counts: after three the version is refused without being loaded again', async () => {
    const second = site.publish({ ...GOOD, load: 'hangs' });
    for (let tries = 1; tries <= 3; tries++) {
      const doomed = startTab(site, store);
      // A tab that dies neither resolves nor rejects: its promises are simply never heard of again.
      void (tries === 1 ? apply(doomed) : doomed.trials.resume(never));
      await vi.waitFor(async () => {
        expect((await store.models.slots(MODEL))?.candidate?.tries).toBe(tries);
        expect(doomed.runtime.loads).toEqual([2]);
      });
    }
    const survivor = startTab(site, store);
    expect(await survivor.trials.resume(never)).toMatchObject([{ revision: second, result: 'rejected', gate: { failure: 'crash' } }]);
    expect(survivor.runtime.loads).toEqual([]);
    expect((await survivor.ask()).revision).toBe(first);
    expect((await store.models.quarantined()).map((each) => each.revision)).toEqual([second]);
  });

  it('that is ended elsewhere each time, as by who switches a tablet off, counts once, and ends well when it is let', async () => {
    const second = site.publish(GOOD);
    let doomed = startTab(site, store);
    for (const at of ['loading', 'smoke', 'suite 0', 'suite 1', 'comparing 0', 'suite 0', 'suite 1', 'suite 0']) {
      doomed = startTab(site, store);
      // It goes no further than there.
      const reached = new Promise<void>((resolve) => {
        doomed.hub.listen((event) => {
          if (event.type !== 'install' || event.progress.phase !== 'trying' || !event.progress.trial) return;
          const { trial } = event.progress;
          if (('done' in trial ? `${trial.check} ${trial.done}` : trial.check) !== at) return;
          doomed.runtime.frozen = new Promise(() => undefined);
          resolve();
        });
      });
      void (at === 'loading' ? apply(doomed) : doomed.trials.resume(never));
      await reached;
      await vi.waitFor(async () => expect((await store.models.slots(MODEL))?.candidate).toMatchObject({ tries: 1, triedAt: at }));
    }
    expect(await startTab(site, store).trials.resume(never)).toMatchObject([{ revision: second, result: 'activated' }]);
  });

  it('that was called off does not count, and the version waits for the next one', async () => {
    const second = site.publish({ ...GOOD, generate: 'hangs' });
    const abort = new AbortController();
    const applied = tab.updates.apply(undefined, { signal: abort.signal });
    await vi.waitFor(() => expect(tab.runtime.loads).toEqual([2]));
    abort.abort();
    await expect(applied).rejects.toThrow();
    await vi.waitFor(async () => expect((await store.models.slots(MODEL))?.candidate).toMatchObject({ revision: second, tries: 0 }));
    expect(tab.runtime.live.size).toBe(0);
  });

  it('that something else than the version hindered proves nothing: it is told, and the version waits', async () => {
    const second = site.publish({ ...GOOD, load: 'lost-gpu' });
    for (let i = 0; i < 5; i++) {
      expect(await apply()).toMatchObject([{ revision: second, result: 'failed', error: { code: 'unsupported_device' } }]);
    }
    expect((await store.models.slots(MODEL))?.candidate).toMatchObject({ revision: second, tries: 0 });
    expect(await store.models.quarantined()).toEqual([]);
  });

  it('that somebody else has begun meanwhile is waited for, and its end told', async () => {
    const second = site.publish(GOOD);
    await tab.installs.install(MODEL, { revision: second, signal: never });
    const [resumed, applied] = await Promise.all([tab.trials.resume(never), tab.updates.activate(MODEL, second, { signal: never })]);
    expect(resumed).toMatchObject([{ revision: second, result: 'activated' }]);
    expect(applied).toMatchObject({ revision: second, result: 'activated', gate: { passed: true } });
    expect(tab.runtime.loads.filter((number) => number === 2)).toHaveLength(1);
  });

  it('runs in one tab at a time, and who waits for it may give up', async () => {
    const second = site.publish({ ...GOOD, load: 'hangs' });
    void apply();
    await vi.waitFor(() => expect(tab.runtime.loads).toEqual([2]));
    expect(await tab.trials.run(MODEL, never)).toBeUndefined();
    const abort = new AbortController();
    const waiting = tab.updates.activate(MODEL, second, { signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    expect(tab.runtime.loads).toEqual([2]);
  });
});
