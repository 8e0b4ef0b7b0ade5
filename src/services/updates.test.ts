import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RevisionId } from '../core/ids.ts';
import type { Task } from '../core/tasks.ts';
import type { UpdatePolicy } from '../core/updatePolicy.ts';
import type { Store } from '../ports/store.ts';
import type { InstallProgress } from '../protocol/modelReports.ts';
import { createMemoryStore } from '../storage/memoryStore.ts';
import { type Behaviour, GOOD, MODEL, never, Site, startTab, type Tab } from './testing/updateFixture.ts';
import { diffOf, versionsOf } from './versions.ts';

let site: Site;
let store: Store;
let tab: Tab;
let first: RevisionId;

beforeEach(async () => {
  site = await Site.start();
  store = createMemoryStore();
  first = site.publish(GOOD);
  tab = startTab(site, store);
  await tab.installs.install(MODEL, { signal: never });
});
afterEach(() => site.server.close());

const apply = (of = tab, askedByPerson = true) => of.updates.apply(undefined, { signal: never, askedByPerson });
const check = (askedByPerson = false) => tab.updates.check({ askedByPerson, signal: never });
const story = async () => (await store.models.history(MODEL)).map((line) => [line.event, site.entries.length - indexOf(line.revision)]);
const indexOf = (revision: RevisionId) => site.entries.findIndex((entry) => entry.revision === revision);
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

describe('a broken update', () => {
  const broken: ReadonlyArray<readonly [string, Behaviour, string]> = [
    ['writes nonsense', { says: 'gngng', nll: 1 }, 'evaluation'],
    ['is perplexed by plain text', { says: 'hello', nll: 3 }, 'evaluation'],
    ['gives scores that are no numbers', { says: 'hello', nll: 'no number' }, 'invalid-output'],
    ['cannot be loaded', { ...GOOD, load: 'fails' }, 'load'],
    ['does not fit into memory', { ...GOOD, load: 'out-of-memory' }, 'out-of-memory'],
    ['dies while it answers', { ...GOOD, generate: 'crashes' }, 'crash'],
  ];
  it.each(broken)('that %s is refused, quarantined, and never offered again', async (_case, behaviour, failure) => {
    const second = site.publish(behaviour);
    expect(await apply()).toMatchObject([{ revision: second, result: 'rejected', gate: { passed: false, failure } }]);
    expect((await tab.ask()).revision).toBe(first);
    expect(await story()).toEqual([
      ['installed', 1],
      ['staged', 2],
      ['rejected', 2],
    ]);
    const { models } = await check(true);
    expect(models[0]?.offer).toBeUndefined();
    expect(models[0]?.withheld).toMatchObject([{ revision: second, why: { kind: 'quarantined', why: { code: expect.any(String) } } }]);
    expect(await apply()).toEqual([]);
    await expect(tab.updates.activate(MODEL, second, { signal: never })).rejects.toMatchObject({ code: 'revision_refused' });
    await expect(tab.installs.install(MODEL, { revision: second, signal: never })).rejects.toMatchObject({ code: 'revision_refused' });
    // Its weights have gone, what it shares with the running version has not.
    expect((await store.chunks.list()).length).toBe(3);
  });

  it.each(['load', 'generate'] as const)('that hangs in %s is given up after its time', async (where) => {
    site.publish({ ...GOOD, [where]: 'hangs' });
    const hurried = startTab(site, store, undefined, { gateTimeoutMs: 30 });
    expect(await apply(hurried)).toMatchObject([{ result: 'rejected', gate: { failure: 'timeout' } }]);
    expect((await hurried.ask()).revision).toBe(first);
  });

  it('with a suite that cannot be read is refused with the line', async () => {
    site.publish(GOOD, {}, { suite: '{"id": "a"' });
    const [outcome] = await apply();
    expect(outcome).toMatchObject({ result: 'rejected', gate: { failure: 'evaluation' } });
    expect(outcome?.gate?.reason).toContain('line 1');
  });

  it('stays unused when it is twice as slow as what runs', async () => {
    const many = Array.from({ length: 3 }, (_, i) =>
      JSON.stringify({ id: `${i}`, prompt: 'x', assert: [{ type: 'icontains', value: 'HELLO' }] }),
    );
    site.publish({ ...GOOD, tokensPerSecond: 40 }, {}, { suite: many.join('\n') });
    expect(await apply()).toMatchObject([{ result: 'rejected', gate: { failure: 'slower', candidate: { decodeTokensPerSecond: 40 } } }]);
    // The same that was only slow to warm up, or met a busy moment.
    const warm = site.publish({ ...GOOD, tokensPerSecond: [...Array(4).fill(30), 90] }, {}, { suite: many.join('\n') });
    expect(await apply()).toMatchObject([
      { revision: warm, result: 'activated', gate: { candidate: { decodeTokensPerSecond: expect.closeTo(90) } } },
    ]);
  });
});

describe('an update of a model that writes no text', () => {
  const outcomeOf = async (task: Task, good: Behaviour, next: Behaviour) => {
    const other = createMemoryStore();
    site.entries = [];
    first = site.publish(good, {}, { task });
    const device = startTab(site, other);
    await device.installs.install(MODEL, { signal: never });
    site.publish(next, {}, { task });
    return device.updates.apply(undefined, { signal: never });
  };
  const embedding: ReadonlyArray<readonly [string, Behaviour, object]> = [
    [
      'that is as good is taken, with its figures',
      { vectors: 'apart' },
      { result: 'activated', gate: { candidate: { score: 1, latencyMs: 100 }, active: { score: 1 } } },
    ],
    [
      'that mixes up meanings is refused',
      { vectors: 'mixed up' },
      { result: 'rejected', gate: { failure: 'worse', candidate: { score: 0 } } },
    ],
    ['whose vectors are no numbers is refused', { vectors: 'no numbers' }, { result: 'rejected', gate: { failure: 'invalid-output' } }],
    ['that gives everything one vector is refused', { vectors: 'the same' }, { result: 'rejected', gate: { failure: 'invalid-output' } }],
    ['that is far slower is refused', { vectors: 'apart', tookMs: 201 }, { result: 'rejected', gate: { failure: 'slower' } }],
  ];
  it.each(embedding)('but vectors, %s', async (_case, next, outcome) => {
    expect(await outcomeOf('feature-extraction', { vectors: 'apart' }, next)).toMatchObject([outcome]);
  });

  const heard = 'open the window please';
  const speech: ReadonlyArray<readonly [string, Behaviour, object]> = [
    [
      'that is as good is taken, with its figures',
      { hears: heard },
      { result: 'activated', gate: { candidate: { score: 1 }, active: { score: 1 } } },
    ],
    ['that hears something else is refused', { hears: 'no' }, { result: 'rejected', gate: { failure: 'worse', candidate: { score: 0 } } }],
    ['that hears nothing is refused', { hears: ' ' }, { result: 'rejected', gate: { failure: 'invalid-output' } }],
    ['that is far slower is refused', { hears: heard, tookMs: 201 }, { result: 'rejected', gate: { failure: 'slower' } }],
  ];
  it.each(speech)('but transcripts, %s', async (_case, next, outcome) => {
    expect(await outcomeOf('automatic-speech-recognition', { hears: heard }, next)).toMatchObject([outcome]);
  });
});

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
    site = await Site.start();
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
    tab = startTab(site, store);
    const last = site.publish(GOOD);
    await tick(tab);
    await tick(tab);
    expect((await tab.ask()).revision).toBe(last);
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
      await check();
    }
    expect(tab.noted).toEqual(['catalog-checked', 'catalog-unreachable', 'catalog-refused']);
  });

  it('bears a network that is down, and says when asked', async () => {
    await site.server.close();
    await tick(tab);
    expect((await tab.updates.status()).lastError?.code).toBe('network_unavailable');
    expect((await tab.ask()).revision).toBe(first);
    site = await Site.start();
  });
});

describe('the difference between two versions', () => {
  const diff = (from: RevisionId, to: RevisionId) =>
    diffOf({ store, source: tab.source, offers: tab.offers, updates: tab.updates }, MODEL, { from, to }, never);

  it('is told in either direction, with what would be downloaded here', async () => {
    const second = site.publish(GOOD, { notes: 'Better.' });
    await check();
    const forth = await diff(first, second);
    expect(forth.files.find(({ path }) => path === 'weights.bin')?.change).toBe('changed');
    expect(forth.changedBytes).toBeGreaterThan(0);
    expect(forth.fetchBytes).toBe(forth.changedBytes);
    expect(await diff(second, first)).toMatchObject({ fetchBytes: 0, fromBytes: forth.toBytes, toBytes: forth.fromBytes });
  });
  it('is refused with a code for a version that nobody knows', async () => {
    await expect(diff(first, first.replace(/.$/, '0') as RevisionId)).rejects.toMatchObject({ code: 'unknown_model' });
  });
});

describe('versions', () => {
  it('show what is here, what is published, what would change, and why not', async () => {
    const second = site.publish(GOOD, { notes: 'Better.' });
    const third = site.publish(GOOD, { channel: 'beta' });
    const report = await versions();
    expect(report.versions).toMatchObject([
      { revision: third, published: true, offered: false, channel: 'beta', withheld: { kind: 'channel' } },
      { revision: second, published: true, offered: true, notes: 'Better.', diff: { files: expect.arrayContaining([]) } },
      { revision: first, role: 'active', published: true, variant: 'int8-wasm' },
    ]);
    expect(report.versions[1]?.diff?.fetchBytes).toBe(report.versions[1]?.diff?.files.find((file) => file.change === 'changed')?.toBytes);
    expect(report.history).toMatchObject([{ event: 'installed', revision: first, sizeBytes: report.versions[2]?.sizeBytes }]);
  });

  it('of a beta device include those of beta', async () => {
    const second = site.publish(GOOD, { channel: 'beta' });
    await tab.updates.setPolicy({ mode: 'notify', channel: 'beta' });
    expect((await check()).models[0]?.offer?.revision).toBe(second);
  });
});
