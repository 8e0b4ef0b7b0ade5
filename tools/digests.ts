import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Digest, parseDigest } from '../src/core/ids.ts';

export const sha256 = (data: string | Uint8Array): Digest => parseDigest(`sha256:${createHash('sha256').update(data).digest('hex')}`);

/** The digest of a file, read in pieces. */
export async function sha256File(path: string): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece);
  return parseDigest(`sha256:${hash.digest('hex')}`);
}
