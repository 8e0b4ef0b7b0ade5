import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { splitGguf, tinyGguf } from '../../src/forge/gguf/testing/tinyGguf.ts';
import { packFolder } from '../models/packFolder.ts';
import { put, tempFolder } from '../models/testing/tempFolder.ts';
import { describe } from './describe.ts';

const folder = tempFolder();
const SAID = {
  ...{ id: 'tiny', description: 'For tests.', task: 'text-generation' },
  ...{ licence: { spdx: 'MIT', text: 'MIT' }, provenance: { source: 'test' } },
};
const fill = (files: Readonly<Record<string, string | Uint8Array>>) => put(folder(), { 'sill.json': JSON.stringify(SAID), ...files });

test('a folder of a GGUF file says of the model what the file says, and leaves its form to each device', async () => {
  const file = tinyGguf('Q8_0');
  await fill({ 'tiny.gguf': file });
  const about = await describe(folder(), '0.1.0');
  expect(about).toMatchObject({ contextLength: 16, generation: { bosTokenId: 1, eosTokenIds: [2] }, sinkTokens: [1, 2, 3] });
  const { manifest } = await packFolder(folder(), about);
  expect(manifest.files).toMatchObject([{ path: 'tiny.gguf', sizeBytes: file.length }]);
  expect(manifest.variants.map(({ id, madeFrom, files }) => [id, madeFrom, files])).toEqual([
    ['int8-wasm', 'gguf', ['tiny.gguf']],
    ['q4-webgpu', 'gguf', ['tiny.gguf']],
    ['fp16-webgpu', 'gguf', ['tiny.gguf']],
  ]);
  for (const { needs } of manifest.variants) expect(needs.madeBytes).toBeGreaterThan(0);
});

test('a folder of a split GGUF file delivers all of its parts, in their order', async () => {
  const parts = splitGguf('tiny', 'Q8_0', 3);
  await fill(Object.fromEntries([...parts].reverse()));
  const { manifest } = await packFolder(folder(), await describe(folder(), '0.1.0'));
  expect(manifest.files.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([...parts].map(([name, bytes]) => [name, bytes.length]));
  for (const { madeFrom, files } of manifest.variants) expect({ madeFrom, files }).toEqual({ madeFrom: 'gguf', files: [...parts.keys()] });
  expect(manifest).toMatchObject({ contextLength: 16, generation: { bosTokenId: 1, eosTokenIds: [2] } });
  await rm(join(folder(), 'tiny-00002-of-00003.gguf'));
  await expect(describe(folder(), '0.1.0')).rejects.toThrow(/2 of its 3 parts/);
});

test('the chat template of the files is said in the manifest, so that it is known before they are fetched', async () => {
  const weights = { [join('onnx', 'model_int8.onnx')]: new Uint8Array(1) };
  const said = JSON.stringify({ ...SAID, parameters: 1 });
  await fill({ ...weights, 'sill.json': said, 'tokenizer_config.json': JSON.stringify({ chat_template: '{{ messages }}' }) });
  expect(await describe(folder(), '0.1.0')).toMatchObject({ chatTemplate: '{{ messages }}' });
  await fill({ 'sill.json': said, 'tokenizer_config.json': '{}' });
  expect(await describe(folder(), '0.1.0')).not.toHaveProperty('chatTemplate');
  await fill({ 'sill.json': said, 'tokenizer_config.json': 'not JSON' });
  await expect(describe(folder(), '0.1.0')).rejects.toThrow(/tokenizer_config\.json cannot be read/);
});

test('what cannot be told from the files is asked for', async () => {
  await fill({ 'tiny.gguf': tinyGguf(), 'other.gguf': tinyGguf() });
  await expect(describe(folder(), '0.1.0')).rejects.toThrow(/several GGUF files/);
});

test('a folder without weights is refused, and so is one whose number of parameters nobody says', async () => {
  await fill({ 'notes.txt': '' });
  await expect(describe(folder(), '0.1.0')).rejects.toThrow(/no \.onnx file/);
  await fill({ [join('onnx', 'model_int8.onnx')]: new Uint8Array(1) });
  await expect(describe(folder(), '0.1.0')).rejects.toThrow(/does not say how many "parameters"/);
});
