import { Breaker } from '../../core/breaker.ts';
import { SillError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { UpstreamHealth } from '../../protocol/upstreams.ts';
import type { Hub } from '../hub.ts';

/** What came of asking a server. Said once, but for `answers`, which a failure may follow. */
export interface UpstreamTry {
  /** It speaks, or says what is wrong with the request. */
  answers(): void;
  failed(error: SillError): void;
  abandoned(): void;
}

/** How servers elsewhere fare, as far as requests of this device have seen: none is asked for its health. Forgotten with the engine. */
export interface UpstreamWatch {
  health(url: string): UpstreamHealth;
  /**
   * @param insists nobody can stand in: it is asked even while it rests
   * @throws SillError `upstream_failed` with `retryAfterSeconds` while it is left alone
   */
  begin(upstream: { readonly url: string; readonly name: string }, insists: boolean): UpstreamTry;
}

interface Seen {
  readonly breaker: Breaker;
  answeredAtMs?: number;
  error?: SillError;
}

export function createUpstreamWatch(clock: Clock, hub: Pick<Hub, 'tell'>): UpstreamWatch {
  const all = new Map<string, Seen>();
  const seenOf = (url: string): Seen => {
    const seen = all.get(url) ?? { breaker: new Breaker() };
    all.set(url, seen);
    return seen;
  };
  const tell = () => hub.tell({ type: 'upstreams' });

  return {
    health(url) {
      const { breaker, answeredAtMs, error } = seenOf(url);
      const restMs = breaker.restMs(clock.monotonicMs());
      return {
        state: restMs > 0 ? 'rests' : breaker.failures > 0 ? 'fails' : answeredAtMs === undefined ? 'unknown' : 'answers',
        failures: breaker.failures,
        ...(answeredAtMs === undefined ? {} : { answeredAtMs }),
        ...(error === undefined || breaker.failures === 0 ? {} : { error: error.toData() }),
        ...(restMs > 0 ? { retryAtMs: clock.now() + restMs } : {}),
      };
    },
    begin({ url, name }, insists) {
      const seen = seenOf(url);
      const { breaker } = seen;
      const restMs = breaker.enter(clock.monotonicMs());
      if (restMs > 0 && !insists) throw resting(url, name, breaker.failures, Math.ceil(restMs / 1000), seen.error);
      let hasAnswered = false;
      return {
        answers() {
          if (hasAnswered) return;
          hasAnswered = true;
          breaker.succeeded();
          seen.answeredAtMs = clock.now();
          tell();
        },
        failed(error) {
          breaker.failed(clock.monotonicMs());
          seen.error = error;
          tell();
        },
        abandoned: () => breaker.abandoned(),
      };
    },
  };
}

const resting = (url: string, name: string, failures: number, retryAfterSeconds: number, cause: SillError | undefined): SillError =>
  new SillError(
    'upstream_failed',
    `${name} was not asked: it failed ${failures} times in a row, and is tried again in ${retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`}.${cause ? ` Last: ${cause.message}` : ''}`,
    { details: { url, retryAfterSeconds }, cause },
  );
