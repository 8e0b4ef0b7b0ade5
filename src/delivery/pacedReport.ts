export interface PacedReport {
  /** Something changed: it is told now, or as soon as it is due again, also when nothing follows. */
  changed(): void;
  /** Tells it now. */
  tell(): void;
  /** What is due is told no more. */
  stop(): void;
}

/**
 * Tells what changes often, at most every `everyMs`. The last change is told as well: where a line hangs no byte comes that would tell what was stored
 * of those before it.
 * @param now milliseconds of a clock that never jumps
 */
export function createPacedReport(report: () => void, everyMs: number, now: () => number): PacedReport {
  let toldMs = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const tell = (): void => {
    stop();
    toldMs = now();
    report();
  };
  const changed = (): void => {
    if (timer !== undefined) return;
    const waitMs = toldMs + everyMs - now();
    if (waitMs <= 0) tell();
    else
      timer = setTimeout(() => {
        timer = undefined;
        changed();
      }, waitMs);
  };
  return { changed, tell, stop };
}
