import { type SillError, toSillError } from '../../core/errors.ts';
import type { RouteId } from '../routes.ts';

/** Words are asked for at each rendering, so that they follow the language. */
export interface Telling {
  readonly tone: 'done' | 'failed';
  readonly words: () => string;
  /** Where the thing is. */
  readonly href: string;
  /** Views in which it can be seen without being told. */
  readonly seenIn: readonly RouteId[];
  /** One notice about a thing takes the place of the one before. */
  readonly about: string;
}

export interface Offer {
  readonly words: () => string;
  /** Puts back what was done. */
  readonly undo: () => Promise<unknown>;
  /** Whoever may withdraw it, with all else that they offered. */
  readonly by?: object;
}

export type Notice = { readonly id: number } & (
  | ({ readonly kind: 'told' } & Telling)
  | ({ readonly kind: 'offer' } & Offer)
  | { readonly kind: 'kept'; readonly error: SillError }
);

/** Long enough to read the line, reach it by keyboard and decide; what is hovered, focused or out of sight does not run out. */
export const OFFER_MS = 20_000;
/** Of good news. What failed stays until it is dismissed. */
const DONE_MS = 12_000;
/** More would hide the page. The oldest go. */
const MOST = 4;

/**
 * What the page tells beside its views: ends of long work, and ways back from what was just done.
 *
 * @fires change
 */
export class NoticesStore extends EventTarget {
  #list: readonly Notice[] = [];
  readonly #leftMs = new Map<number, number>();
  #ids = 0;
  #isHeld = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sinceMs = 0;

  /** Oldest first. */
  get list(): readonly Notice[] {
    return this.#list;
  }

  get lastOffer(): (Notice & { readonly kind: 'offer' }) | undefined {
    return this.#list.findLast((notice) => notice.kind === 'offer');
  }

  tell(telling: Telling): void {
    const others = this.#list.filter((each) => each.kind !== 'told' || each.about !== telling.about);
    this.#become(others, { kind: 'told', id: ++this.#ids, ...telling }, telling.tone === 'done' ? DONE_MS : undefined);
  }

  /** To be called once it is done. */
  offerUndo(offer: Offer): void {
    this.#become(this.#list, { kind: 'offer', id: ++this.#ids, ...offer }, OFFER_MS);
  }

  /** Takes back all that these offered: it cannot be undone any more, or its words are not to be read. */
  withdraw(by: object): void {
    for (const each of this.#list) if (each.kind === 'offer' && each.by === by) this.dismiss(each.id);
  }

  /** By default what was done last. False where nothing is offered. */
  undo(offer = this.lastOffer): boolean {
    if (!offer) return false;
    this.dismiss(offer.id);
    offer.undo().catch((reason: unknown) => this.fail(toSillError(reason)));
    return true;
  }

  /** Of what was asked for where no view could tell it. */
  fail(error: SillError): void {
    this.#become(this.#list, { kind: 'kept', id: ++this.#ids, error }, undefined);
  }

  dismiss(id: number): void {
    if (!this.#list.some((each) => each.id === id)) return;
    this.#pass();
    this.#leftMs.delete(id);
    this.#list = this.#list.filter((each) => each.id !== id);
    this.#run();
    this.#changed();
  }

  /** A person came to a view, and sees for themselves. */
  seen(route: RouteId): void {
    for (const each of this.#list) if (each.kind === 'told' && each.seenIn.includes(route)) this.dismiss(each.id);
  }

  /** While a person reads or reaches for them, or cannot see the page, nothing runs out. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#pass();
    this.#isHeld = isHeld;
    this.#run();
  }

  #become(others: readonly Notice[], notice: Notice, lastsMs: number | undefined): void {
    this.#pass();
    this.#list = [...others, notice].slice(-MOST);
    if (lastsMs !== undefined) this.#leftMs.set(notice.id, lastsMs);
    for (const id of this.#leftMs.keys()) if (!this.#list.some((each) => each.id === id)) this.#leftMs.delete(id);
    this.#run();
    this.#changed();
  }

  /** Takes off what has gone by since it was looked at last. */
  #pass(): void {
    clearTimeout(this.#timer);
    const nowMs = performance.now();
    if (!this.#isHeld) for (const [id, leftMs] of this.#leftMs) this.#leftMs.set(id, leftMs - (nowMs - this.#sinceMs));
    this.#sinceMs = nowMs;
  }

  #run(): void {
    if (this.#isHeld || this.#leftMs.size === 0) return;
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, Math.min(...this.#leftMs.values())));
  }

  #expire(): void {
    this.#pass();
    const over = new Set([...this.#leftMs].filter(([, leftMs]) => leftMs <= 1).map(([id]) => id));
    for (const id of over) this.#leftMs.delete(id);
    this.#list = this.#list.filter(({ id }) => !over.has(id));
    this.#run();
    if (over.size > 0) this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event('change'));
  }
}
