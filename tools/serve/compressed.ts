import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { IMMUTABLE_FOLDER } from '../../src/core/headers.ts';

const compress = promisify(gzip);

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', mjs: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

/** One file of text in the folder whose names carry a hash, as `/assets/index-1234.js`. Models are fetched by range, and compressed answers have none. */
const TEXT = new RegExp(`^/${IMMUTABLE_FOLDER}/[\\w.~-]+\\.(${Object.keys(TYPES).join('|')})$`);

/** Of all servers of this process, by file, size and time: a benchmark or a test run starts many over one folder. */
const kept = new Map<string, Promise<Buffer>>();

/** Whether a compressed answer may be given: as the recipes in `deploy/` do. */
export const mayCompress = ({ method, headers, url = '' }: IncomingMessage): boolean =>
  method === 'GET' &&
  headers.range === undefined &&
  headers['if-none-match'] === undefined &&
  /\bgzip\b/.test(String(headers['accept-encoding'] ?? '')) &&
  TEXT.test(url);

/** Of a file that may be compressed. */
export const typeOf = (path: string): string => `${TYPES[TEXT.exec(path)?.[1] ?? ''] ?? 'text/plain'};charset=utf-8`;

/** @param version names the content, as an ETag does. Rejects where the file cannot be read. */
export function compressed(directory: string, path: string, version: string): Promise<Buffer> {
  const key = `${directory}\0${path}\0${version}`;
  const known = kept.get(key) ?? readFile(join(directory, path)).then((bytes) => compress(bytes));
  kept.set(key, known);
  return known;
}
