import { type SillError, toSillError } from '../../core/errors.ts';
import type { LogEvent } from '../../core/log.ts';
import type { Sill } from '../../protocol/sill.ts';
import { isLocked } from '../errors.ts';
import { oneAtATime } from '../one-at-a-time.ts';

/**
 * The log as it was last read, and what comes to it while it is looked at.
 *
 * @fires change
 */
export class LogStore extends EventTarget {
  /** Oldest first; absent until it was read. */
  events: readonly LogEvent[] | undefined;
  error: SillError | undefined;
  readonly #sill: Pick<Sill, 'watch' | 'log'>;
  #shown = true;
  #isStale = true;
  /** It is the staff's: until they come, asking again brings nothing. */
  #isRefused = false;

  constructor(sill: Pick<Sill, 'watch' | 'log'>) {
    super();
    this.#sill = sill;
  }

  connect(): () => void {
    const stop = this.#sill.watch(({ type }) => {
      if (type === 'kiosk') this.#isRefused = false;
      if (type === 'kiosk' || (type === 'log' && !this.#isRefused)) this.#follow();
    });
    this.#follow();
    return stop;
  }

  /** A view that is not in front reads what it missed when it is there again. */
  set shown(shown: boolean) {
    this.#shown = shown;
    if (shown && this.#isStale) this.#follow();
  }

  #follow(): void {
    this.#isStale = !this.#shown;
    if (this.#shown) void this.refresh();
  }

  readonly refresh = oneAtATime(async () => {
    try {
      const before = this.events ?? [];
      const { events, count } = await this.#sill.log.after(before.at(-1)?.id ?? 0);
      // What was dropped meanwhile, or cleared in another tab, goes here too.
      const all = [...before, ...events];
      this.events = all.slice(Math.max(0, all.length - count));
      this.error = undefined;
    } catch (reason) {
      this.error = toSillError(reason);
      this.#isRefused = isLocked(this.error);
      // What the staff read is not for whoever comes after them.
      if (this.#isRefused) this.events = undefined;
    }
    this.dispatchEvent(new Event('change'));
  });
}
