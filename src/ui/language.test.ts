import { expect, test } from 'vitest';
import { mendLanguage } from './language.ts';

test('a browser on a machine without a locale speaks a language that formatters take', () => {
  const browser = { language: 'C' };
  expect(() => new Intl.NumberFormat(browser.language)).toThrow(RangeError);
  mendLanguage(browser);
  expect(new Intl.NumberFormat(browser.language).format(1)).toBe('1');
});

test('a language that there is stays', () => {
  const browser = { language: 'el-GR' };
  mendLanguage(browser);
  expect(browser.language).toBe('el-GR');
});
