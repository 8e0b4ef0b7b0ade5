import * as v from 'valibot';
import { STOCK_MODELS } from '../stock/build.ts';
import type { StockSetup } from '../stock/messages.ts';
import { GenerationSchema, LoadSchema, type Peer, QUIET_MS } from './peer.ts';

/** transformers.js as it comes: its own choice of build, an export that was not made for Sill. */
export const stockPeer = (url: string, threads: number, model: string = STOCK_MODELS.unfused, dtype: StockSetup['dtype'] = 'int8'): Peer =>
  // The default build has no kernel for the processor that looks up rows of 4 bits.
  peer({ name: 'stock', label: 'stock', url }, { model, build: dtype === 'q4' ? '' : '.asyncify', threads, dtype });

/** transformers.js over Sill's build of the runtime and Sill's file. */
export const stockSamePeer = (url: string, threads: number, model: string = STOCK_MODELS.fused): Peer =>
  peer({ name: 'stockSame', label: 'stock, same build and file', url }, { model, build: '', threads, dtype: 'int8' });

/** transformers.js on the GPU with Sill's own file, over its own choice of build or Sill's. */
export const stockGpuPeer = (url: string, build: '.asyncify' | '.jspi', flags: readonly string[]): Peer => ({
  ...peer(build === '.asyncify' ? { name: 'stock', label: 'stock', url } : { name: 'stockSame', label: 'stock, same build', url }, {
    model: STOCK_MODELS.fused,
    build,
    threads: 1,
    dtype: 'q4',
    device: 'webgpu',
  }),
  flags,
});

const peer = (about: Pick<Peer, 'name' | 'label' | 'url'>, setup: StockSetup): Peer => ({
  ...about,
  settle: (page, quiet = QUIET_MS) =>
    page.run(
      v.undefined(),
      async (quietMs: number) => {
        while (!globalThis.stock) await new Promise((resolve) => setTimeout(resolve, 20));
        await new Promise((resolve) => setTimeout(resolve, quietMs));
      },
      quiet,
    ),
  load: (page) =>
    page.run(
      LoadSchema,
      async (wanted: StockSetup) => {
        const report = await globalThis.stock?.load(wanted);
        return { loadMs: report?.loadMs, ownLoadMs: report?.pipelineMs };
      },
      setup,
    ),
  generate: (page, prompt, maxTokens) =>
    page.run(GenerationSchema, async (text: string, max: number) => globalThis.stock?.generate(text, max), prompt, maxTokens),
});
