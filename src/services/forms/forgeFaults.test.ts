import { expect, test } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { orOutOfMemory } from './forgeFaults.ts';

test.each([
  ['a buffer that there is no room for', () => new ArrayBuffer(Number.MAX_SAFE_INTEGER)],
  ['a list of numbers that is longer than any', () => new Float32Array(Number.MAX_SAFE_INTEGER)],
  ['one that is made later', () => Promise.resolve().then(() => new Uint8Array(2 ** 52))],
])('%s is a lack of memory, and no fault of Sill', async (_, work) => {
  await expect(orOutOfMemory<unknown>(work)).rejects.toMatchObject({ code: 'out_of_memory', cause: expect.any(RangeError) });
});

test('what else goes wrong is passed on, and so is what comes', async () => {
  const refused = new SillError('quota_exceeded', 'The allocation of room on the disk failed.');
  for (const reason of [refused, new RangeError('The number 2.5 cannot be converted'), new TypeError('x is undefined')])
    await expect(orOutOfMemory(() => Promise.reject(reason))).rejects.toBe(reason);
  expect(await orOutOfMemory(() => 5)).toBe(5);
});
