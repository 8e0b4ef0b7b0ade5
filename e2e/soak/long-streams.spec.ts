import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import * as v from 'valibot';
import { Browser } from '../../bench/measure/browser.ts';
import { createServer } from '../../tools/serve/server.ts';
import { DIST } from '../support/fixtures.ts';

/** Chromium ends a service worker that it thinks is stuck after 300 s, and one that has nothing to do after 30 s. */
const LONGER_MS = 400_000;

test('a stream that somebody reads slowly lives longer than any service worker that a browser thinks is stuck', async () => {
  test.setTimeout(LONGER_MS + 180_000);
  const profile = await mkdtemp(join(tmpdir(), 'sill-stream-'));
  const server = createServer({ directory: DIST });
  // Not by Playwright: a service worker that it watches is not ended at all.
  const browser = Browser.launch(profile);
  try {
    const page = await browser.open(await server.listen(0));
    await page.run(v.unknown(), async () => {
      while (!globalThis.sill) await new Promise((resolve) => setTimeout(resolve, 100));
      await globalThis.sill.models.install('stories15m');
      await navigator.serviceWorker.ready;
      while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 100));
      // Its ends are forbidden (tokens 1 and 2), and what falls out of the context makes room.
      const request = {
        model: 'stories15m',
        prompt: 'Once upon a time',
        max_tokens: 1e6,
        context_shift: true,
        logit_bias: { 1: -100, 2: -100 },
      };
      const response = await fetch('v1/completions', { method: 'POST', body: JSON.stringify({ ...request, logprobs: 20, stream: true }) });
      const reader = response.body?.getReader();
      await reader?.read();
      Object.assign(globalThis, { sillTest: { reader } });
    });
    await new Promise((resolve) => setTimeout(resolve, LONGER_MS));
    const told = await page.run(v.object({ bytes: v.number(), isOver: v.boolean(), left: v.number() }), async () => {
      const { reader }: { reader: ReadableStreamDefaultReader<Uint8Array> } = Reflect.get(globalThis, 'sillTest');
      let bytes = 0;
      let isOver = false;
      // More than was on its way when the reader paused.
      while (bytes < 4e6 && !isOver) {
        const next = await reader.read();
        isOver = next.done;
        bytes += next.value?.byteLength ?? 0;
      }
      await reader.cancel();
      const underWay = async () => (await globalThis.sill?.memory())?.models.reduce((sum, { under_way }) => sum + under_way, 0) ?? 0;
      for (let tries = 0; tries < 100 && (await underWay()) > 0; tries++) await new Promise((resolve) => setTimeout(resolve, 100));
      return { bytes, isOver, left: await underWay() };
    });
    expect(told).toEqual({ bytes: expect.any(Number), isOver: false, left: 0 });
    expect(told.bytes).toBeGreaterThanOrEqual(4e6);
  } finally {
    await browser.close();
    await server.close();
    await rm(profile, { recursive: true, force: true });
  }
});
