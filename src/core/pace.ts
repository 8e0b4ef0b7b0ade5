/** Window of the moving average: long enough to be steady, short enough to follow a changed network. */
const WINDOW_MS = 5000;
/** Below this span a speed would be noise. */
const MIN_SPAN_MS = 500;

interface Mark {
  readonly atMs: number;
  readonly bytes: number;
}

/** Speed and time left of a transfer, from marks of the last seconds. Plain data in, plain data out. */
export class Pace {
  #marks: Mark[] = [];

  /** @param bytes received so far, never falling. */
  mark(atMs: number, bytes: number): void {
    this.#marks.push({ atMs, bytes });
    const horizon = atMs - WINDOW_MS;
    while (this.#marks.length > 2 && (this.#marks[1]?.atMs ?? atMs) <= horizon) this.#marks.shift();
  }

  /** Undefined until there is something to say. */
  bytesPerSecond(): number | undefined {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (!first || !last || last.atMs - first.atMs < MIN_SPAN_MS) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  }

  secondsLeft(remainingBytes: number): number | undefined {
    const speed = this.bytesPerSecond();
    return speed === undefined || speed <= 0 ? undefined : remainingBytes / speed;
  }
}
