import { type SillError, toSillError } from '../../core/errors.ts';
import type { GuestsReport, NarrowingData } from '../../protocol/guests.ts';
import type { Sill } from '../../protocol/sill.ts';
import { oneAtATime } from '../one-at-a-time.ts';

/**
 * Pages that embed Sill, as the engine last told, and what people take from them.
 *
 * @fires change
 */
export class GuestsStore extends EventTarget {
  report: GuestsReport | undefined;
  /** Why nothing could be told at all. */
  error: SillError | undefined;
  /** Why the last change to an origin failed, by it, until the next. */
  readonly failures = new Map<string, SillError>();
  readonly #sill: Sill;

  constructor(sill: Sill) {
    super();
    this.#sill = sill;
  }

  /** Starts following the engine. Returns the way to stop. */
  connect(): () => void {
    const stop = this.#sill.watch(({ type }) => {
      if (type === 'guests') void this.refresh();
    });
    void this.refresh();
    return stop;
  }

  readonly refresh = oneAtATime(async () => {
    try {
      this.report = await this.#sill.guests.list();
      this.error = undefined;
    } catch (reason) {
      this.error = toSillError(reason);
    }
    this.#changed();
  });

  /** Whether it was done; why not is in `failures`. */
  narrow = (origin: string, narrowing: NarrowingData): Promise<boolean> =>
    this.#change(origin, async ({ guests }) => void (await guests.narrow(origin, narrowing)));

  /** As it was before a person took it back. */
  decide = (origin: string, allow: boolean): Promise<boolean> =>
    this.#change(origin, async ({ guests }) => void (await guests.decide(origin, allow)));

  withdraw = (origin: string): Promise<boolean> => this.#change(origin, async ({ guests }) => void (await guests.withdraw(origin)));

  async #change(origin: string, work: (sill: Sill) => Promise<void>): Promise<boolean> {
    this.failures.delete(origin);
    try {
      await work(this.#sill);
    } catch (reason) {
      this.failures.set(origin, toSillError(reason));
      this.#changed();
      return false;
    }
    await this.refresh();
    return true;
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
