/** In a row. One is an accident, and two may be one accident that two requests met. */
export const FAILURES_TO_REST = 3;
const FIRST_REST_MS = 5000;
/** Short, because what failed may have been this device's own network. */
const LONGEST_REST_MS = 60_000;
/** Told to whoever comes while one request finds out whether it is back. */
const PROBE_MS = 1000;

/** Leaves a server alone that failed again and again: for twice as long each time, and one request finds out whether it is back. */
export class Breaker {
  #failures = 0;
  #restsUntilMs = 0;
  #isProbed = false;

  /** For how long the server is left alone still, in ms; 0 when it may be asked. */
  restMs(nowMs: number): number {
    if (this.#failures < FAILURES_TO_REST) return 0;
    return this.#isProbed ? PROBE_MS : Math.max(0, this.#restsUntilMs - nowMs);
  }

  /** As `restMs`. Whoever gets 0 asks the server and says what came of it: after a rest that is one alone. */
  enter(nowMs: number): number {
    const restMs = this.restMs(nowMs);
    if (restMs === 0 && this.#failures >= FAILURES_TO_REST) this.#isProbed = true;
    return restMs;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isProbed = false;
  }

  failed(nowMs: number): void {
    // One that began before the rest says nothing new.
    if (!this.#isProbed && this.restMs(nowMs) > 0) return;
    this.#isProbed = false;
    this.#failures += 1;
    const rests = this.#failures - FAILURES_TO_REST;
    if (rests >= 0) this.#restsUntilMs = nowMs + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** rests);
  }

  /** Nobody waited for what would have come of it. */
  abandoned(): void {
    this.#isProbed = false;
  }

  get failures(): number {
    return this.#failures;
  }
}
