import { describe, expect, it } from 'vitest';
import { SillError } from '../core/errors.ts';
import type { GeneratedPiece, GenerateRequest } from '../ports/generation.ts';
import { GREEDY, run } from './testing/toyAnswers.ts';
import { BEGIN, createToy, END, type Toy } from './testing/toyModel.ts';
import { generateText } from './textGeneration.ts';

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (reason: unknown) => (reason instanceof SillError ? reason.code : reason),
  );

describe('generating text', () => {
  it('goes on until the end token, which is counted and not shown', async () => {
    const { result } = await run(createToy({ endsAtZ: true }), 'v');
    expect(result).toMatchObject({ text: 'wxyz', finishReason: 'stop', promptTokens: 2, completionTokens: 5 });
    expect(result.tokenIds.at(-1)).toBe(END);
  });

  it('stops after as many tokens as were asked for', async () => {
    const { result } = await run(createToy(), 'a', { maxTokens: 3 });
    expect(result).toMatchObject({ text: 'bcd', finishReason: 'length', completionTokens: 3 });
  });

  it('stops where the context ends', async () => {
    const toy = createToy();
    const { result } = await run(toy, 'a'.repeat(59));
    expect(result).toMatchObject({ promptTokens: 60, completionTokens: 4, finishReason: 'length' });
  });

  it('stops before a stop string', async () => {
    const { result, pieces } = await run(createToy(), 'a', { stop: ['fg'] });
    expect(result).toMatchObject({ text: 'bcde', finishReason: 'stop' });
    expect(pieces.map((piece) => piece.text).join('')).toBe('bcde');
  });

  it('streams exactly the text and the tokens that it returns', async () => {
    const { result, pieces } = await run(createToy(), 'a', { maxTokens: 30 });
    expect(pieces.map((piece) => piece.text).join('')).toBe(result.text);
    expect(pieces.flatMap((piece) => piece.tokenIds)).toEqual(result.tokenIds);
  });

  it('says before it reads a prompt that it will answer, and of what it refuses nothing', async () => {
    const toy = createToy();
    const evaluated: number[] = [];
    const ask = (text: string) =>
      generateText(
        toy,
        { ...GREEDY, input: { kind: 'text', text }, maxTokens: 2 },
        { signal: new AbortController().signal, onPiece: async () => undefined, onAccepted: () => evaluated.push(toy.calls.length) },
      );
    await ask('a');
    await expect(ask('a'.repeat(80))).rejects.toMatchObject({ code: 'context_length_exceeded' });
    expect(evaluated).toEqual([0]);
  });

  it('takes token ids as they are', async () => {
    const toy = createToy();
    await run(toy, '', { input: { kind: 'tokens', ids: [4, 5] }, maxTokens: 1 });
    expect(toy.calls).toEqual([[4, 5]]);
  });

  it('evaluates sink tokens in pieces of their own', async () => {
    const toy = createToy({ sinkTokens: [BEGIN] });
    await run(toy, 'abc', { maxTokens: 2 });
    expect(toy.calls).toEqual([[BEGIN], [0, 1, 2], [3]]);
  });

  it('refuses a prompt that fills the context, with both numbers', async () => {
    const refused = run(createToy(), 'a'.repeat(80));
    await expect(refused).rejects.toMatchObject({ code: 'context_length_exceeded', details: { promptTokens: 81, contextLength: 64 } });
  });

  it('holds less than the model could, where a request asks for that, and never more', async () => {
    const refused = run(createToy(), 'a'.repeat(20), { contextLength: 16 });
    await expect(refused).rejects.toMatchObject({ code: 'context_length_exceeded', details: { promptTokens: 21, contextLength: 16 } });
    const { result } = await run(createToy(), 'a', { contextLength: 16 });
    expect(result).toMatchObject({ promptTokens: 2, completionTokens: 14, finishReason: 'length' });
    await expect(run(createToy(), 'a'.repeat(80), { contextLength: 1000 })).rejects.toMatchObject({ details: { contextLength: 64 } });
  });

  it.each([
    { kind: 'text', text: '' },
    { kind: 'tokens', ids: [] },
    { kind: 'chat', messages: [] },
  ] as const)('refuses an empty prompt: $kind', async (input) => {
    expect(await codeOf(run(createToy(), '', { input }))).toBe('empty_input');
  });

  it('gives log-probabilities of the tokens that begin in the text, with alternatives, whole and in pieces', async () => {
    const { result, pieces } = await run(createToy(), 'a', { stop: ['fg'], logprobs: 2, logitBias: [[25, 20]], maxTokens: 4 });
    const one = 10 - Math.log(Math.exp(10) + 27);
    // The bias makes z come each time; that is not what the model thought.
    expect(result.text).toBe('zzzz');
    expect(result.logprobs?.map(({ text, offset }) => [text, offset])).toEqual([0, 1, 2, 3].map((at) => ['z', at]));
    expect(result.logprobs?.[0]?.logprob).toBeCloseTo(one - 10, 5);
    expect(result.logprobs?.map(({ top }) => top.map(({ text }) => text))).toEqual([
      ['b', 'a'],
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(result.logprobs?.[0]?.top[0]?.logprob).toBeCloseTo(one, 5);
    expect(pieces.flatMap((piece) => piece.logprobs ?? [])).toEqual(result.logprobs);
  });

  it.each([
    ['a stop string', { stop: ['ef'] }, 'bcd'],
    ['half of a stop string and the end token', { stop: ['z?'] }, 'bcdefghijklmnopqrstuvwxyz'],
    ['the limit', { stop: ['de'], maxTokens: 3 }, 'bcd'],
  ])('leaves out the log-probabilities of what is no text at %s', async (_, change, text) => {
    const { result, pieces } = await run(createToy({ endsAtZ: true }), 'a', { ...change, logprobs: 0 });
    expect(result.text).toBe(text);
    expect(result.logprobs?.map((token) => token.text).join('')).toBe(text);
    expect(pieces.flatMap((piece) => piece.logprobs ?? [])).toEqual(result.logprobs);
  });

  it('writes several answers to a prompt that it reads once, each as its own seed would, in turns', async () => {
    const sampled = { temperature: 3, maxTokens: 12, n: 3, seed: 5, cachePrompt: false } as const;
    const toy = createToy({ sinkTokens: [BEGIN] });
    const { result, pieces } = await run(toy, 'abc', sampled);
    expect(toy.calls.slice(0, 2)).toEqual([[BEGIN], [0, 1, 2]]);
    expect(toy.calls).toHaveLength(2 + 3 * 11);
    const answers = [result, ...(result.others ?? [])];
    for (const [index, answer] of answers.entries()) {
      const alone = await run(createToy({ sinkTokens: [BEGIN] }), 'abc', { ...sampled, n: 1, seed: 5 + index });
      expect(answer.tokenIds).toEqual(alone.result.tokenIds);
      const own = pieces.filter((piece) => (piece.index ?? 0) === index);
      expect(own.map((piece) => piece.text).join('')).toBe(answer.text);
    }
    expect(new Set(answers.map(({ text }) => text)).size).toBe(3);
    expect(result.completionTokens).toBe(36);
    expect(toy.open).toBe(0);
  });

  it('lets answers end at different times', async () => {
    const toy = createToy({ endsAtZ: true });
    const { result } = await run(toy, 'u', { temperature: 2.5, n: 4, seed: 2, maxTokens: 30 });
    const lengths = [result, ...(result.others ?? [])].map(({ tokenIds }) => tokenIds.length);
    expect(new Set(lengths).size).toBeGreaterThan(1);
    expect(lengths.reduce((a, b) => a + b)).toBe(result.completionTokens);
    expect(toy.open).toBe(0);
  });

  it('goes on beyond the context with its beginning and its latest half, where that is asked for', async () => {
    const toy = createToy({ sinkTokens: [BEGIN] });
    const { result } = await run(toy, 'abc', { contextShift: { keep: 2 }, maxTokens: 150, cachePrompt: false });
    const alphabet = `defghijklmnopqrstuvwxyz${'abcdefghijklmnopqrstuvwxyz'.repeat(6)}`;
    expect(result).toMatchObject({ text: alphabet.slice(0, 150), truncated: true, finishReason: 'length', promptTokens: 4 });
    // 64 - 3 kept leave 61, of which the latest 30 go on: read again as a prompt is, cut behind the sink token.
    const again = toy.calls.slice(2).filter((ids) => ids.length > 1);
    expect(again[0]).toHaveLength(32);
    expect(again[0]?.slice(0, 2)).toEqual([0, 1]);
    expect(toy.calls.filter(([id]) => id === BEGIN)).toHaveLength(1 + again.length);
    expect(toy.open).toBe(0);
  });

  it('keeps the beginning and the end of a prompt that is too long, where a context shift is asked for', async () => {
    const toy = createToy();
    const { result } = await run(toy, `${'a'.repeat(99)}x`, { contextShift: { keep: 0 }, maxTokens: 3 });
    expect(result).toMatchObject({ text: 'yza', truncated: true, promptTokens: 101 });
    expect(toy.calls[0]).toEqual([
      BEGIN,
      ...'a'
        .repeat(30)
        .split('')
        .map(() => 0),
      23,
    ]);
  });

  it('does not go on for ever without a limit', async () => {
    const { result } = await run(createToy(), 'abc', { contextShift: { keep: -1 } });
    expect(result.completionTokens).toBe(64);
  });

  describe('that another worker began', () => {
    const SAMPLED = { temperature: 1.3, topP: 0.9, seed: 11, repetitionPenalty: 1.2, frequencyPenalty: 0.3, maxTokens: 24, stop: ['st'] };

    const cases: Record<string, Partial<GenerateRequest>> = {
      greedy: { maxTokens: 20 },
      sampled: SAMPLED,
      'with a stop string': { maxTokens: 20, stop: ['gh'] },
      'several answers': { ...SAMPLED, n: 3 },
      measured: { ...SAMPLED, logprobs: 2 },
      'beyond the context': { maxTokens: 90, contextShift: { keep: 2 } },
      'beyond the context, measured': { maxTokens: 90, contextShift: { keep: 2 }, logprobs: 1 },
    };
    for (const [name, change] of Object.entries(cases)) {
      it(`goes on as if nothing had happened, wherever it was cut: ${name}`, async () => {
        const whole = await run(createToy(), 'a', change);
        const textOf = (pieces: readonly GeneratedPiece[], index: number) =>
          pieces.map((piece) => ((piece.index ?? 0) === index ? piece.text : '')).join('');
        for (let cut = 0; cut <= whole.pieces.length; cut++) {
          const before = whole.pieces.slice(0, cut);
          const given = Array.from({ length: change.n ?? 1 }, (_, index) =>
            before.flatMap((piece) => ((piece.index ?? 0) === index ? piece.tokenIds : [])),
          );
          const { result, pieces } = await run(createToy(), 'a', { ...change, given });
          const { ttftMs: _a, prefillMs: _b, decodeMs: _c, cachedTokens: _d, truncated: _e, givenTokens, ...rest } = result;
          expect(whole.result).toMatchObject(rest);
          expect(givenTokens).toBe(given.flat().length);
          for (const index of given.keys()) expect(textOf(before, index) + textOf(pieces, index)).toBe(textOf(whole.pieces, index));
        }
      });
    }

    it('evaluates what was given like a prompt', async () => {
      const toy = createToy();
      await run(toy, 'a', { maxTokens: 4, given: [[5, 6, 7]] });
      expect(toy.calls.flat().length).toBeLessThanOrEqual(2 * 2 + 3);
    });
  });

  it('gives as many turns to one answer as to sixteen of another request together', async () => {
    let one: Promise<number> | undefined;
    const toy: Toy = createToy({
      beforeStep: async () => {
        // All sixteen are under way.
        if (toy.calls.length !== 100 || one) return;
        one = run(toy, 'n', { maxTokens: 20, cachePrompt: false }).then(() => toy.calls.length - 100);
      },
    });
    await run(toy, 'b', { n: 16, maxTokens: 40, cachePrompt: false });
    // Its prompt and nineteen steps, and each time one of the others.
    expect(await one).toBeLessThan(2 * 20 + 4);
  });

  it('refuses several answers that have no room beside each other, before it reads the prompt, and has one wait for the other', async () => {
    const toy = createToy();
    // A toy's context takes 6,400 bytes.
    const roomBytes = 3 * 6400;
    await expect(run(toy, 'a', { n: 4, roomBytes })).rejects.toMatchObject({ code: 'invalid_request', details: { param: 'n' } });
    expect(toy.calls).toEqual([]);
    const both = ['a', 'n'].map((text) => run(toy, text, { n: 2, maxTokens: 3, roomBytes, cachePrompt: false }));
    const [first, second] = await Promise.all(both);
    expect([first?.result.others?.length, second?.result.others?.length]).toEqual([1, 1]);
    // One after the other: all that goes on from "a" comes before the prompt "n".
    const begun = toy.calls.findIndex((ids) => ids.includes(13));
    expect(
      toy.calls
        .slice(begun)
        .flat()
        .every((id) => id >= 13),
    ).toBe(true);
  });

  it('refuses to go on behind tokens that the model does not have, before it evaluates anything', async () => {
    const toy = createToy();
    const refused = run(toy, 'a', { n: 2, given: [[1], [2, 28]] });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request', details: { token: 28, vocabularySize: 28 } });
    expect(await codeOf(run(toy, '', { input: { kind: 'tokens', ids: [4, 99] } }))).toBe('invalid_request');
    expect(toy.calls).toEqual([]);
  });

  it('refuses a bias of a token that the model does not have', async () => {
    const refused = run(createToy(), 'a', { logitBias: [[28, 1]] });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request', details: { token: 28, vocabularySize: 28 } });
    expect((await run(createToy(), 'a', { logitBias: [[27, -100]], maxTokens: 1 })).result.text).toBe('b');
  });

  it('ends at an abort between two tokens, and serves the next request from a clean start', async () => {
    const abort = new AbortController();
    let steps = 0;
    const toy = createToy({
      beforeStep: async () => {
        steps += 1;
        if (steps === 5) abort.abort(new SillError('aborted', 'The request was cancelled.'));
      },
    });
    expect(await codeOf(run(toy, 'a', {}, abort.signal))).toBe('aborted');
    expect(steps).toBe(5);
    expect(toy.open).toBe(0);
    expect((await run(toy, 'a', { maxTokens: 2 })).result.text).toBe('bc');
  });

  it('names what the runtime threw', async () => {
    const failing = createToy({ beforeStep: () => Promise.reject(new Error('std::bad_alloc')) });
    expect(await codeOf(run(failing, 'a'))).toBe('out_of_memory');
  });

  it('waits for a reader that is slower than the model', async () => {
    const toy = createToy();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const done = generateText(
      toy,
      { ...GREEDY, input: { kind: 'text', text: 'a' }, maxTokens: 20 },
      { signal: new AbortController().signal, onPiece: () => gate },
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(toy.calls.length).toBeLessThan(3);
    open();
    expect((await done).completionTokens).toBe(20);
  });
});
