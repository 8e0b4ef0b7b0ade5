import { describe, expect, test } from 'vitest';
import { raceContract } from './contract/races.ts';
import { storeContract } from './contract/store.ts';
import { createMemoryStore } from './memoryStore.ts';

describe('the store in memory', () => {
  storeContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, async () => createMemoryStore());
  raceContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, async () => {
    const store = createMemoryStore();
    return [store, store];
  });
});
