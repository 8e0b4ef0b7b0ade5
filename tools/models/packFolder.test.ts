import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canonicalManifest, parseManifest } from '../../src/core/manifest.ts';
import { sha256 } from '../digests.ts';
import { packFolder } from './packFolder.ts';
import { ABOUT, FILES } from './testing/about.ts';
import { put, tempFolder } from './testing/tempFolder.ts';

const folder = tempFolder();
const MIB = 2 ** 20;

test('a folder becomes a manifest of chunks that are the pieces of its files', async () => {
  const weights = Uint8Array.from({ length: 2.5 * MIB }, (_, i) => i % 251);
  await put(folder(), { ...FILES, 'onnx/model.onnx': weights, 'unused.txt': 'not named by a variant' });
  const { manifest } = await packFolder(folder(), ABOUT);
  expect(manifest.files.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
    ['config.json', 2],
    ['onnx/model.onnx', 2.5 * MIB],
  ]);
  const piece = (from: number, to: number) => ({ digest: sha256(weights.subarray(from, to)), sizeBytes: to - from });
  expect(manifest.files[1]?.chunks).toEqual([piece(0, MIB), piece(MIB, 2 * MIB), piece(2 * MIB, 2.5 * MIB)]);
});

test('the manifest that is written is the one whose digest is the revision', async () => {
  await put(folder(), FILES);
  const { revision } = await packFolder(folder(), ABOUT);
  const written = parseManifest(JSON.parse(await readFile(join(folder(), 'manifest.json'), 'utf8')));
  expect(revision).toBe(sha256(canonicalManifest(written)));
});

test('another byte or another word about the model is another revision; the same again, or other notes, is not', async () => {
  await put(folder(), FILES);
  const revisionOf = async (about = ABOUT) => (await packFolder(folder(), about)).revision;
  const revision = await revisionOf();
  expect(await revisionOf({ ...ABOUT, notes: 'Words about this release.' })).toBe(revision);
  expect(await revisionOf({ ...ABOUT, name: 'Other' })).not.toBe(revision);
  await writeFile(join(folder(), 'config.json'), '[]');
  expect(await revisionOf()).not.toBe(revision);
});

test('a description that is at fault, or names a file that is not there, makes no manifest', async () => {
  await put(folder(), FILES);
  await expect(packFolder(folder(), { ...ABOUT, id: '../up' })).rejects.toMatchObject({ code: 'invalid_manifest' });
  await put(folder(), { 'config.json': '' });
  await expect(packFolder(folder(), ABOUT)).rejects.toMatchObject({ code: 'invalid_manifest' });
  const variants = ABOUT.variants.map((variant) => ({ ...variant, files: ['absent.onnx'] }));
  await expect(packFolder(folder(), { ...ABOUT, variants })).rejects.toMatchObject({ code: 'ENOENT' });
});
