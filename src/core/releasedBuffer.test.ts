import { expect, test } from 'vitest';
import { release } from './releasedBuffer.ts';

test('bytes that are given back are gone, with all that shares their memory, and may be given back again', async () => {
  const bytes = new Uint8Array(1024).fill(7);
  const part = bytes.subarray(3, 5);
  release(part);
  expect([bytes.length, part.length, bytes.buffer.byteLength]).toEqual([0, 0, 0]);
  release(bytes);
  for (let i = 0; i < 100; i++) {
    // Time for a port to learn that it has no peer.
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
    const numbers = new Float32Array(10);
    release(numbers);
    expect(numbers.length).toBe(0);
  }
});

test('shared memory stays', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  release(shared);
  expect(shared.length).toBe(8);
});
