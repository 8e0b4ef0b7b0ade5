import { constants, openAsBlob } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type VerifiedBundle, verifyBundle } from '../../src/delivery/bundle/verifyBundle.ts';
import { createDigests } from '../../src/delivery/digests.ts';
import { createBundleTrust } from '../../src/delivery/tuf/bundleTrust.ts';
import { createSignatures } from '../../src/delivery/tuf/signatures.ts';
import { memoryTrust } from '../../src/storage/memoryTrust.ts';
import { hasCode } from '../models/errno.ts';
import { PublisherError } from './publisherError.ts';

/**
 * Reads a bundle to its last byte, as a device would that has just been given the app.
 * @throws SillError `invalid_bundle` | `untrusted_bundle`; PublisherError `usage` for files that are not there
 */
export async function inspectBundle(paths: readonly string[], trust: string, now: () => number): Promise<VerifiedBundle> {
  const archives = await Promise.all(
    paths.map(async (path) => {
      // Throws at once for a file that is not there, and says not which.
      try {
        await access(path, constants.R_OK);
        return await openAsBlob(path);
      } catch (reason) {
        throw new PublisherError('usage', `${path} cannot be read: ${reason instanceof Error ? reason.message : reason}`, reason);
      }
    }),
  );
  const digests = createDigests(crypto.subtle);
  const bundleTrust = createBundleTrust({
    shipped: { root: await shippedFile(trust, 'root.json'), floor: await shippedFile(trust, 'floor.json') },
    trust: memoryTrust(),
    digests,
    signatures: createSignatures(crypto.subtle),
    clock: { now },
  });
  const { signal } = new AbortController();
  const bundle = await verifyBundle(archives, { digests, trust: bundleTrust }, signal);
  await bundle.opened.read({ signal, onChunk: async () => undefined });
  return bundle;
}

const shippedFile = (trust: string, name: string): Promise<string> =>
  readFile(join(trust, name), 'utf8').catch((reason: unknown) => {
    if (!hasCode(reason, 'ENOENT', 'ENOTDIR')) throw reason;
    throw new PublisherError(
      'usage',
      `${trust} has no ${name}, against which a bundle is checked. Name the folder: --trust <folder>`,
      reason,
    );
  });
