/** One at a time, first come first served. Sequences that ask again after each step take turns by that. */
export interface Turns {
  take<T>(work: () => Promise<T> | T): Promise<T>;
  /** Resolves when nobody has the turn, and nobody ever gets one again. */
  end(): Promise<void>;
  /** How many have the turn or wait for it. */
  readonly waiting: number;
  /** How many turns were taken, ever. */
  readonly taken: number;
}

export function createTurns(): Turns {
  let line: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let taken = 0;
  const take = <T>(work: () => Promise<T> | T): Promise<T> => {
    waiting += 1;
    taken += 1;
    const turn = line.then(work).finally(() => {
      waiting -= 1;
    });
    line = turn.catch(() => undefined);
    return turn;
  };
  return {
    take,
    end: () =>
      new Promise((resolve) => {
        void take(() => {
          resolve();
          return new Promise(() => undefined);
        });
      }),
    get waiting() {
      return waiting;
    },
    get taken() {
      return taken;
    },
  };
}

/**
 * Of what takes turns within a share of its own: one at a time stands in the line, however many they are, so that sixteen answers to one request
 * have as many turns together as another request has for its single one.
 */
export function shareOf(turns: Turns): Turns {
  const own = createTurns();
  return {
    take: (work) => own.take(() => turns.take(work)),
    end: turns.end,
    get waiting() {
      // The one of them that stands in the line counts there.
      return turns.waiting + Math.max(0, own.waiting - 1);
    },
    get taken() {
      return turns.taken;
    },
  };
}
