import { LoggerWithoutDebug, Wllama } from '@wllama/wllama';
import type {} from './messages.ts';

let engine: Wllama | undefined;

globalThis.wllama = {
  // As the library's README does it: it starts its own worker, and keeps the file in its own cache.
  async load({ model, threads, context }) {
    const startMs = performance.now();
    engine = new Wllama({ default: new URL('./wllama.wasm', location.href).href }, { logger: LoggerWithoutDebug, suppressNativeLog: true });
    const url = new URL(model, location.href).href;
    await engine.loadModelFromUrl(url, { n_threads: threads, n_ctx: context, n_gpu_layers: 0 });
    return { loadMs: performance.now() - startMs };
  },
  async generate(prompt, maxTokens) {
    if (!engine) throw new Error('load first');
    // Sill's cache is left out too: each prompt is evaluated whole.
    const withoutCache = { cache_prompt: false };
    const startMs = performance.now();
    let [firstMs, lastMs, tokens, text] = [0, 0, 0, ''];
    for await (const chunk of await engine.createCompletion({
      prompt,
      max_tokens: maxTokens,
      temperature: 0,
      stream: true,
      ...withoutCache,
    })) {
      const nowMs = performance.now();
      const piece = chunk.choices[0]?.text ?? '';
      if (firstMs === 0) firstMs = nowMs;
      if (piece !== '') lastMs = nowMs;
      text += piece;
      tokens = chunk.timings?.predicted_n ?? chunk.usage?.completion_tokens ?? tokens;
    }
    return { ttftMs: firstMs - startMs, decodeMs: lastMs - firstMs, tokens, text };
  },
};
