import { DEFAULT_KEEP_ALIVE_MS } from '../../core/keepAlive.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Memory } from './memory.ts';

/** The longest that a timer of a browser waits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** When one model in memory goes, by its `keep_alive`. */
export interface Expiry {
  /** What the latest request wishes; one that says nothing leaves it as it is, by default as the settings say. */
  set(keepAliveMs: number | undefined): Promise<void>;
  /** Nobody asks for it: its time runs from now. */
  rest(): void;
  stop(): void;
  /** What the latest request that said something wished. */
  readonly wishedMs: number | undefined;
  readonly isNever: boolean;
  /** If nobody asked for it from now on; Infinity for never. */
  readonly atMs: number;
}

/**
 * @param wishedMs of the one whose place it takes
 * @param onEnd may be called at once
 */
export function createExpiry(clock: Clock, memory: Pick<Memory, 'keepAliveMs'>, wishedMs: number | undefined, onEnd: () => void): Expiry {
  let defaultMs = DEFAULT_KEEP_ALIVE_MS;
  let restingSinceMs: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const keepAliveMs = () => wishedMs ?? defaultMs;
  const atMs = () => (restingSinceMs ?? clock.now()) + keepAliveMs();
  const arm = () => {
    clearTimeout(timer);
    const leftMs = atMs() - clock.now();
    if (leftMs <= 0) onEnd();
    else if (leftMs !== Number.POSITIVE_INFINITY) timer = setTimeout(arm, Math.min(leftMs, LONGEST_TIMER_MS));
  };

  return {
    async set(next) {
      if (next !== undefined) wishedMs = next;
      defaultMs = await memory.keepAliveMs();
      if (restingSinceMs !== undefined) arm();
    },
    rest() {
      restingSinceMs = clock.now();
      arm();
    },
    stop() {
      clearTimeout(timer);
      restingSinceMs = undefined;
    },
    get wishedMs() {
      return wishedMs;
    },
    get isNever() {
      return keepAliveMs() === Number.POSITIVE_INFINITY;
    },
    get atMs() {
      return atMs();
    },
  };
}
