import * as v from 'valibot';
import { type Endpoint, ToClientSchema, ToServerSchema } from '../protocol/envelope.ts';

/**
 * The worker as it is, of which is told when a call is told to stop. A client drops such a call at once; whether the worker heeds that is known here alone,
 * since only what runs models ends a worker that does not, and each page that embeds Sill carries the client.
 * @param onStop with the call's method, and what resolves when the worker has ended the call
 */
export function watchStops(worker: Endpoint, onStop: (method: string, stopped: Promise<void>) => void): Endpoint {
  const methods = new Map<number, string>();
  const stopping = new Map<number, () => void>();
  worker.addEventListener('message', ({ data }) => {
    const parsed = v.safeParse(ToClientSchema, data);
    if (!parsed.success || parsed.output.kind === 'item') return;
    const { id } = parsed.output;
    methods.delete(id);
    stopping.get(id)?.();
    stopping.delete(id);
  });
  return {
    postMessage(message, transfer) {
      // First: what cannot be sent, as what has no room to be copied, is no call and will not end.
      worker.postMessage(message, transfer);
      const parsed = v.safeParse(ToServerSchema, message);
      if (parsed.success) {
        const { kind, id } = parsed.output;
        const method = methods.get(id);
        if (kind === 'call') methods.set(id, parsed.output.method);
        else if (kind === 'abort' && method !== undefined) onStop(method, new Promise((resolve) => stopping.set(id, resolve)));
      }
    },
    addEventListener: (type, listener) => worker.addEventListener(type, listener),
    removeEventListener: (type, listener) => worker.removeEventListener(type, listener),
  };
}
