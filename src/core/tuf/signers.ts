import { canonicalJson } from './canonicalJson.ts';
import { fromHex, type VerificationKey, verificationKey } from './keys.ts';
import type { Metadata, RootData } from './metadata.ts';
import { type Role, refusal } from './refusal.ts';

/** A signature to check, of a key that the root trusts for the role. */
export interface Signer {
  readonly key: VerificationKey;
  readonly keyId: string;
  /** A key id is the SHA-256 of these bytes in hexadecimal; under any other name the key does not count. */
  readonly keyBytes: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** The signatures of a file that could count for a role of this root. */
export function signersOf(root: RootData, role: Role, metadata: Metadata): Signer[] {
  const trusted = new Set(root.roles[role].keyids);
  return metadata.signatures.flatMap(({ keyid, sig }) => {
    const data = trusted.has(keyid) ? root.keys[keyid] : undefined;
    const key = data && verificationKey(data);
    if (!key) return [];
    return [{ key, keyId: keyid, keyBytes: new TextEncoder().encode(canonicalJson(data)), signature: fromHex(sig) }];
  });
}

/**
 * Counts keys, not key ids and not signatures: the same key under two names is one.
 * @param candidates what `signersOf` found
 * @param verified those of them whose signature is right
 * @throws SillError `untrusted_catalog` with attack `unsigned` | `wrong_key` | `bad_signature`
 */
export function assertThreshold(
  root: RootData,
  { role, signatures }: Metadata,
  { candidates, verified }: { readonly candidates: readonly Signer[]; readonly verified: readonly Signer[] },
  file: string,
): void {
  const { threshold } = root.roles[role];
  const signed = new Set(verified.map((signer) => signer.key.identity)).size;
  if (signed >= threshold) return;
  const attack = signatures.length === 0 ? 'unsigned' : candidates.length === 0 ? 'wrong_key' : 'bad_signature';
  throw refusal(attack, file, { threshold, signed, role });
}

const KEYED_ROLES = ['timestamp', 'snapshot', 'targets'] as const;

/**
 * Whether trust in what is below the root was given anew. Then remembered versions are forgotten: somebody who had stolen a key may
 * have driven them up to lock out every honest successor (TUF specification 5.3.11, taken for all three roles).
 */
export function isRotated(before: RootData, after: RootData): boolean {
  const trustOf = (root: RootData): string =>
    JSON.stringify(
      KEYED_ROLES.map((role) => {
        const { keyids, threshold } = root.roles[role];
        return [threshold, [...new Set(keyids)].sort()];
      }),
    );
  return trustOf(before) !== trustOf(after);
}
