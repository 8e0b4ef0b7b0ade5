import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatMessage, GenerateRequest, GenerateResult, ReadAheadRequest } from '../ports/generation.ts';
import { readAhead } from './readAhead.ts';
import { askToy, createToy, END, type Toy } from './testing/toyModel.ts';
import type { TextModel } from './textModel.ts';

const ANSWER_BEGINS = 7;
const never = new AbortController().signal;

/** A chat model: each turn ends with the end token, and its template then writes where the answer begins. */
function createChat(options: Parameters<typeof createToy>[0] = {}): Toy {
  const toy = createToy({ contextLength: 400, feelsBlocks: true, turnEnds: [END], ...options });
  const letter = (each: string) => (/[a-z]/.test(each) ? each.charCodeAt(0) - 97 : each.charCodeAt(0) % 26);
  return {
    ...toy,
    get open() {
      return toy.open;
    },
    tokenizer: {
      ...toy.tokenizer,
      chat: (messages) => [...messages.flatMap(({ content }) => [...[...content].map(letter), END]), ANSWER_BEGINS],
    },
  };
}

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

const ask = (toy: Toy, messages: readonly ChatMessage[], change: Partial<GenerateRequest> = {}) =>
  askToy(toy, { kind: 'chat', messages }, change);

async function read(toy: TextModel, request: ReadAheadRequest, signal = never): Promise<number[]> {
  const pieces: number[] = [];
  await readAhead(toy, request, { signal, onRead: (tokens) => pieces.push(tokens) });
  return pieces;
}

const QUESTION = user('abcabcabcabcabcabcabcabcabcabcabcabc');

describe('reading ahead', () => {
  it('leaves the next turn nothing to evaluate but its question, which has the same scores to the bit', async () => {
    const toy = createChat();
    const { text } = await ask(toy, [QUESTION]);
    const next = [QUESTION, assistant(text), user('xyz')];
    // The question was kept when it was asked: what is read is the answer.
    expect(await read(toy, { messages: [QUESTION], answer: text })).toEqual([text.length + 1]);
    const before = toy.calls.length;
    const warm = await ask(toy, next, { maxTokens: 1 });
    expect(toy.calls.slice(before)).toEqual([[23, 24, 25, END, ANSWER_BEGINS]]);
    expect(warm.cachedTokens).toBe(warm.promptTokens - 5);
    const cold = await ask(createChat(), next, { maxTokens: 1 });
    expect([warm.text, warm.logprobs]).toEqual([cold.text, cold.logprobs]);
    expect(toy.open).toBe(0);
  });

  it('gives every turn of any conversation the scores that it has without', async () => {
    const words = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.array(words, { minLength: 1, maxLength: 4 }), fc.nat(3), async (questions, maxTokens) => {
        const toy = createChat();
        const messages: ChatMessage[] = [];
        for (const question of questions) {
          messages.push(user(question));
          const warm = await ask(toy, messages, { maxTokens: maxTokens + 1 });
          const cold = await ask(createChat(), messages, { maxTokens: maxTokens + 1 });
          expect([warm.text, warm.logprobs]).toEqual([cold.text, cold.logprobs]);
          const before = messages.reduce((sum, { content }) => sum + content.length + 1, 0) - question.length - 1;
          expect(warm.cachedTokens).toBeGreaterThanOrEqual(before);
          await read(toy, { messages, answer: warm.text });
          messages.push(assistant(warm.text));
        }
        expect(toy.open).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('is left between two blocks, and the next turn uses what was read until then', async () => {
    const abort = new AbortController();
    let steps = 0;
    const toy = createChat({
      beforeStep: async () => {
        steps += 1;
        if (steps === 2) abort.abort();
      },
    });
    const history = [user('a'.repeat(50)), assistant('b'.repeat(50)), user('c'.repeat(50))];
    await expect(read(toy, { messages: history, answer: 'ddd' }, abort.signal)).rejects.toThrow();
    expect(toy.open).toBe(0);
    const { cachedTokens } = await ask(toy, [...history, assistant('ddd'), user('e')]);
    expect(cachedTokens).toBe(102);
  });

  it('leaves the block that is under way to whoever asks meanwhile: it is not evaluated twice', async () => {
    const abort = new AbortController();
    let next: Promise<GenerateResult> | undefined;
    const history = [user('a'.repeat(50)), assistant('b'.repeat(50))];
    const toy: Toy = createChat({
      beforeStep: async () => {
        if (next) return;
        next = ask(toy, [...history, user('c')], { maxTokens: 1 });
        abort.abort();
      },
    });
    await expect(read(toy, { messages: [history[0] ?? user('')], answer: 'b'.repeat(50) }, abort.signal)).rejects.toThrow();
    expect((await next)?.cachedTokens).toBe(51);
    expect(toy.calls.map(({ length }) => length)).toEqual([51, 51, 3]);
  });

  it('shares nothing between salts', async () => {
    const toy = createChat();
    await read(toy, { messages: [QUESTION], answer: 'abc', cacheSalt: 'guest' });
    const next = [QUESTION, assistant('abc'), user('xyz')];
    expect((await ask(toy, next)).cachedTokens).toBe(0);
    expect((await ask(toy, next, { cacheSalt: 'guest' })).cachedTokens).toBe(QUESTION.content.length + 1 + 4);
  });

  it('does nothing where the next turn has no room, nor where blocks hold all that lies before them', async () => {
    const toy = createChat();
    expect(await read(toy, { messages: [user('a'.repeat(390))], answer: 'b'.repeat(20) })).toEqual([]);
    expect(await read(toy, { messages: [QUESTION], answer: 'b', contextLength: 20 })).toEqual([]);
    const { keepsBlocksApart: _, ...model } = toy.model;
    expect(await read({ ...toy, model }, { messages: [QUESTION], answer: 'b' })).toEqual([]);
    expect(toy.calls).toEqual([]);
  });
});
