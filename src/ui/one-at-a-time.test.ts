import { expect, it } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

it('asks once for what comes while a request runs, and again after it', async () => {
  const ends: Array<() => void> = [];
  const ask = oneAtATime(() => new Promise<void>((resolve) => ends.push(resolve)));
  const first = ask();
  void ask();
  void ask();
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await first;
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.();
  await new Promise((resolve) => setTimeout(resolve));
  expect(ends).toHaveLength(2);
  void ask();
  expect(ends).toHaveLength(3);
});
