import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canonicalManifest, type ManifestFile, parseManifest } from '../../src/core/manifest.ts';
import { ExternalData } from '../../src/forge/externalData.ts';
import { GraphBuilder } from '../../src/forge/graphBuilder.ts';
import { sha256 } from '../digests.ts';
import { packFolder } from './packFolder.ts';
import { ABOUT, FILES } from './testing/about.ts';
import { put, tempFolder } from './testing/tempFolder.ts';

const folder = tempFolder();
const MIB = 2 ** 20;

test('a folder becomes a manifest of chunks that are the pieces of its files', async () => {
  const text = Uint8Array.from({ length: 0.5 * MIB }, (_, i) => (i * i) % 251);
  await put(folder(), { ...FILES, 'onnx/model.onnx': text, 'unused.txt': 'not named by a variant' });
  const { manifest } = await packFolder(folder(), ABOUT);
  expect(manifest.files.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual([
    ['config.json', 2],
    ['onnx/model.onnx', 0.5 * MIB],
  ]);
  expect(manifest.files[1]?.chunks.length).toBeGreaterThan(4);
  expectPieces(manifest.files[1]?.chunks, text);
});

test('weights are cut at their tensors, so that a changed layer is fetched alone', async () => {
  const pieces: Uint8Array[] = [];
  const graph = new GraphBuilder('g', new ExternalData('model.onnx_data', (bytes) => pieces.push(bytes.slice())));
  const fill = (name: string, value: number) => graph.weight(name, 'uint8', [1.5 * MIB], new Uint8Array(1.5 * MIB).fill(value));
  for (const [name, value] of [
    ['first', 1],
    ['second', 2],
  ] as const)
    fill(name, value);
  const weights = new Uint8Array(Buffer.concat(pieces));
  const onnx = { 'onnx/model.onnx': graph.build({ name: 'test', version: '1' }), 'onnx/model.onnx_data': weights };
  const variants = ABOUT.variants.map((variant) => ({ ...variant, files: ['config.json', ...Object.keys(onnx)] }));
  const pack = async (data: Uint8Array) => {
    await put(folder(), { ...FILES, ...onnx, 'onnx/model.onnx_data': data });
    return (await packFolder(folder(), { ...ABOUT, variants })).manifest.files.find(({ path }) => path.endsWith('_data'))?.chunks ?? [];
  };
  const old = await pack(weights);
  expectPieces(old, weights);
  expect(old.map(({ sizeBytes }) => sizeBytes)).toEqual([MIB, 0.5 * MIB, MIB, 0.5 * MIB]);
  const changed = await pack(weights.map((byte) => (byte === 2 ? 3 : byte)));
  expect(changed.map(({ digest }, index) => digest === old[index]?.digest)).toEqual([true, true, false, false]);
});

function expectPieces(chunks: ManifestFile['chunks'] | undefined, bytes: Uint8Array): void {
  let end = 0;
  for (const { digest, sizeBytes } of chunks ?? []) {
    end += sizeBytes;
    expect(digest).toBe(sha256(bytes.subarray(end - sizeBytes, end)));
  }
  expect(end).toBe(bytes.length);
}

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
