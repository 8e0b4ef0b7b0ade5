import { type SillError, toSillError } from '../../core/errors.ts';
import type { LogEvent } from '../../core/log.ts';
import type { Sill } from '../../protocol/sill.ts';
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
  readonly #sill: Sill;
  #shown = true;
  #isStale = true;

  constructor(sill: Sill) {
    super();
    this.#sill = sill;
  }

  connect(): () => void {
    const stop = this.#sill.watch(({ type }) => {
      if (type === 'log') this.#follow();
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
    }
    this.dispatchEvent(new Event('change'));
  });
}
