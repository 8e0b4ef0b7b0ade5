import { env, pipeline, TextStreamer } from '@huggingface/transformers';
import type { FromWorker, StockSetup, ToWorker } from './messages.ts';

const say = (message: FromWorker): void => self.postMessage(message);
let generator: Awaited<ReturnType<typeof create>> | undefined;

/** As the library's own examples do it, but every file comes from our own origin in place of the hub and the CDN. */
function create({ model, build, threads, dtype, device }: StockSetup) {
  env.remoteHost = new URL('../', self.location.href).href;
  const { wasm } = env.backends.onnx;
  if (!wasm) throw new Error('transformers.js found no WebAssembly backend');
  const runtime = new URL(`../ort/ort-wasm-simd-threaded${build}`, self.location.href).href;
  wasm.wasmPaths = { mjs: `${runtime}.mjs`, wasm: `${runtime}.wasm` };
  wasm.numThreads = threads;
  return pipeline('text-generation', model, { dtype, ...(device ? { device } : {}) });
}

async function answer(message: ToWorker): Promise<void> {
  if (message.type === 'load') {
    const startMs = performance.now();
    generator = await create(message.setup);
    say({ type: 'ready', pipelineMs: performance.now() - startMs });
    return;
  }
  if (!generator) throw new Error('no model is loaded');
  let tokens = 0;
  const streamer = new TextStreamer(generator.tokenizer, {
    skip_prompt: true,
    skip_special_tokens: true,
    token_callback_function: () => {
      tokens += 1;
      if (tokens === 1) say({ type: 'first' });
    },
    callback_function: (text) => say({ type: 'text', text }),
  });
  await generator(message.prompt, { max_new_tokens: message.maxTokens, do_sample: false, streamer });
  say({ type: 'done', tokens });
}

self.addEventListener('message', (event: MessageEvent<ToWorker>) => {
  answer(event.data).catch((reason: unknown) => say({ type: 'failed', message: String(reason) }));
});
