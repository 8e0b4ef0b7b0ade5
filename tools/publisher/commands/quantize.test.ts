import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { splitGguf, tinyGguf } from '../../../src/forge/gguf/testing/tinyGguf.ts';
import { put, tempFolder } from '../../models/testing/tempFolder.ts';
import { sill } from '../testing/sill.ts';

const folder = tempFolder();

test('a file gets its weights in another type, beside it, and can be imported', async () => {
  const file = join(folder(), 'tiny.F16.gguf');
  await put(folder(), { 'tiny.F16.gguf': tinyGguf('F16') });
  const out = join(folder(), 'tiny.Q4_0.gguf');
  expect(await sill('quantize', file, '--type', 'q4_0')).toEqual({ code: 0, out: expect.stringContaining(`Written to ${out}`) });
  expect((await readdir(folder())).sort()).toEqual(['tiny.F16.gguf', 'tiny.Q4_0.gguf']);
  expect(await sill('import', out, '--out', join(folder(), 'tiny'), '--forms', 'int8', '--unchecked')).toMatchObject({ code: 0 });
});

test('of a split file any part is named, and what is written is one file, as of the whole one', async () => {
  await put(folder(), { 'whole.F16.gguf': tinyGguf('F16'), ...Object.fromEntries(splitGguf('tiny.F16', 'F16', 3)) });
  expect(await sill('quantize', join(folder(), 'whole.F16.gguf'), '--type', 'Q8_0')).toMatchObject({ code: 0 });
  expect(await sill('quantize', join(folder(), 'tiny.F16-00002-of-00003.gguf'), '--type', 'Q8_0')).toMatchObject({ code: 0 });
  const [whole, joined] = await Promise.all(['whole.Q8_0.gguf', 'tiny.Q8_0.gguf'].map((name) => readFile(join(folder(), name))));
  expect(joined?.equals(whole ?? new Uint8Array())).toBe(true);
});

test('a file that is there, a type that is not written and a broken file are told of, and nothing is left', async () => {
  const file = join(folder(), 'tiny.gguf');
  await put(folder(), { 'tiny.gguf': tinyGguf('F16'), 'tiny.Q8_0.gguf': 'mine' });
  expect(await sill('quantize', file, '--type', 'Q8_0')).toEqual({ code: 2, out: expect.stringContaining('is there. Name another file') });
  expect(await readFile(join(folder(), 'tiny.Q8_0.gguf'), 'utf8')).toBe('mine');
  expect(await sill('quantize', file, '--type', 'Q5_K')).toEqual({ code: 2, out: expect.stringContaining('F32, F16, Q8_0, Q4_0') });
  await writeFile(file, tinyGguf('F16').subarray(0, -4096));
  expect(await sill('quantize', file, '--type', 'Q4_0')).toEqual({
    code: 3,
    out: expect.stringContaining('This GGUF file cannot be used'),
  });
  expect((await readdir(folder())).sort()).toEqual(['tiny.Q8_0.gguf', 'tiny.gguf']);
});
