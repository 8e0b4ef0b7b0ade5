import { createTurns } from './turns.ts';

/** One call after the other, first come first served. One that is aborted while it waits ends at once, in front of none and behind none. */
export type CallLine = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export function createCallLine(): CallLine {
  const turns = createTurns();
  return (work, signal) =>
    new Promise((resolve, reject) => {
      const leave = () => reject(signal?.reason);
      signal?.addEventListener('abort', leave, { once: true });
      turns
        .take(() => {
          signal?.removeEventListener('abort', leave);
          signal?.throwIfAborted();
          // From here on whoever asks hears of its end when it has come, aborted or not: until then the session is in use.
          return work();
        })
        .then(resolve, reject);
    });
}
