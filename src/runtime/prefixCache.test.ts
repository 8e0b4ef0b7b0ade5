import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginningName } from '../core/derived.ts';
import type { GenerateRequest } from '../ports/generation.ts';
import { beginningOf, exportBeginning } from './keptBeginnings.ts';
import { prefill } from './prefill.ts';
import { askToy, BEGIN, createToy, sha256, type Toy } from './testing/toyModel.ts';

const SINKS = [BEGIN, 2];
const signal = new AbortController().signal;

const ask = (toy: Toy, text: string, change: Partial<GenerateRequest> = {}) => askToy(toy, { kind: 'text', text }, change);

const fresh = () => createToy({ sinkTokens: SINKS, contextLength: 400, feelsBlocks: true });

describe('the prefix cache', () => {
  it('evaluates only what no earlier prompt began with, in whole blocks', async () => {
    const toy = fresh();
    expect((await ask(toy, 'abcdefchi', { maxTokens: 1 })).cachedTokens).toBe(0);
    const before = toy.calls.length;
    expect((await ask(toy, 'abcdefcjkl', { maxTokens: 1 })).cachedTokens).toBe(8);
    expect(toy.calls.slice(before)).toEqual([[9, 10, 11]]);
  });

  it('evaluates nothing of a prompt that came before', async () => {
    const toy = fresh();
    const first = await ask(toy, 'abcdefchi', { maxTokens: 1 });
    const before = toy.calls.length;
    const again = await ask(toy, 'abcdefchi', { maxTokens: 1 });
    expect(toy.calls).toHaveLength(before);
    expect(again).toMatchObject({ text: first.text, logprobs: first.logprobs, cachedTokens: 10 });
  });

  it('gives the same scores, to the bit, whatever came before', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 5 }), text, fc.nat(300), async (earlier, tail, cut) => {
        const toy = fresh();
        for (const each of earlier) await ask(toy, each);
        // So that some begin as the one before did.
        const prompt = `${(earlier.at(-1) ?? '').slice(0, cut)}${tail}`.slice(0, 350);
        const warm = await ask(toy, prompt);
        const cold = await ask(fresh(), prompt);
        expect({ ...warm, cachedTokens: 0, ttftMs: 0, prefillMs: 0, decodeMs: 0 }).toEqual({
          ...cold,
          ttftMs: 0,
          prefillMs: 0,
          decodeMs: 0,
        });
        expect(toy.open).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('never takes over what decoding left: an answer that comes back as a prompt is evaluated as a prompt is', async () => {
    const toy = fresh();
    const { text } = await ask(toy, 'dde', { maxTokens: 12 });
    const next = await ask(toy, `dde${text}`);
    expect(next.logprobs).toEqual((await ask(fresh(), `dde${text}`)).logprobs);
    expect(next.cachedTokens).toBe(1);
  });

  it('shares nothing between salts, and nothing where the request says so', async () => {
    const toy = fresh();
    await ask(toy, 'abcdefc');
    expect((await ask(toy, 'abcdefc', { cacheSalt: 'https://guest.example' })).cachedTokens).toBe(0);
    expect((await ask(toy, 'abcdefc', { cacheSalt: 'https://guest.example' })).cachedTokens).toBe(8);
    expect((await ask(toy, 'abcdefc', { cachePrompt: false })).cachedTokens).toBe(0);
    expect((await ask(toy, 'abcdefc')).cachedTokens).toBe(8);
  });

  it('keeps nothing half done: a prompt that was cancelled leaves whole blocks', async () => {
    const abort = new AbortController();
    let steps = 0;
    const toy = createToy({
      sinkTokens: SINKS,
      beforeStep: async () => {
        steps += 1;
        if (steps === 2) abort.abort();
      },
    });
    await expect(prefill(toy, [BEGIN, 0, 2, 1, 2, 3], { signal: abort.signal, salt: '' })).rejects.toThrow();
    const { cachedTokens, sequence } = await prefill(toy, [BEGIN, 0, 2, 1, 2, 3], { signal, salt: '' });
    expect(cachedTokens).toBe(2);
    sequence.release();
    expect(toy.open).toBe(0);
  });
});

describe('a beginning that is kept for another run', () => {
  const GROUND = 'the same model in the same form';
  const keyOf = (salt: string, ids: readonly number[]) => sha256(new TextEncoder().encode(beginningName(GROUND, salt, ids)));
  const SYSTEM = { role: 'system', content: 'abcabfcab' } as const;
  const chat = (words: string): GenerateRequest['input'] => ({ kind: 'chat', messages: [SYSTEM, { role: 'user', content: words }] });
  const withBegin = (toy: Toy): Toy => ({
    ...toy,
    get open() {
      return toy.open;
    },
    // As a template that ends the instructions with a sink token and a word of its own, which a person's word does not change.
    tokenizer: {
      ...toy.tokenizer,
      chat: (messages) => [BEGIN, ...messages.flatMap(({ content }) => [...toy.tokenizer.encode(content, { bare: true }), BEGIN, 7])],
    },
  });
  const of = (toy: Toy, words: string) => beginningOf(toy, chat(words));

  it('is what stands before a first word, whatever that is, in whole blocks', () => {
    const toy = withBegin(fresh());
    expect(of(toy, 'xyz')).toEqual([BEGIN, 0, 1, 2, 0, 1, 5, 2, 0, 1, BEGIN]);
    expect(of(toy, 'abc')).toEqual(of(toy, 'xyz'));
    expect(beginningOf(toy, { kind: 'tokens', ids: [BEGIN, 0, 2, 5, 6] })).toEqual([BEGIN, 0, 2]);
    expect(beginningOf(toy, { kind: 'tokens', ids: [5, 6] })).toEqual([]);
  });

  it('spares the next run its evaluation, and the scores are the same to the bit', async () => {
    const first = withBegin(fresh());
    const ids = of(first, 'xyz');
    expect(exportBeginning(first, ids, 'guest')).toBeUndefined();
    await ask(first, '', { input: chat('xyz'), cacheSalt: 'guest' });
    expect(exportBeginning(first, ids, '')).toBeUndefined();
    const bytes = exportBeginning(first, ids, 'guest') ?? new Uint8Array();
    expect(bytes).toHaveLength(ids.length * first.model.tokenBytes);
    const key = await keyOf('guest', ids);

    const next = withBegin(fresh());
    expect(next.sealed.add(next.model, [{ key, tokens: ids.length, bytes: bytes.slice() }], GROUND)).toEqual([]);
    // In memory before a prompt has come, though nobody can say whose it is.
    expect([next.sealed.sizeBytes, next.prefixes.sizeBytes]).toEqual([bytes.length, 0]);
    expect((await ask(next, '', { input: chat('ab') })).cachedTokens).toBe(0);
    expect(next.sealed.sizeBytes).toBe(bytes.length);
    const warm = await ask(next, '', { input: chat('ab'), cacheSalt: 'guest' });
    const cold = await ask(withBegin(fresh()), '', { input: chat('ab') });
    expect(warm.cachedTokens).toBe(ids.length);
    expect([warm.text, warm.logprobs]).toEqual([cold.text, cold.logprobs]);
    expect(exportBeginning(next, ids, 'guest')).toEqual(bytes);
    expect(next.sealed.sizeBytes).toBe(0);
  });

  it('is refused where the bytes are not as many as it has', async () => {
    const toy = withBegin(fresh());
    const ids = of(toy, 'xyz');
    const key = await keyOf('', ids);
    const kept = (tokens: number) => [{ key, tokens: ids.length, bytes: new Uint8Array(tokens * toy.model.tokenBytes) }];
    expect(toy.sealed.add(toy.model, kept(ids.length - 1), GROUND)).toEqual([key]);
    const { adopt: _, ...without } = toy.model;
    expect(toy.sealed.add(without, kept(ids.length), GROUND)).toEqual([key]);
    expect(toy.sealed.sizeBytes).toBe(0);
  });
});
