import { beforeAll, describe, expect, test } from 'vitest';
import { fp32, q4 } from '../forge/weightFormats.ts';
import type { ChatMessage, GenerateRequest, GenerateResult } from '../ports/generation.ts';
import { createCacheRoom } from './cacheRoom.ts';
import type { CausalModel } from './causalModel.ts';
import { createGpuModel } from './gpuModel.ts';
import type { Grammars } from './grammars.ts';
import { ModelFiles } from './modelFiles.ts';
import { loadOrt, type Ort } from './ort.ts';
import { createPrefixes } from './prefixes.ts';
import { readAhead } from './readAhead.ts';
import { createSession } from './session.ts';
import { createSessionModel } from './sessionModel.ts';
import { inShortCalls, longestSoundCallOn } from './shortCalls.ts';
import { CONTEXT_LENGTH, tinyDecoder } from './testing/tinyDecoder.ts';
import { generateText } from './textGeneration.ts';
import type { TextModel } from './textModel.ts';
import { scoreText } from './textScore.ts';
import { loadTokenizer, type TextTokenizer } from './tokenizer.ts';
import { createTurns } from './turns.ts';
import { GPU_CALLS, warmUp } from './warmUp.ts';

const WORDS = 32;
const END = 2;
const never = new AbortController().signal;
const NO_GRAMMARS: Grammars = {
  begin: () => {
    throw new Error('no grammar was expected');
  },
};

let onGpu: CausalModel;
/** With weights of 32 bits, which both can look rows up in. */
let plain: { readonly onGpu: CausalModel; readonly onProcessor: CausalModel };
let tokenizer: TextTokenizer;
/** Labels of the shaders that were compiled since it was last emptied. */
const compiled: string[] = [];

/** Such as a browser loads that cannot suspend WebAssembly, with a GPU: Firefox and Safari. */
beforeAll(async () => {
  const compile = GPUDevice.prototype.createShaderModule;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    compiled.push(descriptor.label ?? '');
    return compile.call(this, descriptor);
  };
  const ort: Ort = await loadOrt('asyncify', 1);
  const loadOnGpu = async (files: ModelFiles): Promise<CausalModel> => {
    const session = await createSession(ort, files, { device: 'webgpu', options: { preferredOutputLocation: 'gpu-buffer' } });
    const device = await ort.env.webgpu.device;
    // As a worker does it.
    return inShortCalls(
      createGpuModel(ort, session, device, { vocabularySize: WORDS, contextLength: CONTEXT_LENGTH, canScoreEach: true }),
      longestSoundCallOn(device),
    );
  };
  const [files, plainFiles] = [q4, fp32].map((format) => new ModelFiles('tiny', tinyDecoder(format).files));
  if (!files || !plainFiles) throw new Error('a format is missing');
  onGpu = await loadOnGpu(files);
  plain = {
    onGpu: await loadOnGpu(plainFiles),
    onProcessor: createSessionModel(ort, await createSession(ort, plainFiles, { device: 'wasm' }), WORDS),
  };
  tokenizer = await loadTokenizer(files);
});

/** A chat model without anything in its cache, whose turns end with a token of their own. */
function createChat(model: CausalModel): TextModel {
  return {
    model,
    prefixes: createPrefixes(model, CONTEXT_LENGTH),
    grammars: NO_GRAMMARS,
    turns: createTurns(),
    cacheRoom: createCacheRoom(),
    tokenizer: {
      ...tokenizer,
      chat: (messages) => messages.flatMap(({ content }) => [...tokenizer.encode(content), END]),
    },
    contextLength: CONTEXT_LENGTH,
    breathe: async () => undefined,
    eosTokenIds: new Set([END]),
    cuts: { sinkTokens: new Set(), turnEnds: new Set([END]), lead: [] },
  };
}

const ask = (chat: TextModel, messages: readonly ChatMessage[], change: Partial<GenerateRequest> = {}): Promise<GenerateResult> =>
  generateText(
    chat,
    {
      ...{ input: { kind: 'chat', messages }, temperature: 1, topP: 1, topK: 0, repetitionPenalty: 1, seed: 7, stop: [] },
      ...{ maxTokens: 6, logprobs: 3, logitBias: [[END, -100]], ...change },
    },
    { signal: never, onPiece: async () => undefined },
  );

const system = (content: string): ChatMessage => ({ role: 'system', content });
const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });
const letters = (count: number, seed: number) =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(67 + ((i * 7 + seed) % 20))).join('');

test('the build for browsers that cannot suspend WebAssembly computes on a GPU what it computes on the processor', async () => {
  const [own, other] = [plain.onGpu.start(), plain.onProcessor.start()];
  // Long enough for each of the kernels that compute attention.
  for (const count of [2, 1, 24, 31, 64, 5, 1]) {
    const ids = Array.from({ length: count }, (_, i) => 1 + ((i * 11) % (WORDS - 1)));
    const mine = (await own.forward(ids)).slice();
    const theirs = await other.forward(ids);
    for (const [i, score] of mine.entries()) expect(score).toBeCloseTo(theirs[i] ?? Number.NaN, 3);
  }
  own.release();
  other.release();
});

test('a text is scored on a GPU in as few calls as it takes, with the scores of reading it token by token', async () => {
  const runs: number[] = [];
  const watched = (model: CausalModel): CausalModel => ({
    ...model,
    start() {
      const sequence = model.start();
      return {
        ...sequence,
        forward: async (ids, isScored) => {
          runs.push(ids.length);
          return sequence.forward(ids, isScored);
        },
        ...(sequence.forwardEach
          ? {
              forwardEach: async (ids, read) => {
                runs.push(ids.length);
                await sequence.forwardEach?.(ids, read);
              },
            }
          : {}),
      };
    },
  });
  const words = letters(70, 4);
  const tokens = tokenizer.encode(words).length;
  const score = (model: CausalModel) => scoreText({ ...createChat(watched(model)), contextLength: CONTEXT_LENGTH }, words, never, {});
  for (const model of [onGpu, plain.onGpu]) {
    runs.length = 0;
    const atOnce = await score(model);
    expect(runs).toEqual([tokens - 1]);
    runs.length = 0;
    const { forwardEach: _, ...single } = model.start();
    const inTurn = await score({ ...model, start: () => single });
    expect(runs).toEqual(new Array(tokens - 1).fill(1));
    expect(atOnce.nll).toBeCloseTo(inTurn.nll, 3);
    expect(atOnce.top).toEqual(inTurn.top);
  }
  expect((await score(plain.onGpu)).nll).toBeCloseTo((await score(plain.onProcessor)).nll, 3);
});

describe('a chat on a GPU', () => {
  const INSTRUCTIONS = system(letters(50, 1));

  test('shares its instructions with another one, and answers the same to the last digit as without', async () => {
    const chat = createChat(onGpu);
    expect((await ask(chat, [INSTRUCTIONS, user(letters(20, 2))])).cachedTokens).toBe(0);
    const other = [INSTRUCTIONS, user(letters(30, 3))];
    const warm = await ask(chat, other);
    expect(warm.cachedTokens).toBe(51);
    const cold = await ask(createChat(onGpu), other);
    expect(cold.cachedTokens).toBe(0);
    expect([warm.text, warm.logprobs]).toEqual([cold.text, cold.logprobs]);
    chat.prefixes.clear();
  });

  test('is read ahead, so that a next turn reads its question only, turn after turn, with the same answers to the last digit', async () => {
    const chat = createChat(onGpu);
    const messages = [INSTRUCTIONS];
    for (let turn = 0; turn < 4; turn++) {
      messages.push(user(letters(34 + turn, turn)));
      const warm = await ask(chat, messages);
      const own = (messages.at(-1)?.content.length ?? 0) + 1;
      if (turn > 0) expect(warm.promptTokens - (warm.cachedTokens ?? 0)).toBe(own);
      const cold = await ask(createChat(onGpu), messages);
      expect([warm.text, warm.logprobs]).toEqual([cold.text, cold.logprobs]);
      await readAhead(chat, { messages, answer: warm.text }, { signal: never, onRead: () => undefined });
      messages.push(assistant(warm.text));
      // One room however often it was outgrown: a token is kept once, whichever turns begin with it, and its scores where a prompt ended there.
      const tokens = messages.reduce((sum, { content }) => sum + content.length + 1, 0);
      expect(chat.prefixes.sizeBytes).toBeLessThanOrEqual(tokens * onGpu.tokenBytes + (turn + 1) * WORDS * 4);
    }
    chat.prefixes.clear();
  });
});

test('after a warm-up nothing is left to compile, however long a prompt and its parts are', async () => {
  const { ended } = warmUp(createChat(onGpu), GPU_CALLS, 0);
  await ended;
  compiled.length = 0;
  for (const calls of [
    [1, 1],
    [2, 1],
    [3, 5],
    [8, 31],
    [23, 32],
    [33, 1],
    [53, 53],
    [64, 100],
    [128, 127, 128, 1, 17, 1],
  ]) {
    const sequence = onGpu.start();
    for (const [i, count] of calls.entries()) await sequence.forward(new Array<number>(count).fill(3), i === calls.length - 1);
    sequence.release();
  }
  expect(compiled).toEqual([]);
});
