import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { unreadable } from '../core/importing.ts';
import { release } from '../core/releasedBuffer.ts';
import type { ModelFiles } from '../ports/forge.ts';

/** Worked out in some milliseconds: what else the thread does waits so long. */
const READ_BYTES = 1024 * 1024;

/**
 * SHA-256 of whole files, in hexadecimal: the browser's own takes a file at once, and this one a little at a time.
 * @throws SillError `invalid_request` where a file cannot be read any more | the signal's reason
 */
export async function hashFiles(files: ModelFiles, signal: AbortSignal): Promise<string[]> {
  const digests: string[] = [];
  for (const file of files) {
    const hash = sha256.create();
    for (let at = 0; at < file.size; at += READ_BYTES) {
      signal.throwIfAborted();
      const bytes = await file
        .slice(at, at + READ_BYTES)
        .arrayBuffer()
        .catch((cause: unknown) => {
          throw unreadable(cause);
        });
      const read = new Uint8Array(bytes);
      hash.update(read);
      release(read);
    }
    digests.push(bytesToHex(hash.digest()));
  }
  return digests;
}
