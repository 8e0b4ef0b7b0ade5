import { type createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { verificationKey } from './keys.ts';

const pem = (key: ReturnType<typeof createPublicKey>): string => key.export({ format: 'pem', type: 'spki' }).toString();
const ed25519 = generateKeyPairSync('ed25519').publicKey;
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const hexOf = (key: ReturnType<typeof createPublicKey>, bytes: number): string =>
  key.export({ format: 'der', type: 'spki' }).subarray(-bytes).toString('hex');
const keyOf = (keytype: string, scheme: string, text: string) => verificationKey({ keytype, scheme, keyval: { public: text } });

describe('a public key', () => {
  test.each([
    ['ed25519', 'ed25519', ed25519, 32],
    ['ecdsa', 'ecdsa-sha2-nistp256', p256, 65],
    ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256', p256, 65],
  ] as const)('is the same key in every way of writing it (%s)', (keytype, scheme, key, bytes) => {
    const hex = hexOf(key, bytes);
    const known = keyOf(keytype, scheme, hex);
    expect(Buffer.from(known?.publicKey ?? []).toString('hex')).toBe(hex);
    for (const text of [
      hex.toUpperCase(),
      pem(key),
      pem(key).replaceAll('\n', '\r\n'),
      key.export({ format: 'der', type: 'spki' }).toString('hex'),
    ]) {
      expect(keyOf(keytype, scheme, text)).toEqual(known);
    }
  });

  test.each([
    ['of an unknown scheme', keyOf('falcon', 'falcon-512', 'abc')],
    ['of one kind under the scheme of another', keyOf('ed25519', 'ecdsa-sha2-nistp256', hexOf(ed25519, 32))],
    ['that is too short', keyOf('ed25519', 'ed25519', 'ab'.repeat(31))],
    ['of another curve', keyOf('ecdsa', 'ecdsa-sha2-nistp256', pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey))],
    ['without a value', verificationKey({ keytype: 'ed25519', scheme: 'ed25519', keyval: {} })],
  ])('%s does not count', (_case, key) => {
    expect(key).toBeUndefined();
  });
});
