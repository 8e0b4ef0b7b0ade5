import { describe, expect, it } from 'vitest';
import xliff from './locales/de.xlf?raw';

describe('German', () => {
  it('leaves no extracted text untranslated', () => {
    const units = [...xliff.matchAll(/<trans-unit id="\w+">([\s\S]*?)<\/trans-unit>/g)].map(([, unit = '']) => unit);
    const untranslated = units.filter((unit) => !/<target>[\s\S]+<\/target>/.test(unit));
    expect(units.length).toBeGreaterThan(300);
    expect(untranslated).toEqual([]);
  });
});
