import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Long enough that nobody is led to press what was uncovered just before the click. */
const SEEN_MS = 800;
/** Of the question: less than all of it only by what rounding to pixels takes away. */
const WHOLE = 0.97;
/** Where a browser cannot tell whether something covers the frame, these are to be typed: whoever lures a click cannot read them. */
const CODE_LETTERS = 'ABCDEFHKLMNPRSTUVWXYZ';
const CODE_LENGTH = 3;

const canTell = typeof IntersectionObserverEntry === 'function' && 'isVisible' in IntersectionObserverEntry.prototype;

/**
 * Whether a person sees what they are about to press: for a question in a frame, which the page around it can move, cover and make transparent. Chromium tells
 * (https://w3c.github.io/IntersectionObserver/v2/); elsewhere the person types what stands there.
 */
export class ClearSight implements ReactiveController {
  /** Seen as a whole, uncovered, unfaded and untransformed, for long enough. Always false where `code` is to be typed. */
  clear = false;
  readonly code = canTell ? undefined : drawCode();
  readonly #host: ReactiveControllerHost;
  readonly #target: () => Element | null;
  #observer: IntersectionObserver | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost, target: () => Element | null) {
    this.#host = host;
    this.#target = target;
    host.addController(this);
  }

  hostUpdated(): void {
    const target = this.#target();
    if (this.#observer || this.code !== undefined || !target) return;
    // Of version 2, which the types do not know yet.
    const options = { threshold: WHOLE, trackVisibility: true, delay: 100 };
    this.#observer = new IntersectionObserver((entries) => this.#look(entries.at(-1)), options);
    this.#observer.observe(target);
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
    this.#observer = undefined;
    clearTimeout(this.#timer);
  }

  #look(entry: IntersectionObserverEntry | undefined): void {
    clearTimeout(this.#timer);
    const isVisible: unknown = entry && Reflect.get(entry, 'isVisible');
    if (isVisible === true) this.#timer = setTimeout(() => this.#become(true), SEEN_MS);
    else this.#become(false);
  }

  #become(clear: boolean): void {
    if (this.clear === clear) return;
    this.clear = clear;
    this.#host.requestUpdate();
  }
}

function drawCode(): string {
  const drawn = crypto.getRandomValues(new Uint32Array(CODE_LENGTH));
  return [...drawn].map((each) => CODE_LETTERS[each % CODE_LETTERS.length]).join('');
}
