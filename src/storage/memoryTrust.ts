import type { TrustState } from '../core/trust.ts';
import type { TrustStore } from '../ports/delivery.ts';
import { mayCommit } from './trustCommit.ts';

export function memoryTrust(): TrustStore {
  let stored: TrustState | undefined;
  return {
    async read() {
      return structuredClone(stored);
    },
    async commit(next, expected) {
      const isFree = mayCommit(stored, next, expected);
      if (isFree) stored = structuredClone(next);
      return isFree;
    },
    async clear() {
      stored = undefined;
    },
  };
}
