import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../src/core/manifest.ts';
import { sha256 } from '../digests.ts';
import { hasCode } from '../models/errno.ts';
import { PublisherError } from './publisherError.ts';

/** Reads every chunk of a model and compares it with its manifest. @throws PublisherError `invalid` naming the first that differs */
export async function checkFiles(folder: string, manifest: Manifest): Promise<void> {
  for (const file of manifest.files) {
    const path = join(folder, file.path);
    const handle = await open(path).catch((reason: unknown) => {
      if (hasCode(reason, 'ENOENT', 'ENOTDIR')) throw new PublisherError('invalid', `${path} is missing. Pack the folder again.`, reason);
      throw reason;
    });
    try {
      const { size } = await handle.stat();
      if (size !== file.sizeBytes) {
        throw new PublisherError('invalid', `${path} has ${size} bytes, and its manifest says ${file.sizeBytes}. Pack the folder again.`);
      }
      let offset = 0;
      for (const chunk of file.chunks) {
        const { buffer } = await handle.read(Buffer.alloc(chunk.sizeBytes), 0, chunk.sizeBytes, offset);
        if (sha256(buffer) !== chunk.digest) {
          throw new PublisherError(
            'invalid',
            `${path} differs from its manifest at byte ${offset} to ${offset + chunk.sizeBytes}. Pack the folder again.`,
          );
        }
        offset += chunk.sizeBytes;
      }
    } finally {
      await handle.close();
    }
  }
}
