import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from './support/fixtures.ts';
import { complete, refusalOf, textOf } from './support/sill.ts';

const GOLDEN = join(import.meta.dirname, '../tools/models/golden/stories15m.json');
const GoldenSchema = v.object({
  /** The best first tokens: id and score. */
  cases: v.array(v.object({ prompt: v.string(), first_token_top10: v.array(v.tuple([v.number(), v.number()])) })),
});

test.use({ installed: ['stories15m'], shared: true });

test('temperature, top-k, top-p, seed, length and stop words do what they say', async ({ page }) => {
  const greedy = await complete(page, { temperature: 0, max_tokens: 24 });

  await test.step('top-k 1 and a tiny top-p leave only the likeliest word, however hot', async () => {
    for (const sampling of [{ top_k: 1 }, { top_p: 0.000001 }]) {
      expect(textOf(await complete(page, { temperature: 2, max_tokens: 24, ...sampling }))).toBe(textOf(greedy));
    }
  });

  await test.step('the same seed gives the same text, another seed another one', async () => {
    const first = await complete(page, { temperature: 1, seed: 7, max_tokens: 32 });
    expect(first.sill?.seed).toBe(7);
    expect(textOf(await complete(page, { temperature: 1, seed: 7, max_tokens: 32 }))).toBe(textOf(first));
    expect(textOf(await complete(page, { temperature: 1, seed: 8, max_tokens: 32 }))).not.toBe(textOf(first));
  });

  await test.step('without a seed each answer is another, and can be had again by the seed that it names', async () => {
    const [one, two] = [await complete(page, { temperature: 1, max_tokens: 32 }), await complete(page, { temperature: 1, max_tokens: 32 })];
    expect(textOf(one)).not.toBe(textOf(two));
    const seed = one.sill?.seed ?? Number.NaN;
    expect(textOf(await complete(page, { temperature: 1, max_tokens: 32, seed }))).toBe(textOf(one));
  });

  await test.step('a higher temperature and a wider top-k lead away from the likeliest text', async () => {
    for (const sampling of [{ temperature: 1.5 }, { temperature: 1.5, top_k: 40 }, { temperature: 1.5, top_p: 0.95 }]) {
      expect(textOf(await complete(page, { ...sampling, seed: 3, max_tokens: 24 }))).not.toBe(textOf(greedy));
    }
  });

  await test.step('a repetition penalty keeps words from coming back', async () => {
    const text = textOf(await complete(page, { temperature: 0, repetition_penalty: 10, max_tokens: 40 }));
    const words = text.toLowerCase().match(/[a-z]{4,}/g) ?? [];
    expect(words.length).toBeGreaterThan(5);
    expect(new Set(words).size).toBe(words.length);
  });

  await test.step('presence and frequency penalties do as well, and a negative one makes the model repeat itself', async () => {
    const words = async (request: Parameters<typeof complete>[1]) =>
      textOf(await complete(page, { temperature: 0, max_tokens: 60, ...request }))
        .toLowerCase()
        .match(/[a-z]+/g) ?? [];
    const plain = await words({});
    for (const penalty of [{ presence_penalty: 2 }, { frequency_penalty: 2 }]) {
      const varied = await words(penalty);
      expect(new Set(varied).size / varied.length).toBeGreaterThan(new Set(plain).size / plain.length);
    }
    const stuck = await words({ frequency_penalty: -2, presence_penalty: -2 });
    expect(new Set(stuck).size / stuck.length).toBeLessThan(new Set(plain).size / plain.length);
  });

  await test.step('a min-p of 1 leaves only the likeliest word, and a small one others too', async () => {
    expect(textOf(await complete(page, { temperature: 2, max_tokens: 24, min_p: 1 }))).toBe(textOf(greedy));
    expect(textOf(await complete(page, { temperature: 1.5, max_tokens: 24, min_p: 0.05, seed: 3 }))).not.toBe(textOf(greedy));
  });

  await test.step('a biased token comes always or never, and one that the model does not have is refused', async () => {
    const comma = 29892;
    expect(textOf(greedy)).toContain(',');
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 24, logit_bias: { [comma]: -100 } }))).not.toContain(',');
    expect(textOf(await complete(page, { temperature: 1, max_tokens: 6, logit_bias: { [comma]: 100 } }))).toBe(',,,,,,');
    const refusal = await refusalOf(page, (sill) =>
      sill.completions.create({ model: 'stories15m', prompt: 'Once', max_tokens: 1, logit_bias: { 32000: 1 } }),
    );
    expect(refusal).toMatchObject({ code: 'invalid_request', details: { token: 32000, vocabularySize: 32000 } });
  });

  await test.step('max_tokens is the limit, and the reason says so', async () => {
    const short = await complete(page, { temperature: 0, max_tokens: 5 });
    expect(short.usage?.completion_tokens).toBe(5);
    expect(short.choices[0]?.finish_reason).toBe('length');
    expect(textOf(greedy).startsWith(textOf(short))).toBe(true);
  });

  await test.step('a stop word ends the text and is never part of it', async () => {
    const stopped = await complete(page, { temperature: 0, max_tokens: 64, stop: ['ly.', 'never said'] });
    expect(textOf(stopped)).toBe(', there was a little girl named Li');
    expect(stopped.choices[0]?.finish_reason).toBe('stop');
  });

  await test.step('the end of the context is a limit like any other', async () => {
    const long = await complete(page, { temperature: 0, seed: 1, max_tokens: 4000, repetition_penalty: 1.1 });
    const { prompt_tokens = 0, completion_tokens = 0 } = long.usage ?? {};
    expect(prompt_tokens + completion_tokens).toBeLessThanOrEqual(256);
    expect(long.choices[0]?.finish_reason).toBe(prompt_tokens + completion_tokens === 256 ? 'length' : 'stop');
  });
});

test('log-probabilities are those of the model, whatever the sampling, in the shapes of both endpoints', async ({ page }) => {
  const request = { temperature: 0, max_tokens: 12, logprobs: 5 } as const;
  const plain = await complete(page, request);
  const logprobs = plain.choices[0]?.logprobs;

  await test.step('each token has its own, its place, and five that are likelier than all others', async () => {
    expect(logprobs?.tokens.join('')).toBe(textOf(plain));
    expect(logprobs?.token_logprobs).toHaveLength(12);
    for (const [i, logprob] of logprobs?.token_logprobs.entries() ?? []) {
      const top = Object.values(logprobs?.top_logprobs[i] ?? {});
      expect(top).toHaveLength(5);
      // Greedy, so the chosen one is the likeliest.
      expect(logprob).toBe(Math.max(...top));
      expect(top.reduce((sum, each) => sum + Math.exp(each), 0)).toBeLessThanOrEqual(1.000001);
      expect(textOf(plain).slice(logprobs?.text_offset[i])).toMatch(
        new RegExp(`^${(logprobs?.tokens[i] ?? '').replace(/[.?!]/g, '\\$&')}`),
      );
    }
  });

  await test.step('the first one is what the golden scores say', async () => {
    const { cases } = v.parse(GoldenSchema, JSON.parse(await readFile(GOLDEN, 'utf8')));
    const golden = cases.find(({ prompt }) => prompt === 'Once upon a time')?.first_token_top10.slice(0, 5) ?? [];
    const [best = 0, ...others] = golden.map(([, score]) => score);
    const [first = 0, ...rest] = Object.values(logprobs?.top_logprobs[0] ?? {});
    expect(rest).toHaveLength(others.length);
    // Differences of scores are differences of log-probabilities; 8 bits move them a little.
    for (const [i, score] of others.entries()) expect(Math.abs(first - (rest[i] ?? 0) - (best - score))).toBeLessThan(0.5);
  });

  await test.step('a bias, a penalty and a temperature do not change them', async () => {
    const bent = await complete(page, { ...request, temperature: 2, top_k: 1, logit_bias: { 29892: -1 }, repetition_penalty: 1.0001 });
    expect(bent.choices[0]?.logprobs?.top_logprobs[0]).toEqual(logprobs?.top_logprobs[0]);
  });

  await test.step('a stream carries the same', async () => {
    const streamed = await page.evaluate(async () => {
      const asked = { model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: 12, logprobs: 5, stream: true } as const;
      const chunks = [];
      for await (const chunk of (await globalThis.sill?.completions.create(asked)) ?? []) chunks.push(chunk);
      return chunks.map((chunk) => chunk.choices[0]?.logprobs);
    });
    expect(streamed.flatMap((each) => each?.tokens ?? [])).toEqual(logprobs?.tokens);
    expect(streamed.flatMap((each) => each?.top_logprobs ?? [])).toEqual(logprobs?.top_logprobs);
    expect(streamed.flatMap((each) => each?.text_offset ?? [])).toEqual(logprobs?.text_offset);
  });

  await test.step('chat has them as objects with bytes, and refuses alternatives without them', async () => {
    const answer = await page.evaluate(() =>
      globalThis.sill?.chat.completions.create({
        model: 'stories15m',
        messages: [{ role: 'user', content: 'Once upon a time' }],
        chat_template: '{{ bos_token }}{{ messages[0].content }}',
        temperature: 0,
        max_tokens: 12,
        logprobs: true,
        top_logprobs: 2,
      }),
    );
    const content = answer?.choices[0]?.logprobs?.content ?? [];
    expect(content.map(({ token }) => token).join('')).toBe(answer?.choices[0]?.message.content);
    expect(new TextDecoder().decode(Uint8Array.from(content.flatMap(({ bytes }) => bytes)))).toBe(answer?.choices[0]?.message.content);
    for (const { token, logprob, top_logprobs } of content) expect(top_logprobs[0]).toMatchObject({ token, logprob });
    const refusal = await refusalOf(page, (sill) =>
      sill.chat.completions.create({ model: 'stories15m', messages: [{ role: 'user', content: 'x' }], top_logprobs: 2 }),
    );
    expect(refusal.code).toBe('invalid_request');
  });
});

test('several answers to one prompt come side by side, each as its own seed gives it', async ({ page }) => {
  const request = { temperature: 1, seed: 40, max_tokens: 40, n: 3 } as const;
  const { choices, usage } = await complete(page, request);
  expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(new Set(choices.map(({ text }) => text)).size).toBe(3);
  expect(usage?.completion_tokens).toBe(120);
  for (const { index, text } of choices) {
    expect(textOf(await complete(page, { ...request, n: 1, seed: 40 + index }))).toBe(text);
  }

  const streamed = await page.evaluate(async () => {
    const asked = {
      model: 'stories15m',
      prompt: 'Once upon a time',
      temperature: 1,
      seed: 40,
      max_tokens: 40,
      n: 3,
      stream: true,
    } as const;
    const pieces: Array<{ index: number; text: string; end: string | null }> = [];
    for await (const chunk of (await globalThis.sill?.completions.create(asked)) ?? []) {
      for (const { index, text, finish_reason } of chunk.choices) pieces.push({ index, text, end: finish_reason });
    }
    return pieces;
  });
  for (const { index, text } of choices) {
    const own = streamed.filter((piece) => piece.index === index);
    expect(own.map((piece) => piece.text).join('')).toBe(text);
    expect(own.map(({ end }) => end).filter(Boolean)).toEqual(['length']);
  }
  const order = streamed.map(({ index }) => index);
  // One after the other would change twice.
  expect(order.filter((index, i) => i > 0 && index !== order[i - 1]).length).toBeGreaterThan(4);

  const chat = await page.evaluate(() =>
    globalThis.sill?.chat.completions.create({
      model: 'stories15m',
      messages: [{ role: 'user', content: 'Once upon a time' }],
      chat_template: '{{ bos_token }}{{ messages[0].content }}',
      temperature: 1,
      seed: 40,
      max_tokens: 40,
      n: 2,
    }),
  );
  expect(chat?.choices.map(({ message }) => message.content)).toEqual(choices.slice(0, 2).map(({ text }) => text));
});

test('a full context ends the answer, refuses a longer prompt, or is shifted where that is asked for', async ({ page }) => {
  const forever = { temperature: 1, seed: 1, logit_bias: { 1: -100, 2: -100 }, max_tokens: 400 };

  const cut = await complete(page, forever);
  expect(cut.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 251 });
  expect(cut).toMatchObject({ choices: [{ finish_reason: 'length' }], sill: { truncated: false } });

  const shifted = await complete(page, { ...forever, context_shift: true, n_keep: 4 });
  expect(shifted.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 400 });
  expect(shifted).toMatchObject({ choices: [{ finish_reason: 'length' }], sill: { truncated: true } });
  expect(textOf(shifted).startsWith(textOf(cut))).toBe(true);

  const long = 'Once upon a time, there was a little girl named Lily. '.repeat(30);
  const refusal = await refusalOf(page, (sill, prompt) => sill.completions.create({ model: 'stories15m', prompt, max_tokens: 4 }), long);
  expect(refusal.code).toBe('context_length_exceeded');
  expect(refusal.details).toMatchObject({ contextLength: 256 });
  const middle = await complete(page, { prompt: long, temperature: 0, max_tokens: 12, context_shift: true });
  expect(middle).toMatchObject({ choices: [{ finish_reason: 'length' }], sill: { truncated: true } });
});
