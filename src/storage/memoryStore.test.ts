import { describe, expect, test } from 'vitest';
import { storeContract } from './contract.ts';
import { createMemoryStore } from './memoryStore.ts';
import { raceContract } from './raceContract.ts';
import { trustContract } from './trustContract.ts';

describe('the store in memory', () => {
  storeContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, async () => createMemoryStore());
  raceContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, async () => {
    const store = createMemoryStore();
    return [store, store];
  });
  trustContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, async () => createMemoryStore());
});
