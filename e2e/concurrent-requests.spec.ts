import type { Completion } from '../src/protocol/openai.ts';
import type { CompletionRequest } from '../src/protocol/openaiRequests.ts';
import { expect, test } from './support/fixtures.ts';
import { complete, textOf } from './support/sill.ts';

test.use({ installed: ['stories15m'], shared: true });

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
    // The prompt is known by now; all else is alike.
    expect(chunks.at(-1)?.usage).toEqual({ ...whole.usage, prompt_tokens_details: { cached_tokens: whole.usage?.prompt_tokens } });
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
  });

  await test.step('aborting ends the stream with "aborted", long before the answer would have ended', async () => {
    const { code, pieces } = await page.evaluate(async () => {
      const abort = new AbortController();
      const request = { model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: 240, stream: true } as const;
      const stream = await globalThis.sill?.completions.create(request, { signal: abort.signal });
      let seen = 0;
      try {
        for await (const _ of stream ?? []) {
          seen += 1;
          if (seen === 2) abort.abort();
        }
      } catch (reason) {
        return { code: (reason as { code?: string }).code, pieces: seen };
      }
      return { code: 'not aborted', pieces: seen };
    });
    expect(code).toBe('aborted');
    expect(pieces).toBeLessThan(5);
  });

  await test.step('leaving the loop stops the model: nobody answers any more, and the next answer is whole', async () => {
    await page.evaluate(async () => {
      const request = { model: 'stories15m', prompt: 'Once upon a time', temperature: 0, max_tokens: 240, stream: true } as const;
      for await (const _ of (await globalThis.sill?.completions.create(request)) ?? []) break;
    });
    await page.waitForFunction(async () => !(await navigator.locks.query()).held?.some((lock) => lock.name === 'sill-answering'));
    expect(textOf(await complete(page, { temperature: 0, max_tokens: 48 }))).toBe(textOf(whole));
  });

  await test.step('requests at once are answered as each would be alone', async () => {
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

test('an answer is the same, to the last digit, whether or not the beginning of its prompt was cached', async ({ page }) => {
  const head =
    'Once upon a time, there was a little girl named Lily who lived in a small house near a big forest. Every morning she went to the garden ' +
    'to play with her dog Max and her cat Mimi. One day, her mom gave her a red ball and a blue kite. Lily was very happy. She ran to the park ' +
    'to show her friends Tom and Sue. They wanted to fly the kite together, but the wind was not strong.';
  const ask = (prompt: string, change: Partial<CompletionRequest> = {}) =>
    complete(page, { prompt, temperature: 0, max_tokens: 24, logprobs: 5, ...change });
  const cachedOf = (answer: Completion) => answer.usage?.prompt_tokens_details.cached_tokens;
  const sameAs = async (warm: Completion, prompt: string) => {
    const cold = await ask(prompt, { cache_prompt: false });
    expect(cachedOf(cold)).toBe(0);
    expect(warm.choices).toEqual(cold.choices);
  };

  const first = await ask(`${head} Tom said,`);
  expect(cachedOf(first)).toBe(0);
  await sameAs(first, `${head} Tom said,`);

  const second = await ask(`${head} Sue was sad because`);
  expect(cachedOf(second)).toBeGreaterThan(60);
  await sameAs(second, `${head} Sue was sad because`);

  const again = await ask(`${head} Tom said,`);
  expect(cachedOf(again)).toBe(again.usage?.prompt_tokens);
  expect(again.choices).toEqual(first.choices);

  // As a conversation does: the answer comes back as a part of the next prompt.
  const next = `${head} Tom said,${textOf(first)} Then,`;
  const third = await ask(next);
  expect(cachedOf(third)).toBeGreaterThan(60);
  await sameAs(third, next);

  const guest = await ask(`${head} Tom said,`, { cache_salt: 'https://guest.example' });
  expect(cachedOf(guest)).toBe(0);
  expect(guest.choices).toEqual(first.choices);
  expect(cachedOf(await ask(`${head} Tom said,`, { cache_salt: 'https://guest.example' }))).toBeGreaterThan(0);

  // Sampled answers as well, and in the middle of others.
  const sampled = { temperature: 1, seed: 9, n: 2 };
  const [warm, cold] = await Promise.all([
    ask(`${head} Sue`, sampled),
    ask(`${head} Sue`, { ...sampled, cache_prompt: false }),
    ask('The little dog', { temperature: 1 }),
  ]);
  expect(warm.choices).toEqual(cold.choices);
});

test('four requests at once take turns: the last one begins before the first one ends, and each gets its own text', async ({ page }) => {
  const prompts = ['Once upon a time', 'The little dog', 'One day, a bird', 'Tom and his grandma'];
  const alone = [];
  for (const prompt of prompts) alone.push(textOf(await complete(page, { prompt, temperature: 1, seed: 3, max_tokens: 80 })));

  const seen = await page.evaluate(async (given) => {
    const order: string[] = [];
    const texts = await Promise.all(
      given.map(async (prompt, i) => {
        const request = { model: 'stories15m', prompt, temperature: 1, seed: 3, max_tokens: 80, stream: true } as const;
        let text = '';
        for await (const chunk of (await globalThis.sill?.completions.create(request)) ?? []) {
          if (text === '') order.push(`${i} begins`);
          text += chunk.choices[0]?.text ?? '';
        }
        order.push(`${i} ends`);
        return text;
      }),
    );
    return { order, texts };
  }, prompts);
  expect(seen.texts).toEqual(alone);
  expect(seen.order.slice(0, 4).toSorted()).toEqual(['0 begins', '1 begins', '2 begins', '3 begins']);

  // One that is cancelled among them costs the others nothing.
  const left = await page.evaluate(async (given) => {
    const abort = new AbortController();
    const request = { model: 'stories15m', temperature: 1, seed: 3, max_tokens: 80 } as const;
    const kept = globalThis.sill?.completions.create({ ...request, prompt: given[1] ?? '' });
    const leave = async () => {
      const long = { ...request, prompt: given[0] ?? '', max_tokens: 240, stream: true } as const;
      for await (const _ of (await globalThis.sill?.completions.create(long, { signal: abort.signal })) ?? []) abort.abort();
      return 'not aborted';
    };
    const cancelled = await leave().catch((reason: { code?: string }) => reason.code);
    return { cancelled, kept: (await kept)?.choices[0]?.text };
  }, prompts);
  expect(left).toEqual({ cancelled: 'aborted', kept: alone[1] });
});
