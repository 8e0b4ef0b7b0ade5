import { describe, expect, test } from 'vitest';
import { storeContract } from './contract.ts';
import { createMemoryStore } from './memoryStore.ts';

describe('the store in memory', () => {
  storeContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, async () => createMemoryStore());
});
