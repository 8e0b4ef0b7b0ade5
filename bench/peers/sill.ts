import * as v from 'valibot';
import type {} from '../../src/protocol/sill.ts';
import { GenerationSchema, LoadSchema, type Peer, QUIET_MS } from './peer.ts';

const MODEL = 'stories15m';

/** Sill through its public surface, in its own production page. */
export const sillPeer = (url: string): Peer => ({
  name: 'sill',
  label: 'Sill',
  url,
  settle: (page) =>
    page.run(
      v.undefined(),
      async (quietMs: number) => {
        while (!globalThis.sill) await new Promise((resolve) => setTimeout(resolve, 20));
        await navigator.serviceWorker.ready;
        await new Promise((resolve) => setTimeout(resolve, quietMs));
      },
      QUIET_MS,
    ),
  load: (page, visit) =>
    page.run(
      LoadSchema,
      async (model: string, install: boolean) => {
        const sill = globalThis.sill;
        if (!sill) throw new Error('globalThis.sill is missing');
        const startMs = performance.now();
        if (install) await sill.models.install(model);
        await sill.models.load(model);
        return { loadMs: performance.now() - startMs };
      },
      MODEL,
      visit === 'first',
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
      MODEL,
      prompt,
      maxTokens,
    ),
});
