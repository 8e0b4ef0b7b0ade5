import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginningName } from '../core/derived.ts';
import { fp16 } from '../forge/floatFormats.ts';
import { int8 } from '../forge/weightFormats.ts';
import type { GenerateRequest, GenerateResult } from '../ports/generation.ts';
import type { LoadedModel, LoadSpec } from '../ports/runtime.ts';
import { createCacheRoom } from './cacheRoom.ts';
import { createGrammars } from './grammars.ts';
import { ModelFiles } from './modelFiles.ts';
import { loadOrt } from './ort.ts';
import { createPrefixes } from './prefixes.ts';
import { createSession } from './session.ts';
import { createSessionModel } from './sessionModel.ts';
import { CONTEXT_LENGTH, tinyDecoder, withHalfScores } from './testing/tinyDecoder.ts';
import { sha256 } from './testing/toyModel.ts';
import { generateText } from './textGeneration.ts';
import type { TextModel } from './textModel.ts';
import { scoreText } from './textScore.ts';
import { loadTokenizer } from './tokenizer.ts';
import { createTurns } from './turns.ts';
import { WORTHWHILE_BYTES } from './weightReaders.ts';
import { createWorkerRuntime } from './workerRuntime.ts';

const PROMPT = [1, 7, 30, 4, 4, 19, 2, 11];
/** Sampled, because random weights soon repeat themselves when decoded greedily. */
const SAMPLED: GenerateRequest = {
  input: { kind: 'tokens', ids: PROMPT },
  temperature: 1,
  topP: 1,
  topK: 0,
  repetitionPenalty: 1,
  seed: 1,
  stop: [],
};
const runtime = createWorkerRuntime(() => new Worker(new URL('../../workers/inference.worker.ts', import.meta.url), { type: 'module' }), {
  hold: (name, work) => navigator.locks.request(name, work),
});
const spawnGrammars = () => new Worker(new URL('../../workers/grammar.worker.ts', import.meta.url), { type: 'module' });
const spec = tinyDecoder();

/** The same graph over ONNX Runtime's public API, its weights read whole. */
async function loadByPublicApi(wanted = spec, sinkTokens: readonly number[] = []): Promise<TextModel> {
  const ort = await loadOrt('plain', 1);
  const files = new ModelFiles('tiny', wanted.files);
  const session = await createSession(ort, files, { device: 'wasm' });
  const model = createSessionModel(ort, session, 32);
  return {
    model,
    prefixes: createPrefixes(model, CONTEXT_LENGTH),
    grammars: createGrammars({ spawn: spawnGrammars, tokens: () => [], stopTokenIds: [] }),
    turns: createTurns(),
    cacheRoom: createCacheRoom(),
    tokenizer: await loadTokenizer(files),
    contextLength: CONTEXT_LENGTH,
    breathe: async () => undefined,
    eosTokenIds: new Set<number>(),
    cuts: { sinkTokens: new Set(sinkTokens), turnEnds: new Set(), lead: [] },
  };
}

const generateByPublicApi = async (request: GenerateRequest): Promise<GenerateResult> =>
  generateText(await loadByPublicApi(), request, { signal: new AbortController().signal, onPiece: async () => undefined });

describe('decoding in a worker', () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await runtime.load(spec, {});
  });
  afterAll(() => model.unload());

  test('gives, with its cache in place and its weights read piece by piece, the tokens of the public API up to the end of the context', async () => {
    const { tokenIds, text, finishReason } = await model.generate(SAMPLED, {});
    expect(tokenIds).toHaveLength(CONTEXT_LENGTH - PROMPT.length);
    expect(finishReason).toBe('length');
    expect(await generateByPublicApi(SAMPLED)).toMatchObject({ tokenIds, text });
  });

  test.each(['jspi', 'asyncify'] as const)(
    'gives the same in the %s build, which reads the weights in the same way',
    async (build) => {
      const other = await runtime.load({ ...spec, build }, {});
      const request = { ...SAMPLED, maxTokens: 40 };
      expect((await other.generate(request, {})).tokenIds).toEqual((await model.generate(request, {})).tokenIds);
      other.unload();
    },
    60_000,
  );

  test('tells what it takes: its heap, and with each prompt more of beginnings', async () => {
    const before = await model.memory();
    expect(before.heapBytes).toBeGreaterThan(2 ** 20);
    expect(before.gpuBytes).toBe(0);
    await model.generate({ ...SAMPLED, input: { kind: 'tokens', ids: [3, 1, 4, 1, 5, 9, 2, 6] }, maxTokens: 1 }, {});
    const after = await model.memory();
    expect(after.prefixBytes).toBeGreaterThan(before.prefixBytes);
    expect(after.totalBytes).toBe(after.heapBytes + after.prefixBytes);
  });

  test('answers alike whether a text is a long prompt or was generated', async () => {
    const { tokenIds } = await model.generate({ ...SAMPLED, maxTokens: 400 }, {});
    const next = async (ids: number[]) =>
      (await model.generate({ ...SAMPLED, temperature: 0, input: { kind: 'tokens', ids }, maxTokens: 2 }, {})).tokenIds;
    const prompt = [...PROMPT, ...tokenIds];
    const [first = 0, second] = await next(prompt);
    expect((await next([...prompt, first]))[0]).toBe(second);
  });

  test('scores a text as the public API does, and is as ready as before', async () => {
    const words = 'ABCABCDDEEFFGGHH';
    const { nll, tokens } = await model.score(words, {});
    const other = await scoreText(await loadByPublicApi(), words, new AbortController().signal);
    expect(tokens).toBe(other.tokens);
    expect(tokens).toBeGreaterThan(1);
    expect(nll).toBeCloseTo(other.nll, 4);
    expect((await model.generate({ ...SAMPLED, maxTokens: 5 }, {})).tokenIds).toHaveLength(5);
  });

  test('gives the same scores, to the bit, from a cache as without one, also where the cache had to grow', async () => {
    const long = Array.from({ length: 420 }, (_, i) => 1 + ((i * 7 + (i >> 3)) % 30));
    const ask = (ids: number[], change: Partial<GenerateRequest>) =>
      model.generate({ ...SAMPLED, input: { kind: 'tokens', ids }, maxTokens: 20, logprobs: 3, ...change }, {});
    const cold = await ask(long, { cachePrompt: false });
    expect(cold.cachedTokens).toBe(0);
    const other = [...long.slice(0, 300), 9, 9, 9];
    expect((await ask(other, {})).cachedTokens).toBe(0);
    const half = await ask(long, {});
    expect(half.cachedTokens).toBe(256);
    const whole = await ask(long, {});
    expect(whole.cachedTokens).toBe(420);
    for (const { tokenIds, logprobs } of [half, whole])
      expect({ tokenIds, logprobs }).toEqual({ tokenIds: cold.tokenIds, logprobs: cold.logprobs });
    expect((await ask(long, { cacheSalt: 'another' })).cachedTokens).toBe(0);
  });

  test('the public API shares its tensors in the same way', async () => {
    const text = await loadByPublicApi();
    const request = { ...SAMPLED, input: { kind: 'tokens', ids: [...PROMPT, ...PROMPT] }, maxTokens: 12, logprobs: 2, n: 2 } as const;
    const ask = (change: Partial<GenerateRequest>) =>
      generateText(text, { ...request, ...change }, { signal: new AbortController().signal, onPiece: async () => undefined });
    const cold = await ask({ cachePrompt: false });
    expect((await ask({})).cachedTokens).toBe(0);
    const warm = await ask({});
    expect(warm.cachedTokens).toBe(16);
    expect({ ...warm.others?.[0] }).toEqual({ ...cold.others?.[0] });
    expect(warm.logprobs).toEqual(cold.logprobs);
    expect((await ask({ n: 1, seed: 2 })).tokenIds).toEqual(cold.others?.[0]?.tokenIds);
  });

  test('writes several answers at once, each as it would be alone, and goes on beyond the context', async () => {
    const { tokenIds, others = [] } = await model.generate({ ...SAMPLED, n: 4, maxTokens: 300 }, {});
    expect(others).toHaveLength(3);
    for (const [i, ids] of [tokenIds, ...others.map((other) => other.tokenIds)].entries()) {
      expect((await model.generate({ ...SAMPLED, seed: 1 + i, maxTokens: 300 }, {})).tokenIds).toEqual(ids);
    }
    const shifted = await model.generate({ ...SAMPLED, maxTokens: 1_000, contextShift: { keep: 3 } }, {});
    expect(shifted).toMatchObject({ truncated: true, completionTokens: 1_000 });
    const room = CONTEXT_LENGTH - PROMPT.length;
    expect(shifted.tokenIds.slice(0, room)).toEqual((await model.generate(SAMPLED, {})).tokenIds);
  });

  test('lets an abort in between two tokens and answers the next request', async () => {
    const abort = new AbortController();
    const call = model.generate(SAMPLED, { signal: abort.signal, onPiece: () => abort.abort() });
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    expect((await model.generate({ ...SAMPLED, maxTokens: 5 }, {})).tokenIds).toHaveLength(5);
  });
});

test('of a prompt in many blocks works out the scores behind the last one alone, and they are the same in 8 bits', async () => {
  const sinkTokens = [4, 7];
  const quantised: LoadSpec = { ...tinyDecoder(int8), dtype: 'int8', sinkTokens };
  const request = { ...SAMPLED, maxTokens: 60, logprobs: 3 };
  const small = await runtime.load(quantised, {});
  const { tokenIds, logprobs } = await small.generate(request, {});
  small.unload();
  const text = await loadByPublicApi(quantised, sinkTokens);
  const other = await generateText(text, request, { signal: new AbortController().signal, onPiece: async () => undefined });
  expect({ tokenIds, logprobs }).toEqual({ tokenIds: other.tokenIds, logprobs: other.logprobs });
});

test('a model of 16 bits writes on a processor too, as its lost GPU leaves it, with caches of 16 bits that the next run takes up as they are', async () => {
  const ids = Array.from({ length: 300 }, (_, i) => 1 + ((i * 7 + (i >> 3)) % 30));
  const request = { ...SAMPLED, input: { kind: 'tokens', ids }, maxTokens: 20, logprobs: 3 } as const;
  const words = 'ABCABCDDEEFFGGHH';
  const load = (format?: typeof fp16) => runtime.load(format ? { ...tinyDecoder(format), dtype: 'fp16' } : spec, {});
  const beginningIn = async (model: LoadedModel) => {
    const beginning = await model.beginningOf(request.input);
    return { beginning, bytes: (await model.exportBeginning(beginning, '')) ?? new Uint8Array() };
  };
  const [full, half] = [await load(), await load(fp16)];
  expect([full.report.cacheType, half.report.cacheType]).toEqual(['float32', 'float16']);
  expect((await half.score(words, {})).nll).toBeCloseTo((await full.score(words, {})).nll, 2);
  await full.generate(request, {});
  const cold = await half.generate(request, {});
  const [wide, narrow] = [await beginningIn(full), await beginningIn(half)];
  expect(narrow.bytes.length).toBeGreaterThan(0);
  expect(narrow.bytes.length).toBe(wide.bytes.length / 2);
  full.unload();
  half.unload();

  const next = await load(fp16);
  // Key-values of 32 bits are nothing to it.
  const key = await sha256(new TextEncoder().encode(beginningName('tiny', '', narrow.beginning)));
  const tokens = narrow.beginning.length;
  // Bytes are moved, and have no length then.
  const sizeBytes = narrow.bytes.length;
  const restored = async (bytes: Uint8Array<ArrayBuffer>) => next.restoreBeginnings([{ key, tokens, bytes }], 'tiny');
  expect(await restored(wide.bytes)).toEqual([key]);
  expect((await next.memory()).prefixBytes).toBe(0);
  expect(await restored(narrow.bytes)).toEqual([]);
  // There before anybody asks.
  expect((await next.memory()).prefixBytes).toBe(sizeBytes);
  const other = await next.generate({ ...request, cacheSalt: 'https://guest.example', maxTokens: 1 }, {});
  expect(other.cachedTokens).toBe(0);
  const warm = await next.generate(request, {});
  next.unload();
  expect(warm.cachedTokens).toBe(narrow.beginning.length);
  expect({ tokenIds: warm.tokenIds, logprobs: warm.logprobs }).toEqual({ tokenIds: cold.tokenIds, logprobs: cold.logprobs });
});

test.each(['plain', 'jspi'] as const)(
  'a graph of another maker whose scores are of 16 bits writes the same, in the %s build',
  async (build) => {
    const request = { ...SAMPLED, temperature: 0, maxTokens: 20, logprobs: 3 };
    const write = async (wanted: LoadSpec) => {
      const model = await runtime.load({ ...wanted, build }, {});
      const { tokenIds, logprobs } = await model.generate(request, {});
      model.unload();
      return { tokenIds, first: logprobs?.[0]?.logprob ?? Number.NaN };
    };
    const [full, half] = [await write(spec), await write(await withHalfScores(spec))];
    expect(half.tokenIds).toEqual(full.tokenIds);
    expect(half.first).toBeCloseTo(full.first, 2);
  },
);

test('gives the same where workers read the weights into the heap beside each other, as they do with large ones', async () => {
  const padding = new Blob([new Uint8Array(WORTHWHILE_BYTES)]);
  const files = spec.files.map((file) => (file.path.endsWith('_data') ? { ...file, blob: new Blob([file.blob, padding]) } : file));
  const large = await runtime.load({ ...spec, files, threads: 2 }, {});
  expect(large.report.weightReaders).toBeGreaterThan(1);
  const { tokenIds } = await large.generate(SAMPLED, {});
  expect((await generateByPublicApi(SAMPLED)).tokenIds).toEqual(tokenIds);
  large.unload();
});

test('weights that are missing are named as a damaged installation', async () => {
  const files = spec.files.filter((file) => !file.path.endsWith('_data'));
  await expect(runtime.load({ ...spec, files }, {})).rejects.toMatchObject({ code: 'installation_damaged' });
});
