import { vi } from 'vitest';

/** As a browser has them: what one realm holds the others see. */
export function createLocks() {
  const held: LockInfo[] = [];
  return {
    held,
    request: vi.fn(async (name: string, _options: LockOptions, work: () => Promise<void>) => {
      const lock = { name };
      held.push(lock);
      await work();
      held.splice(held.indexOf(lock), 1);
    }) as unknown as LockManager['request'],
    query: async (): Promise<LockManagerSnapshot> => ({ held: [...held] }),
  };
}
