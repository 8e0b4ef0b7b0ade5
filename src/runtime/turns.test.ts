import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('turns end when the last one has: nobody gets another', async () => {
  const turns = createTurns();
  const told: string[] = [];
  let finish = () => {};
  const long = turns.take(
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  );
  const ending = turns.end().then(() => told.push('ended'));
  void turns.take(() => told.push('late'));
  await Promise.resolve();
  expect(told).toEqual([]);
  finish();
  await Promise.all([long, ending]);
  await new Promise((resolve) => setTimeout(resolve));
  expect(told).toEqual(['ended']);
});
