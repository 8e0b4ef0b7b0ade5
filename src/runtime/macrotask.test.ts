import { expect, it } from 'vitest';
import { createBreather } from './macrotask.ts';

it('lets a message in between the steps of several busy loops, and lets all of them go on', async () => {
  const breathe = createBreather();
  let isTold = false;
  setTimeout(() => {
    isTold = true;
  }, 5);
  /** Without the pause only microtasks would ever run, and this would end without having been told. */
  const loop = async (): Promise<boolean> => {
    for (let step = 0; step < 500 && !isTold; step++) {
      const untilMs = performance.now() + 3;
      while (performance.now() < untilMs);
      await breathe();
    }
    await breathe();
    return isTold;
  };
  expect(await Promise.all([loop(), loop(), loop()])).toEqual([true, true, true]);
});
