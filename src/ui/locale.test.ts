import { describe, expect, it } from 'vitest';
import german from './locales/de.xlf?raw';
import greek from './locales/el.xlf?raw';

const placeholders = (text: string | undefined): string[] => [...(text ?? '').matchAll(/<x id="\d+"/g)].map(([found]) => found).sort();

describe.each([
  ['German', german],
  ['Greek', greek],
])('%s', (_, xliff) => {
  const units = [...xliff.matchAll(/<trans-unit id="[\w-]+">([\s\S]*?)<\/trans-unit>/g)].map(([, unit = '']) => unit);

  it('leaves no extracted text untranslated', () => {
    const untranslated = units.filter((unit) => !/<target>[\s\S]+<\/target>/.test(unit));
    expect(units.length).toBeGreaterThan(300);
    expect(untranslated).toEqual([]);
  });

  it('puts in what the English text has put in', () => {
    const of = (part: string, unit: string) => placeholders(new RegExp(`<${part}>([\\s\\S]*?)</${part}>`).exec(unit)?.[1]);
    expect(units.filter((unit) => of('source', unit).join() !== of('target', unit).join())).toEqual([]);
  });
});
