import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readConfigFileAndWriteSchema } from '@lit/localize-tools/lib/config.js';
import { RuntimeLitLocalizer } from '@lit/localize-tools/lib/modes/runtime.js';
import { expect, it } from 'vitest';

const UI = resolve(import.meta.dirname, '../src/ui');
const config = readConfigFileAndWriteSchema(resolve(UI, 'lit-localize.json'));
const read = (file: string): string => readFileSync(resolve(UI, 'locales', file), 'utf8');
const ids = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, id = '']) => id).sort();

it('every text of the views was extracted, and is in the built translations: none appears in English for want of that', () => {
  const { output } = config;
  if (output.mode !== 'runtime') throw new Error('the translations are built for another mode');
  const { messages, errors } = new RuntimeLitLocalizer({ ...config, output }).extractSourceMessages();
  expect(errors).toEqual([]);
  const texts = [...new Set(messages.map(({ name }) => name))].sort();
  expect(texts.length).toBeGreaterThan(2000);
  for (const locale of config.targetLocales) {
    // Where this fails: npm run localize:extract, translate, npm run localize:build.
    expect(ids(read(`${locale}.xlf`), /<trans-unit id="([\w-]+)"/g), locale).toEqual(texts);
    expect(ids(read(`${locale}.ts`), /^ {2}'?([\w-]+)'?: (?:str)?[`'"\n]/gm), locale).toEqual(texts);
  }
}, 60_000);
