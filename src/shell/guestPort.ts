import { SillError } from '../core/errors.ts';
import { createMeter, type MessageLimits, measure } from '../core/messageLimits.ts';
import type { Endpoint } from '../protocol/envelope.ts';

export interface GuestPort {
  /** What of the guest's messages may be read. */
  readonly endpoint: Endpoint;
  close(): void;
}

/** Of one guest: a recording of half an hour, a long prompt, what a reader in a hurry acknowledges. Far above what a page has use for. */
const GUEST_LIMITS: MessageLimits = {
  messageBytes: 128 * 2 ** 20,
  values: 200_000,
  callsUnderWay: 32,
  messagesPerSecond: 4000,
  burst: 16_000,
  strayCost: 8,
  malformed: 50,
};

/**
 * A guest's end of a channel behind bounds: what is too large, too many at once, or too fast never reaches who answers. A guest that does not keep to the
 * protocol, or floods, is put out: `onBreach` is told why, once, and the port is closed.
 */
export function boundGuestPort(port: MessagePort, onBreach: (reason: SillError) => void, limits: MessageLimits = GUEST_LIMITS): GuestPort {
  const listeners = new Set<(event: MessageEvent<unknown>) => void>();
  const meter = createMeter(limits);
  let closed = false;

  const close = () => {
    closed = true;
    listeners.clear();
    port.removeEventListener('message', onMessage);
    port.close();
  };
  const refuseCall = (id: number, error: SillError) => port.postMessage({ kind: 'failed', id, error: error.toData() });

  const admit = (data: unknown): unknown => {
    const verdict = meter.admit(data, performance.now(), measure(data, limits));
    if (verdict.kind === 'pass') return verdict.message;
    if (verdict.kind === 'refuse') refuseCall(verdict.id, new SillError(verdict.code, verdict.message, { details: verdict.details }));
    if (verdict.kind === 'breach') {
      onBreach(new SillError('forbidden', verdict.message));
      close();
    }
    return undefined;
  };

  /** Each message is counted once, whoever listens. */
  const onMessage = ({ data }: MessageEvent<unknown>) => {
    const message = closed ? undefined : admit(data);
    if (message === undefined) return;
    for (const listener of [...listeners]) listener(new MessageEvent('message', { data: message }));
  };
  port.addEventListener('message', onMessage);

  return {
    endpoint: {
      postMessage(message, transfer) {
        if (closed) return;
        meter.sent(message);
        port.postMessage(message, transfer);
      },
      addEventListener: (_type, listener) => void listeners.add(listener),
      removeEventListener: (_type, listener) => void listeners.delete(listener),
    },
    close,
  };
}
