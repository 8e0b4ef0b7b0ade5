import * as v from 'valibot';
import type { Page } from '../measure/browser.ts';
import type { WllamaSetup } from '../wllama/messages.ts';
import { GenerationSchema, LoadSchema, type Peer, QUIET_MS } from './peer.ts';

/** llama.cpp in WebAssembly over a GGUF file of the page's origin, on the processor. */
export const wllamaPeer = (url: string, setup: WllamaSetup): Peer<'wllama'> => ({
  name: 'wllama',
  label: 'wllama',
  url,
  settle: (page: Page, quiet = QUIET_MS) =>
    page.run(
      v.undefined(),
      async (quietMs: number) => {
        while (!globalThis.wllama) await new Promise((resolve) => setTimeout(resolve, 20));
        await new Promise((resolve) => setTimeout(resolve, quietMs));
      },
      quiet,
    ),
  load: (page) => page.run(LoadSchema, async (wanted: WllamaSetup) => globalThis.wllama?.load(wanted), setup),
  generate: (page, prompt, maxTokens) =>
    page.run(GenerationSchema, async (text: string, max: number) => globalThis.wllama?.generate(text, max), prompt, maxTokens),
});
