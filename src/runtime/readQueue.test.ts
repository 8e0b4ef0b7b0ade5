import { describe, expect, it } from 'vitest';
import { createReadQueue, post, type ReadQueue, waitForAll } from './readQueue.ts';

const MIB = 2 ** 20;

/** Jobs as they stand in the queue: file, first byte, bytes, address. */
const jobsOf = ({ jobs, counters }: ReadQueue) =>
  Array.from({ length: counters[0] ?? 0 }, (_, job) => [...jobs.subarray(job * 4, job * 4 + 4)]);
/** As a worker notes that it has carried out a job. */
const carriedOut = ({ counters }: ReadQueue, count: number, failed = 0) => {
  Atomics.add(counters, 2, count);
  Atomics.add(counters, 3, failed);
};

describe('the queue of reads', () => {
  it('cuts what is large into pieces that lie one after the other, in the file and in the heap', () => {
    const queue = createReadQueue(2, 50 * MIB);
    expect(post(queue, 1, 100, 100 + 40 * MIB, 5000)).toBe(true);
    expect(post(queue, 0, 0, 10, 7)).toBe(true);
    const jobs = jobsOf(queue);
    expect(jobs.at(-1)).toEqual([0, 0, 10, 7]);
    const pieces = jobs.slice(0, -1);
    expect(pieces.length).toBeGreaterThan(1);
    let at = 100;
    for (const [file, begin, bytes = 0, address] of pieces) {
      expect([file, begin, address]).toEqual([1, at, 5000 + at - 100]);
      at += bytes;
    }
    expect(at).toBe(100 + 40 * MIB);
  });

  it('holds as many tensors as were announced, wherever they are cut, and refuses more', () => {
    const sizes = [1, 16 * MIB - 1, 16 * MIB + 1, 3, 33 * MIB];
    const queue = createReadQueue(
      sizes.length,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    for (const size of sizes) expect(post(queue, 0, 0, size, 0)).toBe(true);
    expect(post(queue, 0, 0, 200 * MIB, 0)).toBe(false);
    expect(jobsOf(queue)).toHaveLength(1 + 1 + 2 + 1 + 3);
  });

  it('is waited for until all is there, not for what failed, and not for ever', () => {
    const queue = createReadQueue(3, MIB);
    expect(waitForAll(queue, 1)).toBe(true);
    for (let tensor = 0; tensor < 3; tensor++) post(queue, 0, 0, 8, 0);
    carriedOut(queue, 2);
    expect(waitForAll(queue, 1)).toBe(false);
    carriedOut(queue, 1);
    expect(waitForAll(queue, 1)).toBe(true);
    carriedOut(queue, 0, 1);
    expect(waitForAll(queue, 1)).toBe(false);
  });
});
