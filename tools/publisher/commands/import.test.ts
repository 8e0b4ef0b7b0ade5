import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { splitGguf, tinyGguf } from '../../../src/forge/gguf/testing/tinyGguf.ts';
import { put, tempFolder } from '../../models/testing/tempFolder.ts';
import { sill } from '../testing/sill.ts';

const folder = tempFolder();

test('a file becomes a folder that can be packed', async () => {
  const [file, out] = [join(folder(), 'tiny.Q8_0.gguf'), join(folder(), 'tiny')];
  await put(folder(), { 'tiny.Q8_0.gguf': tinyGguf('Q8_0'), LICENSE: 'Permission is hereby granted' });
  const imported = await sill('import', file, '--out', out, '--licence', 'MIT', '--licence-file', join(folder(), 'LICENSE'));
  expect(imported).toEqual({ code: 0, out: expect.stringContaining(`npm run sill -- pack ${out}`) });
  expect(JSON.parse(await readFile(join(out, 'sill.json'), 'utf8'))).toMatchObject({
    id: 'tiny',
    contextLength: 16,
    sinkTokens: [1, 2, 3],
    licence: { spdx: 'MIT' },
    provenance: { source: 'file:tiny.Q8_0.gguf', integrity: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
  });
  expect(await sill('pack', out)).toEqual({ code: 0, out: expect.stringMatching(/int8-wasm .*q4-webgpu/) });
  // Once more, over its own import.
  expect(await sill('import', file, '--out', out, '--forms', 'int8')).toMatchObject({ code: 0 });
  expect((await readdir(join(out, 'onnx'))).sort()).toEqual(['model_int8.onnx', 'model_int8.onnx_data']);
});

test('of a split file any part is named: it becomes what the whole one does, however many parts there are', async () => {
  const parts = splitGguf('tiny', 'Q8_0', 9);
  await put(folder(), { 'tiny.gguf': tinyGguf('Q8_0'), LICENSE: 'Permission is hereby granted', ...Object.fromEntries(parts) });
  // Of another split: it is left out.
  await put(folder(), Object.fromEntries(splitGguf('tiny', 'Q8_0', 2)));
  const imported = async (name: string): Promise<Record<string, Buffer>> => {
    const out = join(folder(), 'out', name);
    const how = ['--out', out, '--forms', 'int8', '--unchecked', '--licence', 'MIT', '--licence-file', join(folder(), 'LICENSE')];
    expect(await sill('import', join(folder(), name), ...how)).toMatchObject({ code: 0 });
    const files = ['onnx/model_int8.onnx', 'onnx/model_int8.onnx_data', 'tokenizer.json'];
    return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await readFile(join(out, file))] as const)));
  };
  const whole = await imported('tiny.gguf');
  const part = 'tiny-00008-of-00009.gguf';
  expect(await imported(part)).toEqual(whole);
  expect(await sill('pack', join(folder(), 'out', part))).toMatchObject({ code: 0 });
  await rm(join(folder(), 'tiny-00003-of-00009.gguf'));
  expect(await sill('import', join(folder(), 'tiny-00001-of-00009.gguf'), '--out', join(folder(), 'missing'))).toEqual({
    code: 3,
    out: expect.stringContaining('8 of its 9 parts were given'),
  });
});

test('a file that cannot be used leaves nothing behind, and a folder of something else is not touched', async () => {
  const file = join(folder(), 'broken.gguf');
  await writeFile(file, tinyGguf('Q8_0').subarray(0, -4096));
  expect(await sill('import', file, '--out', join(folder(), 'broken'))).toEqual({
    code: 3,
    out: expect.stringContaining('This GGUF file cannot be used'),
  });
  expect(await readdir(folder())).toEqual(['broken.gguf']);
  expect(await sill('import', join(folder(), 'missing.gguf'))).toEqual({ code: 2, out: expect.stringContaining('missing.gguf') });
  await mkdir(join(folder(), 'photos'));
  await writeFile(join(folder(), 'photos', 'a.jpg'), 'x');
  expect(await sill('import', file, '--out', join(folder(), 'photos'))).toMatchObject({ code: 2 });
  expect(await readdir(join(folder(), 'photos'))).toEqual(['a.jpg']);
});
