import { closeSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Gguf, readGguf } from '../../src/forge/gguf/readGguf.ts';
import { filePart } from '../models/filePart.ts';
import { PublisherError } from '../publisher/publisherError.ts';

/** llama.cpp's names of the parts of a split file. */
const PART = /^(?<prefix>.*)-\d{5}-of-(?<total>\d{5})\.gguf$/;

/** All parts of the file that `path` is one of, in order; the path itself where it is no part. */
export async function partsOf(path: string): Promise<string[]> {
  const { prefix, total } = PART.exec(basename(path))?.groups ?? {};
  if (prefix === undefined || total === undefined) return [path];
  const names = await readdir(dirname(path));
  const isPart = (name: string): boolean => {
    const groups = PART.exec(name)?.groups;
    return groups?.prefix === prefix && groups.total === total;
  };
  return names
    .filter(isPart)
    .sort()
    .map((name) => join(dirname(path), name));
}

/** Opens a GGUF file with all its parts for as long as `use` takes. */
export async function withGguf<T>(path: string, use: (gguf: Gguf, parts: readonly string[]) => Promise<T>): Promise<T> {
  const files: number[] = [];
  try {
    const parts = await partsOf(path);
    for (const part of parts) files.push(openSync(part, 'r'));
    return await use(readGguf(files.map((file) => filePart(file))), parts);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(cause.code)))) throw cause;
    throw new PublisherError('usage', `${path} is no file that can be read: ${cause.message}`, cause);
  } finally {
    for (const file of files) closeSync(file);
  }
}
