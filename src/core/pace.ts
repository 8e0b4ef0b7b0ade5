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

/** Nothing for so long is worth a word: a busy server pauses for a second or two. */
const QUIET_AFTER_MS = 4000;

export interface TransferMarks {
  readonly storedBytes: number;
  readonly totalBytes: number;
  readonly receivedBytes: number;
}

/** What a person is told of a transfer: read it each second, also when nothing comes, or a stalled one would show its last speed for ever. */
export class TransferMeter {
  readonly #pace = new Pace();
  #marks: TransferMarks | undefined;
  #movedAtMs = 0;

  mark(atMs: number, marks: TransferMarks): void {
    const before = this.#marks;
    // A disk that is slower than the network moves too.
    if (!before || marks.receivedBytes > before.receivedBytes || marks.storedBytes > before.storedBytes) this.#movedAtMs = atMs;
    this.#marks = marks;
    this.#pace.mark(atMs, marks.receivedBytes);
  }

  /** Undefined before the first mark; quiet where nothing has come for some seconds. */
  read(atMs: number) {
    if (!this.#marks) return undefined;
    const { storedBytes, totalBytes, receivedBytes } = this.#marks;
    this.#pace.mark(atMs, receivedBytes);
    const bytesPerSecond = this.#pace.bytesPerSecond();
    const secondsLeft = this.#pace.secondsLeft(totalBytes - storedBytes);
    return {
      storedBytes,
      totalBytes,
      ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
      isQuiet: storedBytes < totalBytes && atMs - this.#movedAtMs >= QUIET_AFTER_MS,
    };
  }
}
