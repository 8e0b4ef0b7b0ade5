import type { FromWorker, ToWorker } from './messages.ts';

let worker: Worker | undefined;

/** Sends a message and listens until one of the answers settles it. */
function ask<T>(message: ToWorker, hear: (answer: FromWorker, settle: (result: T) => void) => void): Promise<T> {
  const to = worker;
  if (!to) throw new Error('load first');
  return new Promise((resolve, reject) => {
    to.onerror = (event) => reject(new Error(event.message));
    to.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'failed') reject(new Error(data.message));
      else hear(data, resolve);
    };
    to.postMessage(message);
  });
}

globalThis.stock = {
  load(setup) {
    const startMs = performance.now();
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    return ask({ type: 'load', setup }, (answer, settle) => {
      if (answer.type === 'ready') settle({ loadMs: performance.now() - startMs, pipelineMs: answer.pipelineMs });
    });
  },
  generate(prompt, maxTokens) {
    const startMs = performance.now();
    let firstMs = 0;
    let lastMs = 0;
    let text = '';
    return ask({ type: 'generate', prompt, maxTokens }, (answer, settle) => {
      const nowMs = performance.now();
      if (answer.type === 'first') firstMs = nowMs;
      if (answer.type === 'text') {
        text += answer.text;
        if (answer.text !== '') lastMs = nowMs;
      }
      if (answer.type === 'done') settle({ ttftMs: firstMs - startMs, decodeMs: lastMs - firstMs, tokens: answer.tokens, text });
    });
  },
};
