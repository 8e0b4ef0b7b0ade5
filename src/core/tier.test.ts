import { expect, it } from 'vitest';
import { tierOf } from './tier.ts';

it.each([
  [15e6, 'nano'],
  [100e6, 'micro'],
  [1.4e9, 'micro'],
  [1.5e9, 'small'],
  [14e9, 'small'],
  [30e9, 'medium'],
  [70e9, 'large'],
])('%d parameters are %s', (parameters, tier) => {
  expect(tierOf(parameters)).toBe(tier);
});
