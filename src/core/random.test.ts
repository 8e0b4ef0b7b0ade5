import { expect, it } from 'vitest';
import { createRandom } from './random.ts';

it('spreads evenly over 0 to 1', () => {
  const random = createRandom(42);
  const bins = new Array<number>(16).fill(0);
  for (let i = 0; i < 64_000; i++) {
    const bin = Math.floor(random() * 16);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const chiSquare = bins.reduce((sum, count) => sum + (count - 4000) ** 2 / 4000, 0);
  // 15 degrees of freedom: 37.7 is passed once in a thousand.
  expect(chiSquare).toBeLessThan(37.7);
});

it('gives near seeds unrelated first numbers', () => {
  const firsts = Array.from({ length: 1000 }, (_, seed) => createRandom(seed)());
  const mean = firsts.reduce((a, b) => a + b, 0) / 1000;
  expect(mean).toBeGreaterThan(0.45);
  expect(mean).toBeLessThan(0.55);
  expect(new Set(firsts).size).toBe(1000);
});

it('stays what it is: a recorded seed gives the recorded numbers', () => {
  const random = createRandom(1);
  expect([random(), random(), random()].map((x) => Math.floor(x * 2 ** 32))).toMatchInlineSnapshot(`
    [
      1930539107,
      2003999907,
      2883482671,
    ]
  `);
});
