import type { Measured } from './messages.ts';

globalThis.steps = {
  measure(setup) {
    // A worker, as in the app: only there are weights read piece by piece.
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    return new Promise((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data }: MessageEvent<{ readonly measured?: Measured; readonly failed?: string }>) => {
        if (data.measured) resolve(data.measured);
        else reject(new Error(data.failed));
      };
      worker.postMessage(setup);
    });
  },
};
