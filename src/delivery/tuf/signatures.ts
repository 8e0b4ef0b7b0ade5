import { SillError } from '../../core/errors.ts';
import type { Signatures } from '../../ports/delivery.ts';

const P256_BYTES = 32;
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Ed25519 and ECDSA P-256 by WebCrypto, which exists in secure contexts only. */
export function createSignatures(subtle: SubtleCrypto): Signatures {
  return {
    async verify(scheme, publicKey, data, signature) {
      const algorithm = scheme === 'ed25519' ? { name: 'Ed25519' } : ECDSA;
      const raw = scheme === 'ed25519' ? signature : plainEcdsa(signature);
      if (!raw) return false;
      let key: CryptoKey;
      try {
        key = await subtle.importKey('raw', publicKey, algorithm, false, ['verify']);
      } catch (cause) {
        if (cause instanceof Error && cause.name === 'NotSupportedError') {
          throw new SillError(
            'unsupported_device',
            `This browser cannot check signatures of the kind ${scheme}, so that nothing new can be trusted. Installed models keep ` +
              'working. Update the browser.',
            { cause, details: { scheme } },
          );
        }
        // Bytes that are no point of the curve: a key under which nothing is signed.
        return false;
      }
      return subtle.verify(algorithm, key, raw, data);
    },
  };
}

/** The two numbers of an ECDSA signature, 32 bytes each, out of the DER in which TUF carries them (RFC 3279). */
function plainEcdsa(der: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const plain = new Uint8Array(2 * P256_BYTES);
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  let at = 2;
  for (const end of [P256_BYTES, 2 * P256_BYTES]) {
    const length = der[at + 1] ?? 0;
    let number = der.subarray(at + 2, at + 2 + length);
    if (der[at] !== 0x02 || number.length !== length || length === 0) return undefined;
    if (number[0] === 0) number = number.subarray(1);
    if (number.length > P256_BYTES) return undefined;
    plain.set(number, end - number.length);
    at += 2 + length;
  }
  return at === der.length ? plain : undefined;
}
