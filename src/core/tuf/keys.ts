import type { PublicKeyData } from './metadata.ts';

const SCHEMES = ['ed25519', 'ecdsa-sha2-nistp256'] as const;
/** Signature schemes by their names in the TUF specification. */
export type Scheme = (typeof SCHEMES)[number];

export interface VerificationKey {
  readonly scheme: Scheme;
  /** 32 bytes of Ed25519, or the 65 bytes of an uncompressed P-256 point. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** Equal for the same key however it is written or named, so that it counts once. */
  readonly identity: string;
}

/** DER of a P-256 SubjectPublicKeyInfo up to the point, and of an Ed25519 one (RFC 5480, RFC 8410). */
const P256_SPKI = '3059301306072a8648ce3d020106082a8648ce3d030107034200';
const ED25519_SPKI = '302a300506032b6570032100';
const PEM = /^-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/\s]+={0,2})\s+-----END PUBLIC KEY-----\s*$/;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * The key that metadata lists; `undefined` for kinds that this code does not know: a root may list such beside others.
 * `public` is hexadecimal or PEM, as the tools of the field write either.
 */
export function verificationKey(key: PublicKeyData): VerificationKey | undefined {
  const hex = hexKey(key.keyval.public ?? '');
  if (key.scheme === 'ed25519' && key.keytype === 'ed25519') {
    return keyOf('ed25519', /^[0-9a-f]{64}$/, hex.startsWith(ED25519_SPKI) ? hex.slice(ED25519_SPKI.length) : hex);
  }
  if (key.scheme === 'ecdsa-sha2-nistp256' && (key.keytype === 'ecdsa' || key.keytype === key.scheme)) {
    return keyOf('ecdsa-sha2-nistp256', /^04[0-9a-f]{128}$/, hex.startsWith(P256_SPKI) ? hex.slice(P256_SPKI.length) : hex);
  }
  return undefined;
}

function keyOf(scheme: Scheme, form: RegExp, hex: string): VerificationKey | undefined {
  return form.test(hex) ? { scheme, publicKey: fromHex(hex), identity: `${scheme}:${hex}` } : undefined;
}

export const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: hex.length >> 1 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));

function hexKey(text: string): string {
  const [, body] = PEM.exec(text) ?? [];
  return body === undefined ? text.toLowerCase() : base64ToHex(body.replace(/[\s=]/g, ''));
}

function base64ToHex(base64: string): string {
  let bits = 0;
  let held = 0;
  let hex = '';
  for (const letter of base64) {
    held = ((held << 6) | BASE64.indexOf(letter)) & 0x3fff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    hex += ((held >> bits) & 0xff).toString(16).padStart(2, '0');
  }
  return hex;
}
