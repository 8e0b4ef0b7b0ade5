import { parseDigest } from '../core/ids.ts';
import type { Digests } from '../ports/delivery.ts';

/** SHA-256 by WebCrypto, which exists in secure contexts only and hashes in one shot: call it per chunk. */
export const createDigests = (subtle: SubtleCrypto): Digests => ({
  async sha256(data) {
    const hash = new Uint8Array(await subtle.digest('SHA-256', data));
    const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return parseDigest(`sha256:${hex}`);
  },
});
