/**
 * A request that is made when something changed, for events that come in bursts: one runs at a time, and one more after it when it was asked
 * for meanwhile.
 */
export function oneAtATime(request: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let isStale = false;
  return function ask() {
    if (running) isStale = true;
    running ??= request().finally(() => {
      running = undefined;
      if (!isStale) return;
      isStale = false;
      void ask();
    });
    return running;
  };
}
