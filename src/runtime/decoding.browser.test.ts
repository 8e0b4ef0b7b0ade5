import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GenerateRequest, GenerateResult, LoadedModel } from '../ports/runtime.ts';
import { ModelFiles } from './modelFiles.ts';
import { loadOrt } from './ort.ts';
import { createSession } from './session.ts';
import { createSessionModel } from './sessionModel.ts';
import { CONTEXT_LENGTH, tinyDecoder } from './testing/tinyDecoder.ts';
import { generateText, type TextModel } from './textGeneration.ts';
import { scoreText } from './textScore.ts';
import { loadTokenizer } from './tokenizer.ts';
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
const spec = tinyDecoder();

/** The same graph over ONNX Runtime's public API, its weights read whole. */
async function loadByPublicApi(): Promise<TextModel> {
  const ort = await loadOrt('plain', 1);
  const files = new ModelFiles('tiny', spec.files);
  const session = await createSession(ort, files, { build: 'asyncify', device: 'wasm' });
  return {
    model: createSessionModel(ort, session, 32),
    tokenizer: await loadTokenizer(files),
    contextLength: CONTEXT_LENGTH,
    breathe: async () => undefined,
    eosTokenIds: new Set<number>(),
    sinkTokens: new Set<number>(),
  };
}

const generateByPublicApi = async (request: GenerateRequest): Promise<GenerateResult> =>
  generateText(await loadByPublicApi(), request, { signal: new AbortController().signal, onPiece: async () => undefined });

describe('decoding in a worker', () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await runtime.load(spec, {});
  }, 60_000);
  afterAll(() => model.unload());

  test('gives, with its cache in place and its weights read piece by piece, the tokens of the public API up to the end of the context', async () => {
    const { tokenIds, text, finishReason } = await model.generate(SAMPLED, {});
    expect(tokenIds).toHaveLength(CONTEXT_LENGTH - PROMPT.length);
    expect(finishReason).toBe('length');
    expect(await generateByPublicApi(SAMPLED)).toMatchObject({ tokenIds, text });
  }, 60_000);

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
  }, 60_000);

  test('lets an abort in between two tokens and answers the next request', async () => {
    const abort = new AbortController();
    const call = model.generate(SAMPLED, { signal: abort.signal, onPiece: () => abort.abort() });
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
    expect((await model.generate({ ...SAMPLED, maxTokens: 5 }, {})).tokenIds).toHaveLength(5);
  });
});

test('weights that are missing are named as a damaged installation', async () => {
  const files = spec.files.filter((file) => !file.path.endsWith('_data'));
  await expect(runtime.load({ ...spec, files }, {})).rejects.toMatchObject({ code: 'installation_damaged' });
});
