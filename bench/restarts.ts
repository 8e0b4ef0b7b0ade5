import { join } from 'node:path';
import * as v from 'valibot';
import type { Page } from './measure/browser.ts';
import type { Peer } from './peers/peer.ts';
import { PREFIX } from './peers/sill.ts';
import { withBrowser, withFolder } from './rounds.ts';

/** The first token of a conversation with 180 tokens of instructions, in a browser that was just started and has loaded its model. */
export interface Restart {
  /** With what `cache_prompt: 'persist'` kept of them, a moment after the model was loaded: as at a kiosk, which loads it before anybody comes. */
  readonly keptMs: number;
  readonly evaluatedMs: number;
  /** Another conversation with the same instructions, right behind the one of `keptMs`: they are in memory, and all code has run before. */
  readonly inMemoryMs: number;
  /** Asked in the moment in which the model is loaded. */
  readonly atOnce: { readonly keptMs: number; readonly evaluatedMs: number };
}

const MOMENT_MS = 1_000;

export async function measureRestarts(peer: Peer, model: string, runs: number): Promise<Restart[]> {
  return withFolder(async (folder) => {
    const visit = (kind: 'first' | 'later', isKept: boolean, pauseMs: number) =>
      withBrowser(join(folder, 'profile'), async (browser) => {
        const page = await browser.open(peer.url);
        await peer.settle(page);
        await peer.load(page, kind);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        const firstMs = await firstToken(page, model, isKept, 'Tom said,');
        return { firstMs, secondMs: await firstToken(page, model, isKept, 'Sue said,') };
      });
    const pair = async (run: number, pauseMs: number) => {
      // Who begins changes.
      const first = await visit('later', run % 2 === 0, pauseMs);
      const second = await visit('later', run % 2 !== 0, pauseMs);
      const [kept, evaluated] = run % 2 === 0 ? [first, second] : [second, first];
      return { keptMs: kept.firstMs, evaluatedMs: evaluated.firstMs, inMemoryMs: kept.secondMs };
    };
    await visit('first', true, 0);
    const restarts: Restart[] = [];
    for (let run = 0; run < runs; run++) {
      const { inMemoryMs: _, ...atOnce } = await pair(run, 0);
      restarts.push({ ...(await pair(run, MOMENT_MS)), atOnce });
    }
    return restarts;
  });
}

function firstToken(page: Page, model: string, isKept: boolean, question: string): Promise<number> {
  return page.run(
    v.number(),
    async (id: string, instructions: string, persist: boolean, asked: string) => {
      const sill = globalThis.sill;
      if (!sill) throw new Error('globalThis.sill is missing');
      const startMs = performance.now();
      let firstMs = 0;
      const chunks = await sill.chat.completions.create({
        model: id,
        messages: [
          { role: 'system', content: instructions },
          { role: 'user', content: asked },
        ],
        chat_template: '{{ bos_token }}{% for message in messages %}{{ message.content }} {% endfor %}',
        max_tokens: 4,
        temperature: 0,
        cache_prompt: persist ? 'persist' : false,
        stream: true,
      });
      for await (const _ of chunks) if (firstMs === 0) firstMs = performance.now();
      return firstMs - startMs;
    },
    model,
    PREFIX,
    isKept,
    question,
  );
}
