/** Lets those who wait for a condition look again whenever something changed. */
export interface Changes {
  readonly tell: () => void;
  /** Resolves at once or after a change, as soon as it holds. */
  until(holds: () => boolean): Promise<void>;
  /** The next change. */
  next(): Promise<void>;
}

export function createChanges(): Changes {
  const waiting = new Set<() => void>();
  const next = () => new Promise<void>((resolve) => waiting.add(resolve));
  return {
    tell() {
      for (const resolve of [...waiting]) resolve();
      waiting.clear();
    },
    async until(holds) {
      while (!holds()) await next();
    },
    next,
  };
}
