import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const UI = 'src/ui';
/** A guest's page says how large things are in its frame: there all is a share of its letters. */
const OF_GUESTS = join(UI, 'embed');

/** The second is what the first says, for the moment before the scripts. */
const DEFINING = new Set(['tokens.css', 'start.css'].map((name) => join(UI, 'styles', name)));

const styleFiles = readdirSync(UI, { recursive: true, encoding: 'utf8' })
  .map((name) => join(UI, name))
  .filter((path) => /\.(css|ts)$/.test(path) && !/\.test\.ts$/.test(path) && !path.startsWith(OF_GUESTS));

/** Distances and letters in lengths of their own; but for floors, as `max(0.8em, 1rem)` of letters that grow with a kiosk's. */
const OWN_LENGTHS =
  /^\s*(?:(?:padding|margin|scroll-margin|scroll-padding)[a-z-]*|(?:row-|column-)?gap|font-size): (?!max\()[^;{}]*\d(?:rem|pt)\b[^;{}]*;/gm;
const OWN_COLOURS = /^\s*[a-z-]+: [^;{}]*(?:#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|oklab|lch|lab)a?\()[^;{}]*;/gim;

test.each([
  ['distance and each size of letters', OWN_LENGTHS],
  ['colour', OWN_COLOURS],
])('each %s is one of those in styles/tokens.css', (_, own) => {
  const found = styleFiles
    .filter((path) => !DEFINING.has(path))
    .flatMap((path) => [...readFileSync(path, 'utf8').matchAll(own)].map(([line]) => `${path}: ${line.trim()}`));
  expect(found).toEqual([]);
  expect([...readFileSync(join(UI, 'styles/tokens.css'), 'utf8').matchAll(/^ {2}--sill-space-\d+: /gm)].length).toBeGreaterThan(10);
});

test('each token that a style asks for is there', () => {
  const named = (path: string): readonly string[] =>
    [...readFileSync(path, 'utf8').matchAll(/(?<!var\()(--sill-[\w-]+)(?=:)/g)].map(([, name = '']) => name);
  const known = new Set(styleFiles.flatMap(named));
  const asked = styleFiles.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/var\((--sill-[\w-]+)/g)].map(([, name = '']) => ({ name, path })),
  );
  expect(asked.length).toBeGreaterThan(500);
  expect(asked.filter(({ name }) => !known.has(name))).toEqual([]);
});
