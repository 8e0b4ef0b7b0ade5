import { expect, test } from 'vitest';
import { isComposing } from './composing.ts';

test('the key that ends a composed word is no command, also in Safari, which tells of it by its code alone', () => {
  expect(isComposing({ isComposing: true, keyCode: 13 })).toBe(true);
  expect(isComposing({ isComposing: false, keyCode: 229 })).toBe(true);
  expect(isComposing({ isComposing: false, keyCode: 13 })).toBe(false);
});
