import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { isAbort, SillError } from '../../core/errors.ts';
import { type ModelId, parseDigest } from '../../core/ids.ts';
import { variantOf } from '../../core/manifest.ts';
import { PLAIN_REPORT, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import { matchesPattern } from '../../platform/linearRegex.ts';
import { checkSchema } from '../../platform/schemaCheck.ts';
import type { GenerateRequest } from '../../ports/generation.ts';
import type { LoadedModel } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { EvaluationProgress } from '../../protocol/evaluations.ts';
import { EVALUATION_LOCK } from '../../protocol/locks.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createDeviceService } from '../device/device.ts';
import { createHub } from '../hub.ts';
import type { Session } from '../sessions/session.ts';
import { PROMPT_READING } from '../testing/promptReading.ts';
import { refusingModel } from '../testing/refusingModel.ts';
import { createFakeLocks, putModel } from '../testing/storeFixture.ts';
import { createEvaluations, type Evaluations } from './evaluations.ts';
import { createSuites } from './suites.ts';

const never = new AbortController().signal;
const locks = createFakeLocks();
let store: Store;
let id: ModelId;
let says: (prompt: string) => string;
let asked: string[];
let requests: Array<Omit<GenerateRequest, 'input'>>;
let beforeEachCase: () => void | Promise<void>;
let monotonicMs: number;
/** Loaded beside the running revision. */
let beside: { loaded: number; unloaded: number };

const CASES = ['a', 'b', 'c'].map((name) => ({ id: name, prompt: name, assert: [{ type: 'equals', value: name.toUpperCase() }] }));
const jsonl = (cases: readonly object[]) => cases.map((it) => JSON.stringify(it)).join('\n');

beforeEach(async () => {
  store = createMemoryStore();
  ({ modelId: id } = await putModel(store, { model: 'tiny', parts: ['weights'] }));
  says = (prompt) => prompt.toUpperCase();
  [asked, beforeEachCase, monotonicMs, beside] = [[], () => undefined, 0, { loaded: 0, unloaded: 0 }];
  requests = [];
  locks.held.clear();
  await store.suites.put({ id: 'own', text: jsonl(CASES), savedAtMs: 0 });
});

const model = (): LoadedModel => ({
  ...refusingModel({ loadMs: 1, build: 'plain', device: 'wasm', threads: 2 }),
  async generate({ input, ...request }) {
    requests.push(request);
    const prompt = input.kind === 'text' ? input.text : '';
    asked.push(prompt);
    monotonicMs += 2000;
    return {
      ...{ text: says(prompt), tokenIds: [], finishReason: 'stop', promptTokens: 1, completionTokens: 3 },
      ...{ ttftMs: 1, prefillMs: 1, decodeMs: 1 },
    } as const;
  },
});

function evaluations(over: Partial<Store> = {}, maxRuns?: number): Evaluations {
  const clock = { now: () => 1_000_000, monotonicMs: () => monotonicMs };
  const hub = createHub({ send: () => undefined, listen: () => undefined }, clock);
  const digests = {
    sha256: async (data: ArrayBuffer | Uint8Array) =>
      parseDigest(`sha256:${createHash('sha256').update(new Uint8Array(data)).digest('hex')}`),
  };
  const used = { ...store, ...over };
  let ids = 0;
  return createEvaluations({
    ...{ store: used, clock, hub, locks, suites: createSuites({ store: used, digests, clock, hub }) },
    random: { uint32: () => 1, uuid: () => `run-${++ids}-${Math.random().toString(36).slice(2, 8)}` },
    runtime: {
      prepare: () => undefined,
      load: async () => {
        beside.loaded += 1;
        return {
          ...model(),
          unload() {
            beside.unloaded += 1;
          },
        };
      },
    },
    assets: { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 1 },
    device: createDeviceService(async () => PLAIN_REPORT, PLAIN_STORAGE),
    sessions: {
      makeRoom: async () => () => undefined,
      async use(_id, signal, work) {
        await beforeEachCase();
        signal.throwIfAborted();
        const installed = (await store.models.slots(id))?.active ?? expect.fail();
        const manifest = (await store.models.manifest(installed.revision)) ?? expect.fail();
        const session: Session = {
          model: model(),
          manifest,
          variant: variantOf(manifest, installed.variant),
          installed,
          form: { device: 'wasm', threads: 2 },
        };
        return work(session, undefined, PROMPT_READING);
      },
    },
    loadMatcher: async () => matchesPattern,
    loadSchemaCheck: async () => checkSchema,
    versions: { sill: '0.1.0', onnxruntime: '1' },
    ...(maxRuns === undefined ? {} : { maxRuns }),
  });
}

const begin = (of = evaluations(), signal = never, resume?: string) => {
  const told: EvaluationProgress[] = [];
  const call = { signal, client: 'tab', onProgress: (progress: EvaluationProgress) => void told.push(progress) };
  return { told, ended: resume === undefined ? of.run({ model: id, suite: 'own' }, call) : of.resume(resume, call) };
};

describe('a run of a suite', () => {
  it('judges each case, tells how far it is, and is kept with what came of each', async () => {
    says = (prompt) => (prompt === 'b' ? 'Bee' : prompt.toUpperCase());
    const { told, ended } = begin();
    const run = await ended;
    expect(run).toMatchObject({ state: 'complete', number: 1, tookMs: 6000, place: { threads: 2 }, suite: { cases: 3 } });
    expect(run.verdicts.map(({ pass }) => pass)).toEqual([true, false, true]);
    expect(told.findLast(({ phase, done }) => phase === 'running' && done === 2)).toMatchObject({
      passed: 1,
      total: 3,
      caseId: 'c',
      secondsLeft: 2,
    });
    const { cases } = await evaluations().get(run.id);
    expect(cases.map(({ output }) => output)).toEqual(['A', 'Bee', 'C']);
    expect(cases[1]?.asserts).toMatchObject([{ type: 'equals', pass: false, seen: { output: 'Bee', wanted: 'B' } }]);
  });

  it('asks greedily, and draws where a case says how', async () => {
    const drawn = { temperature: 0.8, top_p: 0.9, top_k: 40, min_p: 0.05, seed: 7, presence_penalty: 1, frequency_penalty: 0.5 };
    await store.suites.put({ id: 'own', text: jsonl([{ ...CASES[0], ...drawn }, CASES[1] ?? {}]), savedAtMs: 0 });
    const run = await begin().ended;
    expect(requests[0]).toMatchObject({
      ...{ temperature: 0.8, topP: 0.9, topK: 40, minP: 0.05, seed: 7, presencePenalty: 1, frequencyPenalty: 0.5 },
      repetitionPenalty: 1,
    });
    expect(requests[1]).toEqual({ maxTokens: 48, temperature: 0, topP: 1, topK: 0, repetitionPenalty: 1, seed: 0, stop: [] });
    expect((await evaluations().get(run.id)).cases[0]?.asked).toMatchObject(drawn);
  });

  it('that is paused goes on behind its last case, and asks none twice', async () => {
    const abort = new AbortController();
    beforeEachCase = () => (asked.length === 2 ? abort.abort() : undefined);
    await expect(begin(evaluations(), abort.signal).ended).rejects.toSatisfy(isAbort);
    const [paused] = (await evaluations().list()).runs;
    expect(paused).toMatchObject({ state: 'stopped', verdicts: [{ id: 'a' }, { id: 'b' }] });
    beforeEachCase = () => undefined;
    const run = await begin(evaluations(), never, paused?.id).ended;
    expect(run).toMatchObject({ id: paused?.id, state: 'complete', tookMs: 6000 });
    expect(run).not.toHaveProperty('error');
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  it('keeps what was judged where storage is full in its middle, says so, and goes on when there is room', async () => {
    let room = 2;
    const full: Store['evaluations'] = {
      ...store.evaluations,
      async put(run, cases = []) {
        if (cases.length > 0 && room-- <= 0) throw new SillError('quota_exceeded', 'Full.');
        await store.evaluations.put(run, cases);
      },
    };
    await expect(begin(evaluations({ evaluations: full })).ended).rejects.toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining('Judged and kept: 2 of 3 cases.'),
      details: { done: 2, total: 3 },
    });
    const [failed] = (await evaluations().list()).runs;
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'quota_exceeded' }, verdicts: [{ id: 'a' }, { id: 'b' }] });
    expect((await evaluations().get(failed?.id ?? '')).cases).toHaveLength(2);
    expect(await begin(evaluations(), never, failed?.id).ended).toMatchObject({ state: 'complete', verdicts: [{}, {}, { id: 'c' }] });
  });

  it('that died with its tab is told of as interrupted, and what another version of the app wrote is counted', async () => {
    const run = await begin().ended;
    await store.evaluations.put({ ...run, ...{ state: 'running' } });
    const later = { ...run, ...{ id: 'later', schema: 2 } };
    await store.evaluations.put(later);
    expect(await evaluations().list()).toMatchObject({ runs: [{ state: 'interrupted' }], unreadable: 1 });
    // While another one runs it is not taken for that one.
    const states: unknown[] = [];
    beforeEachCase = async () => void states.push((await evaluations().list()).runs.map(({ state }) => state));
    await begin().ended;
    expect(states[0]).toEqual(['running', 'interrupted']);
    await expect(evaluations().get('later')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('does not go on with a suite that was edited, nor where all was judged', async () => {
    const run = await begin().ended;
    await expect(begin(evaluations(), never, run.id).ended).rejects.toThrow(/all of its cases were judged/);
    await store.evaluations.put({ ...run, ...{ state: 'stopped' } });
    await store.suites.put({ id: 'own', text: jsonl(CASES.slice(1)), savedAtMs: 1 });
    await expect(begin(evaluations(), never, run.id).ended).rejects.toThrow(/its suite was changed since it began/);
  });

  it.each([
    ['removed', 'model_not_installed', () => store.models.remove(id, 1)],
    ['replaced', 'busy', () => putModel(store, { model: 'tiny', parts: ['newer'] })],
  ] as const)('whose model is %s under it ends with the reason, and what was judged is kept', async (_how, code, change) => {
    beforeEachCase = async () => {
      if (asked.length === 1) await change();
    };
    await expect(begin().ended).rejects.toMatchObject({ code });
    expect((await evaluations().list()).runs).toMatchObject([{ state: 'failed', verdicts: [{ id: 'a' }], error: { code } }]);
  });

  it('is alone on the device, and needs a model that embeds where meanings are compared', async () => {
    locks.held.set(EVALUATION_LOCK, 1);
    await expect(begin().ended).rejects.toMatchObject({ code: 'busy' });
    locks.held.clear();
    await store.suites.put({ id: 'own', text: jsonl([{ id: 'a', prompt: 'a', assert: [{ type: 'similar', value: 'b' }] }]), savedAtMs: 1 });
    await expect(begin().ended).rejects.toMatchObject({ code: 'model_not_installed', details: { needs: 'feature-extraction' } });
    expect((await evaluations().list()).runs).toEqual([]);
  });
});

describe('another revision than the running one', () => {
  it('is loaded beside it once, for the whole run, and unloaded at its end', async () => {
    const first = (await store.models.slots(id))?.active?.revision ?? expect.fail();
    await putModel(store, { model: 'tiny', parts: ['newer'], atMs: 1 });
    const of = evaluations();
    const call = { signal: never, client: 'tab', onProgress: () => undefined };
    const before = await of.run({ model: id, suite: 'own', revision: first }, call);
    expect(before).toMatchObject({ state: 'complete', model: { revision: first }, verdicts: [{}, {}, {}] });
    expect(beside).toEqual({ loaded: 1, unloaded: 1 });
    const now = await of.run({ model: id, suite: 'own' }, call);
    expect(now.model.revision).not.toBe(first);
    expect(beside.loaded).toBe(1);
    expect(await of.compare(before.id, now.id)).toMatchObject({ sameSuite: true, retention: { passedBefore: 3, retained: 3 } });
    await expect(of.run({ model: id, suite: 'own', revision: `sha256:${'0'.repeat(64)}` }, call)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});

describe('runs', () => {
  it('have one baseline in each series', async () => {
    const [first, second] = [await begin().ended, await begin().ended];
    await evaluations().setBaseline(first.id, true);
    await evaluations().setBaseline(second.id, true);
    expect((await evaluations().list()).runs.map(({ baseline }) => baseline)).toEqual([true, undefined]);
    await evaluations().setBaseline(second.id, false);
    expect((await evaluations().list()).runs.map(({ baseline }) => baseline)).toEqual([undefined, undefined]);
  });

  it('are carried in a file, whole or not at all, and come back to their place', async () => {
    const [first] = [await begin().ended, await begin().ended];
    const file = await evaluations().export([first.id]);
    await evaluations().remove([first.id]);
    expect(await evaluations().import(file)).toEqual({ added: 1, replaced: 0, leftOut: 0 });
    expect((await evaluations().list()).runs.map(({ number }) => number)).toEqual([2, 1]);
    expect((await evaluations().get(first.id)).cases).toHaveLength(3);
    for (const [broken, why] of [
      ['{"format":', /cut off or damaged/],
      [(await file.text()).replace('"version":1', '"version":9'), /another version of Sill wrote it/],
      [(await file.text()).replace('"score":1', '"score":"one"'), /at runs\.0/],
    ] as const) {
      await expect(evaluations().import(new Blob([broken]))).rejects.toThrow(why);
    }
    expect((await evaluations().list()).runs).toHaveLength(2);
  });

  it('keep the marks that are here when a file is read, and bring their own where their series has none', async () => {
    const [first, second] = [await begin().ended, await begin().ended];
    const marks = async () => (await evaluations().list()).runs.map(({ baseline }) => baseline);
    const plain = await evaluations().export([first.id]);
    await evaluations().setBaseline(first.id, true);
    const marked = await evaluations().export([first.id]);

    await evaluations().import(plain);
    expect(await marks()).toEqual([undefined, true]);
    await evaluations().remove([first.id]);
    await evaluations().import(marked);
    expect(await marks()).toEqual([undefined, true]);

    await evaluations().remove([first.id]);
    await evaluations().setBaseline(second.id, true);
    await evaluations().import(marked);
    expect(await marks()).toEqual([true, undefined]);
    await evaluations().setBaseline(second.id, false);
    await evaluations().import(marked);
    expect(await marks()).toEqual([undefined, undefined]);
  });

  it('of a file that has more than are kept take the place of none that is here', async () => {
    const [oldest, older, latest] = [await begin().ended, await begin().ended, await begin().ended];
    const all = await evaluations().export();
    await evaluations().remove([oldest.id, older.id, latest.id]);
    const own = await begin().ended;
    const few = evaluations({}, 2);
    expect(await few.import(all)).toEqual({ added: 1, replaced: 0, leftOut: 2 });
    expect((await few.list()).runs.map(({ id: of }) => of).sort()).toEqual([own.id, latest.id].sort());
    expect(await few.import(all)).toEqual({ added: 0, replaced: 1, leftOut: 2 });
  });

  it('of a file that storage has no room for stay out, all of them', async () => {
    const [first, second] = [await begin().ended, await begin().ended];
    const file = await evaluations().export();
    await evaluations().remove([first.id, second.id]);
    let writes = 0;
    const fillsUp = <Args extends unknown[]>(write: (...args: Args) => Promise<void>) => {
      return async (...args: Args) => {
        writes += 1;
        if (writes > 1 || JSON.stringify(args).includes(second.id)) throw new SillError('quota_exceeded', 'Storage is full.');
        await write(...args);
      };
    };
    const full = { ...store.evaluations, put: fillsUp(store.evaluations.put), putAll: fillsUp(store.evaluations.putAll) };
    await expect(evaluations({ evaluations: full }).import(file)).rejects.toMatchObject({ code: 'quota_exceeded' });
    expect((await evaluations().list()).runs).toEqual([]);
  });
});
