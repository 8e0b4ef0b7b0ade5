import * as v from 'valibot';
import type {} from '../../src/protocol/sill.ts';
import { GenerationSchema, LoadSchema, OwnSchema, type Peer, QUIET_MS } from './peer.ts';

/** About 180 tokens. */
export const PREFIX =
  'Once upon a time, there was a little girl named Lily who lived in a small house near a big forest. Every morning she went to the garden ' +
  'to play with her dog Max and her cat Mimi. One day, her mom gave her a red ball and a blue kite. Lily was very happy. She ran to the park ' +
  'to show her friends Tom and Sue. They wanted to fly the kite together, but the wind was not strong. Tom said that they could wait under the ' +
  'big tree until the wind came back. So they sat down, ate some bread and told each other stories about a brave little bird. After a while ' +
  'the leaves began to move, and a warm wind came over the hill and into the trees, so that everyone in the park looked up at the sky with big ' +
  'eyes and smiled at the little red ball that Max had found in the grass,';
/** Each of about 20 tokens, after the 180 of the beginning: the first writes it into the cache, the others find it there. */
const ENDINGS = ['red', 'big', 'old', 'soft', 'warm', 'new', 'tiny'].map(
  (word) => ` and Max the dog ran around the ${word} tree and barked at the blue kite because he`,
);
const PROMPTS = ['Once upon a time', 'The little dog', 'One day, a bird', 'Tom and his grandma'] as const;
const TURN_TOKENS = 64;

/** Sill on the processor, whatever device the variant was made for. */
export const sillOnProcessor = (url: string, model = 'stories15m', variant = 'int8-wasm'): Peer => {
  const peer = sillPeer(url, model, variant);
  return {
    ...peer,
    async load(page, visit) {
      if (visit === 'later') return peer.load(page, visit);
      return page.run(
        LoadSchema,
        async (model: string, wished: string) => {
          const sill = globalThis.sill;
          if (!sill) throw new Error('globalThis.sill is missing');
          const startMs = performance.now();
          await sill.models.install(model, { variant: wished });
          await sill.models.place(model, 'wasm');
          await sill.models.load(model);
          return { loadMs: performance.now() - startMs };
        },
        model,
        variant,
      );
    },
  };
};

/** Sill through its public surface, in its own production page. */
export const sillPeer = (url: string, model = 'stories15m', variant = ''): Peer => ({
  name: 'sill',
  label: 'Sill',
  url,
  loadsByItself: true,
  settle: (page, quiet = QUIET_MS) =>
    page.run(
      v.undefined(),
      async (quietMs: number) => {
        while (!globalThis.sill) await new Promise((resolve) => setTimeout(resolve, 20));
        await navigator.serviceWorker.ready;
        await new Promise((resolve) => setTimeout(resolve, quietMs));
      },
      quiet,
    ),
  load: (page, visit) =>
    page.run(
      LoadSchema,
      async (model: string, install: boolean, wished: string) => {
        const sill = globalThis.sill;
        if (!sill) throw new Error('globalThis.sill is missing');
        const startMs = performance.now();
        if (!install) {
          await sill.models.load(model);
          return { loadMs: performance.now() - startMs };
        }
        const phasesMs: Record<string, number> = {};
        let [phase, phaseMs, stored, storedMs, stillMs] = ['begun', startMs, 0, startMs, 0];
        const pass = (next: string) => {
          const nowMs = performance.now();
          phasesMs[phase] = (phasesMs[phase] ?? 0) + nowMs - phaseMs;
          [phase, phaseMs] = [next, nowMs];
        };
        await sill.models.install(model, {
          ...(wished === '' ? {} : { variant: wished }),
          onProgress: ({ phase: now, storedBytes, waiting }) => {
            pass(waiting ? `${now}, waiting for the ${waiting}` : now);
            if (storedBytes === stored) return;
            stillMs = Math.max(stillMs, performance.now() - storedMs);
            [stored, storedMs] = [storedBytes, performance.now()];
          },
        });
        pass('');
        const ms = performance.now() - startMs;
        await sill.models.load(model);
        return { loadMs: performance.now() - startMs, install: { ms, phasesMs, stillMs } };
      },
      model,
      visit === 'first',
      variant,
    ),
  generate: (page, prompt, maxTokens) =>
    page.run(
      GenerationSchema,
      async (model: string, text: string, max: number) => {
        const sill = globalThis.sill;
        if (!sill) throw new Error('globalThis.sill is missing');
        const request = {
          model,
          prompt: text,
          max_tokens: max,
          temperature: 0,
          // Stock has none: what is compared with it evaluates the whole prompt each time.
          cache_prompt: false,
          stream: true,
          stream_options: { include_usage: true },
        } as const;
        const startMs = performance.now();
        let firstMs = 0;
        let lastMs = 0;
        let tokens = 0;
        let answer = '';
        for await (const chunk of await sill.completions.create(request)) {
          const nowMs = performance.now();
          const piece = chunk.choices[0]?.text ?? '';
          if (piece !== '') lastMs = nowMs;
          if (firstMs === 0) firstMs = nowMs;
          answer += piece;
          tokens = chunk.usage?.completion_tokens ?? tokens;
        }
        return { ttftMs: firstMs - startMs, decodeMs: lastMs - firstMs, tokens, text: answer };
      },
      model,
      prompt,
      maxTokens,
    ),
  own: (page) =>
    page.run(
      OwnSchema,
      async (model: string, prefix: string, endings: readonly string[], prompts: readonly string[], max: number) => {
        const sill = globalThis.sill;
        if (!sill) throw new Error('globalThis.sill is missing');
        const ask = async (prompt: string, max_tokens: number, cache_prompt: boolean) => {
          const request = { model, prompt, max_tokens, cache_prompt, temperature: 0, stream: true } as const;
          const startMs = performance.now();
          let firstMs = 0;
          let promptTokens = 0;
          let cachedTokens = 0;
          for await (const chunk of await sill.completions.create({ ...request, stream_options: { include_usage: true } })) {
            if (firstMs === 0) firstMs = performance.now();
            promptTokens = chunk.usage?.prompt_tokens ?? promptTokens;
            cachedTokens = chunk.usage?.prompt_tokens_details.cached_tokens ?? cachedTokens;
          }
          return { ttftMs: firstMs - startMs, firstMs, endMs: performance.now(), promptTokens, cachedTokens };
        };
        const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
        const [written = '', ...asked] = endings;
        await ask(prefix + written, 1, true);
        const pairs = [];
        for (const ending of asked) {
          const uncached = await ask(prefix + ending, 4, false);
          pairs.push({ uncached, cached: await ask(prefix + ending, 4, true) });
        }
        const [coldPair, ...warmPairs] = pairs;

        const inTurn = async () => {
          const startMs = performance.now();
          for (const each of prompts) await ask(each, max, false);
          return performance.now() - startMs;
        };
        const atOnce = async () => {
          const startMs = performance.now();
          const answers = await Promise.all(prompts.map((each) => ask(each, max, false)));
          return {
            ms: performance.now() - startMs,
            lastBeginsMs: Math.max(...answers.map(({ firstMs }) => firstMs)) - startMs,
            firstEndsMs: Math.min(...answers.map(({ endMs }) => endMs)) - startMs,
          };
        };
        const cold = { inTurnMs: await inTurn(), atOnceMs: (await atOnce()).ms };
        // A B B A, twice: a machine that gets slower meanwhile slows both.
        const turns: number[] = [];
        const once: Array<Awaited<ReturnType<typeof atOnce>>> = [];
        for (let round = 0; round < 2; round++) {
          turns.push(await inTurn());
          once.push(await atOnce(), await atOnce());
          turns.push(await inTurn());
        }
        const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
        return {
          cached: {
            ttftMs: median(warmPairs.map(({ cached }) => cached.ttftMs)),
            promptTokens: coldPair?.cached.promptTokens ?? 0,
            cachedTokens: Math.min(...pairs.map(({ cached }) => cached.cachedTokens)),
          },
          uncached: { ttftMs: median(warmPairs.map(({ uncached }) => uncached.ttftMs)) },
          inTurnMs: mean(turns),
          atOnceMs: mean(once.map(({ ms }) => ms)),
          lastBeginsMs: median(once.map((each) => each.lastBeginsMs)),
          firstEndsMs: median(once.map((each) => each.firstEndsMs)),
          cold: { cachedMs: coldPair?.cached.ttftMs ?? 0, uncachedMs: coldPair?.uncached.ttftMs ?? 0, ...cold },
        };
      },
      model,
      PREFIX,
      ENDINGS,
      PROMPTS,
      TURN_TOKENS,
    ),
});
