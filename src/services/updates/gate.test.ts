import { beforeEach, describe, expect, it } from 'vitest';
import type { Task } from '../../core/tasks.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import type { Behaviour } from '../testing/scriptedRuntime.ts';
import { applyAll, first, GOOD, MODEL, never, newDevice, site, startTab, store, storyOf, tab } from '../testing/updateFixture.ts';

beforeEach(newDevice);

const apply = (of = tab) => applyAll(of);
const check = (askedByPerson = false) => tab.updates.check({ askedByPerson, signal: never });
const story = () => storyOf(store, site);

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

  it.each(['load', 'generate'] as const)('that does not get on in %s is put off and quarantined by nobody', async (where) => {
    const second = site.publish({ ...GOOD, [where]: 'hangs' });
    const hurried = startTab(site, store, undefined, { gateTimeoutMs: 30 });
    expect(await apply(hurried)).toMatchObject([{ result: 'failed', error: { code: 'timed_out', details: { revision: second } } }]);
    expect((await hurried.ask()).revision).toBe(first);
    expect(await store.models.quarantined()).toEqual([]);
    expect((await store.models.slots(MODEL))?.candidate).toMatchObject({ revision: second, tries: 0, putOff: { times: 1 } });
    // By itself the device tries again when it is due, and not in vain each time that it looks.
    expect(await hurried.updates.apply(undefined, { signal: never, askedByPerson: false })).toEqual([]);
    expect(await hurried.trials.resume(never)).toEqual([]);
    expect(hurried.runtime.loads.filter((number) => number === 2)).toHaveLength(1);
    hurried.time.nowMs += 3_600_000;
    await expect(hurried.trials.resume(never)).rejects.toMatchObject({ code: 'timed_out' });
    // A person may at once.
    expect(await apply(hurried)).toMatchObject([{ result: 'failed', error: { code: 'timed_out' } }]);
  });

  it('is not late for the length of its suite: each question has the time that all of them had', async () => {
    const many = Array.from({ length: 12 }, (_, i) =>
      JSON.stringify({ id: `${i}`, prompt: 'x', assert: [{ type: 'contains', value: 'hello' }] }),
    );
    const second = site.publish(GOOD, {}, { suite: many.join('\n') });
    const slow = startTab(site, store, undefined, { gateTimeoutMs: 500 });
    // All questions to both together take far longer than one may.
    slow.runtime.answersAfterMs = 60;
    expect(await apply(slow)).toMatchObject([{ revision: second, result: 'activated' }]);
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
    site.publish(good, {}, { task });
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
