import { expect, test } from './support/fixtures.ts';
import { complete, textOf } from './support/sill.ts';

test.use({ installed: ['stories15m'] });

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

test('a streamed answer comes in pieces, can be stopped at any time, and the next one works', async ({ page }) => {
  const whole = await complete(page, { temperature: 0, max_tokens: 48 });

  await test.step('the pieces make up the whole', async () => {
    const chunks = await page.evaluate(async () => {
      const request = { model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: 48, stream: true } as const;
      const stream = await globalThis.sill?.completions.create({ ...request, stream_options: { include_usage: true } });
      const seen = [];
      for await (const chunk of stream ?? []) seen.push(chunk);
      return seen;
    });
    expect(chunks.length).toBeGreaterThan(4);
    expect(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join('')).toBe(textOf(whole));
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('length');
    expect(chunks.at(-1)?.usage).toEqual(whole.usage);
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
  });

  await test.step('aborting ends the stream with "aborted", and soon', async () => {
    const { code, pieces, endedMs } = await page.evaluate(async () => {
      const abort = new AbortController();
      const request = { model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: 240, stream: true } as const;
      const stream = await globalThis.sill?.completions.create(request, { signal: abort.signal });
      let seen = 0;
      let abortedAt = 0;
      try {
        for await (const _ of stream ?? []) {
          seen += 1;
          if (seen !== 2) continue;
          abortedAt = performance.now();
          abort.abort();
        }
      } catch (reason) {
        return { code: (reason as { code?: string }).code, pieces: seen, endedMs: performance.now() - abortedAt };
      }
      return { code: 'not aborted', pieces: seen, endedMs: 0 };
    });
    expect(code).toBe('aborted');
    expect(pieces).toBeLessThan(5);
    expect(endedMs).toBeLessThan(500);
  });

  await test.step('leaving the loop stops the model: nobody answers any more, and the next answer is whole', async () => {
    await page.evaluate(async () => {
      const request = { model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: 240, stream: true } as const;
      for await (const _ of (await globalThis.sill?.completions.create(request)) ?? []) break;
    });
    await page.waitForFunction(async () => !(await navigator.locks.query()).held?.some((lock) => lock.name === 'sill-answering'));
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 48 }))).toBe(textOf(whole));
  });

  await test.step('two requests at once are answered one after the other, each whole', async () => {
    const texts = await page.evaluate(() => {
      const ask = async (prompt: string) => {
        const answer = await globalThis.sill?.completions.create({ model: 'stories15m', prompt, temperature: 0, max_tokens: 12 });
        return answer?.choices[0]?.text;
      };
      return Promise.all([ask('Once upon a time'), ask('The little dog'), ask('Once upon a time')]);
    });
    expect(texts[0]).toBe(texts[2]);
    expect(textOf(whole).startsWith(texts[0] ?? '-')).toBe(true);
    expect(texts[1]).not.toBe(texts[0]);
  });
});
