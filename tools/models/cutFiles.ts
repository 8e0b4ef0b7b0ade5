import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import { type ByteRange, FileCutter, stretchesOf } from '../../src/core/chunking.ts';
import { parseDigest } from '../../src/core/ids.ts';
import type { ManifestFile } from '../../src/core/manifest.ts';
import { readTensorLayout } from '../../src/forge/tensorLayout.ts';
import { filePart } from './filePart.ts';

const READ_BYTES = 1024 * 1024;

/**
 * Cuts files into chunks: weights of ONNX models tensor by tensor, everything else by content (docs/decisions/0013).
 * @param paths of files in the folder, with slashes; a weight file is known by the `.onnx` that names it, which has to be among them
 */
export async function cutFiles(folder: string, paths: readonly string[]): Promise<ManifestFile[]> {
  const tensors = tensorsOf(folder, paths);
  const files: ManifestFile[] = [];
  for (const path of paths) files.push(await cutFile(folder, path, tensors.get(path) ?? []));
  return files;
}

async function cutFile(folder: string, path: string, tensors: readonly ByteRange[]): Promise<ManifestFile> {
  const full = join(folder, path);
  const { size } = await stat(full);
  const cutter = new FileCutter(stretchesOf(size, tensors));
  const chunks: ManifestFile['chunks'] = [];
  const file = await open(full);
  let hash = createHash('sha256');
  let hashedBytes = 0;
  try {
    const buffer = Buffer.alloc(READ_BYTES);
    for (let offset = 0; offset < size; ) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, offset);
      if (bytesRead === 0) throw new Error(`${path} changed while it was read`);
      const bytes = buffer.subarray(0, bytesRead);
      let from = 0;
      for (const length of cutter.push(bytes)) {
        const end = from + length - hashedBytes;
        chunks.push({ digest: parseDigest(`sha256:${hash.update(bytes.subarray(from, end)).digest('hex')}`), sizeBytes: length });
        hash = createHash('sha256');
        hashedBytes = 0;
        from = end;
      }
      hash.update(bytes.subarray(from));
      hashedBytes += bytesRead - from;
      offset += bytesRead;
    }
    return { path, sizeBytes: size, chunks };
  } finally {
    await file.close();
  }
}

/** Where tensors lie in which file. An `.onnx` that cannot be read as one is cut by content like any other file. */
function tensorsOf(folder: string, paths: readonly string[]): Map<string, readonly ByteRange[]> {
  const found = new Map<string, readonly ByteRange[]>();
  for (const path of paths.filter((each) => each.endsWith('.onnx'))) {
    const file = openSync(join(folder, path), 'r');
    try {
      const { own, external } = readTensorLayout(filePart(file));
      found.set(path, own);
      for (const [location, ranges] of external) found.set(join(dirname(path), location), ranges);
    } catch (reason) {
      if (!(reason instanceof RangeError)) throw reason;
    } finally {
      closeSync(file);
    }
  }
  return found;
}
