/** Resolves once the lock is held, which it is until the signal. */
export const holdLock = (name: string, mode: LockMode, over: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const holding = (): Promise<void> => {
      resolve();
      return new Promise((release) => {
        if (over.aborted) release();
        over.addEventListener('abort', () => release(), { once: true });
      });
    };
    navigator.locks.request(name, { mode }, holding).catch(reject);
  });
