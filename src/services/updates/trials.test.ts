import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { TrialStep } from '../../core/gate.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import { applyAll, first, GOOD, MODEL, never, newDevice, site, startTab, store, type Tab, tab } from '../testing/updateFixture.ts';

beforeEach(newDevice);

const apply = (of = tab) => applyAll(of);

const placeOf = (trial: TrialStep): string => ('done' in trial ? `${trial.check} ${trial.done}` : trial.check);

/** Places of a trial as its tab tells them. */
function placesOf(of: Tab): string[] {
  const places: string[] = [];
  of.hub.listen((event) => {
    if (event.type === 'install' && event.progress.phase === 'trying' && event.progress.trial) places.push(placeOf(event.progress.trial));
  });
  return places;
}

/** A tab that stands still at this place of a trial, as one that was closed there does for who looks from elsewhere. */
async function endedAt(at: string): Promise<void> {
  const doomed = startTab(site, store);
  const reached = new Promise<void>((resolve) => {
    doomed.hub.listen((event) => {
      if (event.type !== 'install' || event.progress.phase !== 'trying' || !event.progress.trial) return;
      if (placeOf(event.progress.trial) !== at) return;
      doomed.runtime.frozen = new Promise(() => undefined);
      resolve();
    });
  });
  const isStaged = (await store.models.slots(MODEL))?.candidate !== undefined;
  void (isStaged ? doomed.trials.resume(never) : apply(doomed));
  await reached;
}

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
    for (const at of ['loading', 'smoke', 'suite 0', 'suite 1', 'comparing 0', 'smoke', 'comparing 1']) {
      await endedAt(at);
      await vi.waitFor(async () => expect((await store.models.slots(MODEL))?.candidate).toMatchObject({ tries: 1, triedAt: at }));
    }
    expect(await startTab(site, store).trials.resume(never)).toMatchObject([{ revision: second, result: 'activated' }]);
  });

  describe('that was interrupted', () => {
    const FROM_THE_FIRST = ['loading', 'smoke', 'suite 0', 'suite 1', 'comparing 0', 'comparing 1'];

    it.each([
      ['among the cases of the candidate', 'suite 1', ['loading', 'smoke', 'suite 1', 'comparing 0', 'comparing 1']],
      ['among those of the running version', 'comparing 1', ['loading', 'smoke', 'comparing 1']],
    ])('%s goes on with the case that it was at, and knows what came of those before', async (_where, at, places) => {
      const second = site.publish(GOOD);
      await endedAt(at);
      const next = startTab(site, store);
      const seen = placesOf(next);
      expect(await next.trials.resume(never)).toMatchObject([
        { revision: second, result: 'activated', gate: { candidate: { score: 1 }, active: { score: 1 } } },
      ]);
      expect(seen).toEqual(places);
    });

    it('or put off, or called off, goes on as well; a failed case that is known is a failed one', async () => {
      const cases = ['hello', 'good bye', 'hello'].map((value, i) =>
        JSON.stringify({ id: `${i}`, prompt: 'x', max_tokens: 60, assert: [{ type: 'contains', value }] }),
      );
      const second = site.publish(GOOD, {}, { suite: cases.join('\n') });
      const abort = new AbortController();
      tab.hub.listen((event) => {
        if (event.type === 'install' && event.progress.trial && placeOf(event.progress.trial) === 'suite 2') abort.abort();
      });
      await expect(tab.updates.apply(undefined, { signal: abort.signal })).rejects.toThrow();
      const next = startTab(site, store);
      const seen = placesOf(next);
      // Its speed is of all that was written, by whichever tab.
      const candidate = { failedCases: [{ id: '1' }], decodeTokensPerSecond: expect.closeTo(100) };
      expect(await next.trials.resume(never)).toMatchObject([
        { revision: second, result: 'rejected', gate: { failure: 'evaluation', candidate } },
      ]);
      expect(seen).toEqual(['loading', 'smoke', 'suite 2']);
    });

    it.each([
      ['the version on trial', async () => void site.publish({ ...GOOD, says: 'hello again' }), {}],
      ['the app', async () => undefined, { sill: '0.2.0' }],
      [
        'what was kept, by a form that is not known',
        async () => store.settings.set(`trial-cases candidate ${MODEL}`, { cases: [{ id: 'greets', pass: true }] }),
        {},
      ],
    ])('takes nothing over where %s is another one by then', async (_what, change, options) => {
      site.publish({ ...GOOD, tokensPerSecond: 1000 });
      await endedAt('suite 1');
      await change();
      const next = startTab(site, store, undefined, options);
      const seen = placesOf(next);
      expect(await apply(next)).toMatchObject([{ result: 'activated' }]);
      expect(seen).toEqual(FROM_THE_FIRST);
    });

    it('leaves nothing of it behind once there is a verdict', async () => {
      site.publish(GOOD);
      await endedAt('comparing 1');
      const keys = ['candidate', 'active'].map((role) => `trial-cases ${role} ${MODEL}`);
      for (const key of keys) expect(await store.settings.get(key)).toBeDefined();
      await startTab(site, store).trials.resume(never);
      for (const key of keys) expect(await store.settings.get(key)).toBeUndefined();
    });
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
