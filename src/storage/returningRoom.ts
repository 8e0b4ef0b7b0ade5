/**
 * Chromium takes the room of Blobs that were read and deleted back some time later. 17 of 1 MB in a worker that then waited: 31 s, and 6 s where some memory was
 * asked for each second, which calls its collector; those that nobody had read at once. And it looks for the room of a database in use every half minute only.
 */
const RETURNS_MS = 60_000;
const AGAIN_MS = 1_000;
const LOCK = 'sill-room-returns';

/** The room of Blobs that were deleted, until the browser has taken it back. */
export interface ReturningRoom {
  /** Blobs were deleted by this realm: it calls its collector for a while, and all realms know by a lock that they may wait. */
  expect(): void;
  /** @returns after a moment, whether there may be more room by now: where nobody has deleted anything there will not be */
  wait(): Promise<boolean>;
}

/** @param locks absent where the browser has none: nothing is waited for then */
export function createReturningRoom(locks: Pick<LockManager, 'request' | 'query'> | undefined): ReturningRoom {
  let untilMs: number | undefined;
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  const collect = async (): Promise<void> => {
    while (untilMs !== undefined && performance.now() < untilMs) {
      callCollector();
      await pause();
    }
    untilMs = undefined;
  };
  return {
    expect() {
      const isUnderWay = untilMs !== undefined;
      untilMs = performance.now() + RETURNS_MS;
      if (!isUnderWay) void locks?.request(LOCK, { mode: 'shared' }, collect);
    },
    async wait() {
      const { held = [], pending = [] } = (await locks?.query()) ?? {};
      // One that was asked for a moment ago is on its way.
      if (![...held, ...pending].some(({ name }) => name === LOCK)) return false;
      // What this realm has read keeps its file as well.
      callCollector();
      await pause();
      return true;
    },
  };
}

/** Memory that nobody writes to costs nothing, and is counted by the collector. */
const callCollector = (): void => {
  for (let i = 0; i < 8; i++) new ArrayBuffer(4 * 1024 * 1024);
};
