import { join } from 'node:path';
import * as v from 'valibot';
import type { Page } from './measure/browser.ts';
import type { Peer } from './peers/peer.ts';
import { PREFIX } from './peers/sill.ts';
import { withBrowser, withFolder } from './rounds.ts';

/** The first token of a conversation with 180 tokens of instructions, in a browser that was just started and has loaded its model. */
export interface Restart {
  /** With what `cache_prompt: 'persist'` kept of them. */
  readonly keptMs: number;
  readonly evaluatedMs: number;
}

export async function measureRestarts(peer: Peer, model: string, runs: number): Promise<Restart[]> {
  return withFolder(async (folder) => {
    const visit = (kind: 'first' | 'later', isKept: boolean) =>
      withBrowser(join(folder, 'profile'), async (browser) => {
        const page = await browser.open(peer.url);
        await peer.settle(page);
        await peer.load(page, kind);
        return firstToken(page, model, isKept);
      });
    await visit('first', true);
    const restarts: Restart[] = [];
    for (let run = 0; run < runs; run++) {
      // Who begins changes.
      const first = await visit('later', run % 2 === 0);
      const second = await visit('later', run % 2 !== 0);
      restarts.push(run % 2 === 0 ? { keptMs: first, evaluatedMs: second } : { keptMs: second, evaluatedMs: first });
    }
    return restarts;
  });
}

function firstToken(page: Page, model: string, isKept: boolean): Promise<number> {
  return page.run(
    v.number(),
    async (id: string, instructions: string, persist: boolean) => {
      const sill = globalThis.sill;
      if (!sill) throw new Error('globalThis.sill is missing');
      const startMs = performance.now();
      let firstMs = 0;
      const chunks = await sill.chat.completions.create({
        model: id,
        messages: [
          { role: 'system', content: instructions },
          { role: 'user', content: 'Tom said,' },
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
  );
}
