import { isAbort, SillError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GeneratedPiece } from '../../ports/generation.ts';
import type { AskedBy, RequestKind, RequestReport } from '../../protocol/requests.ts';
import type { Generated, Inference, TaskInference } from '../inference/inference.ts';
import type { Place } from '../sessions/lines.ts';

/** Of those that ended, so many are remembered. */
const ENDED = 50;

export interface About {
  readonly kind: RequestKind;
  readonly model: string;
  readonly by: AskedBy;
}

/** Requests to models, for whoever looks after the device. They are known by the signal that travels with each of them. */
export interface Requests {
  /** Runs it with a signal that `cancel` aborts as well. */
  during<T>(about: About, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** The same, with what is written told here. */
  watched(inference: Inference & TaskInference): Inference & TaskInference;
  list(): readonly RequestReport[];
  /** False where there is none of this id under way. */
  cancel(id: string): boolean;
}

export interface RequestsDeps {
  readonly clock: Clock;
  readonly random: { uuid(): string };
  /** Where a request stands in the line of its model; undefined for one that stands in none, as one that another computer answers. */
  readonly placeOf: (signal: AbortSignal) => Place | undefined;
}

interface Written {
  readonly tokens: number;
  readonly ttftMs: number;
  readonly decodeMs: number;
}

interface Live {
  readonly about: About;
  readonly id: string;
  readonly startedAtMs: number;
  readonly startMs: number;
  readonly abort: AbortController;
  readonly signal: AbortSignal;
  written?: Written;
}

export function createRequests({ clock, random, placeOf }: RequestsDeps): Requests {
  const live = new Map<string, Live>();
  const bySignal = new WeakMap<AbortSignal, Live>();
  let ended: readonly RequestReport[] = [];

  const reportOf = (request: Live): Omit<RequestReport, 'state'> => {
    const { about, id, startedAtMs, startMs, written } = request;
    return { ...{ id, ...about, startedAtMs }, tookMs: clock.monotonicMs() - startMs, ...(written ? figuresOf(written) : {}) };
  };

  const told = (signal: AbortSignal, { tokenIds }: GeneratedPiece): void => {
    const request = bySignal.get(signal);
    if (!request || tokenIds.length === 0) return;
    const sinceMs = clock.monotonicMs() - request.startMs;
    const { tokens = 0, ttftMs = sinceMs } = request.written ?? {};
    request.written = { tokens: tokens + tokenIds.length, ttftMs, decodeMs: sinceMs - ttftMs };
  };

  const whole = (signal: AbortSignal, { completionTokens, requestTtftMs, decodeMs }: Generated): void => {
    const request = bySignal.get(signal);
    if (request) request.written = { tokens: completionTokens, ttftMs: requestTtftMs, decodeMs };
  };

  return {
    async during(about, asked, work) {
      const abort = new AbortController();
      const signal = AbortSignal.any([asked, abort.signal]);
      const request: Live = { about, id: random.uuid(), startedAtMs: clock.now(), startMs: clock.monotonicMs(), abort, signal };
      live.set(request.id, request);
      bySignal.set(signal, request);
      let state: RequestReport['state'] = 'done';
      try {
        return await work(signal);
      } catch (reason) {
        state = isAbort(reason) ? 'cancelled' : 'failed';
        // What comes back from deep below says that it was cancelled, and not by whom.
        throw abort.signal.aborted && isAbort(reason) ? abort.signal.reason : reason;
      } finally {
        live.delete(request.id);
        ended = [{ ...reportOf(request), state }, ...ended].slice(0, ENDED);
      }
    },
    watched: (inference) => ({
      ...inference,
      async generate(id, options, { onPiece, ...call }) {
        const watching = async (piece: GeneratedPiece): Promise<void> => {
          told(call.signal, piece);
          await onPiece?.(piece);
        };
        const result = await inference.generate(id, options, { ...call, ...(onPiece ? { onPiece: watching } : {}) });
        whole(call.signal, result);
        return result;
      },
    }),
    list: () => [
      ...[...live.values()].map((request): RequestReport => {
        const place = placeOf(request.signal);
        const isWaiting = place?.before !== undefined;
        return { ...reportOf(request), state: isWaiting ? 'waiting' : 'running', ...(isWaiting ? { before: place.before } : {}) };
      }),
      ...ended,
    ],
    cancel(id) {
      const request = live.get(id);
      request?.abort.abort(new SillError('aborted', 'Whoever looks after this device cancelled the request.'));
      return request !== undefined;
    },
  };
}

/** Several that travelled with the first token count from it on. */
const figuresOf = ({ tokens, ttftMs, decodeMs }: Written) => ({
  ...{ tokens, ttftMs },
  ...(tokens > 1 && decodeMs > 0 ? { tokensPerSecond: ((tokens - 1) * 1000) / decodeMs } : {}),
});
