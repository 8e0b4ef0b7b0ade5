import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { parseDigest } from '../../../src/core/ids.ts';
import type { Digests, Signatures } from '../../../src/ports/delivery.ts';

/** A SubjectPublicKeyInfo of Ed25519 up to the key (RFC 8410). */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * The same answers as WebCrypto gives, at once instead of by way of Node's thread pool, and each signature checked once: for tests
 * that refresh a catalog ten thousands of times. Ed25519 only, which is what the publisher's tools sign with.
 */
export function nodeCrypto(): { readonly digests: Digests; readonly signatures: Signatures } {
  const hex = (data: ArrayBuffer | Uint8Array): string => createHash('sha256').update(new Uint8Array(data)).digest('hex');
  const keys = new Map<string, KeyObject>();
  const answers = new Map<string, boolean>();
  return {
    digests: { sha256: async (data) => parseDigest(`sha256:${hex(data)}`) },
    signatures: {
      async verify(_scheme, publicKey, data, signature) {
        const name = Buffer.from(publicKey).toString('hex');
        const question = `${name} ${hex(data)} ${Buffer.from(signature).toString('hex')}`;
        const known = answers.get(question);
        if (known !== undefined) return known;
        const key = keys.get(name) ?? createPublicKey({ key: Buffer.concat([ED25519_SPKI, publicKey]), format: 'der', type: 'spki' });
        keys.set(name, key);
        const answer = verify(undefined, data, key, signature);
        answers.set(question, answer);
        return answer;
      },
    },
  };
}
