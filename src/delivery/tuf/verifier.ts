import { hexOf } from '../../core/ids.ts';
import { type Metadata, type MetaFile, parseMetadata, type RootData, type TargetFile } from '../../core/tuf/metadata.ts';
import { type Role, refusal } from '../../core/tuf/refusal.ts';
import { assertThreshold, type Signer, signersOf } from '../../core/tuf/signers.ts';
import type { Digests, Signatures } from '../../ports/delivery.ts';

export interface VerifierDeps {
  readonly digests: Digests;
  readonly signatures: Signatures;
}

/** The checks of the TUF specification that take cryptography. */
export interface Verifier {
  /** @throws SillError `untrusted_catalog` with attack `unsigned` | `wrong_key` | `bad_signature` */
  assertSigned(root: RootData, metadata: Metadata, file: string): Promise<void>;
  /** @throws SillError `untrusted_catalog` with attack `wrong_length` | `wrong_hash` */
  assertBytes(
    named: Partial<Pick<MetaFile | TargetFile, 'length' | 'hashes'>>,
    bytes: Uint8Array<ArrayBuffer>,
    file: string,
  ): Promise<void>;
  /** Reads and checks a file by the role's keys in `root`. @throws SillError `untrusted_catalog` */
  read<Name extends Role>(root: RootData, role: Name, bytes: Uint8Array<ArrayBuffer>, file: string): Promise<Metadata<Name>>;
  /** The SHA-256 of what is signed, in hexadecimal: the same for a root whoever added signatures to it. */
  digestOf(metadata: Metadata): Promise<string>;
}

export function createVerifier({ digests, signatures }: VerifierDeps): Verifier {
  const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => hexOf(await digests.sha256(bytes));

  const isValid = async ({ key, keyId, keyBytes, signature }: Signer, metadata: Metadata): Promise<boolean> =>
    (await sha256(keyBytes)) === keyId && (await signatures.verify(key.scheme, key.publicKey, metadata.signedBytes, signature));

  const verifier: Verifier = {
    async assertSigned(root, metadata, file) {
      const candidates = signersOf(root, metadata.role, metadata);
      const verified: Signer[] = [];
      for (const signer of candidates) if (await isValid(signer, metadata)) verified.push(signer);
      assertThreshold(root, metadata, { candidates, verified }, file);
    },
    async assertBytes(named, bytes, file) {
      if (named.length !== undefined && named.length !== bytes.length) {
        throw refusal('wrong_length', file, { wanted: named.length, actual: bytes.length });
      }
      if (named.hashes && named.hashes.sha256 !== (await sha256(bytes))) throw refusal('wrong_hash', file);
    },
    async read(root, role, bytes, file) {
      const metadata = parseMetadata(role, textOf(bytes, file), file);
      await verifier.assertSigned(root, metadata, file);
      return metadata;
    },
    digestOf: (metadata) => sha256(metadata.signedBytes),
  };
  return verifier;
}

export function textOf(bytes: Uint8Array<ArrayBuffer>, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refusal('malformed', file, { reason: 'not UTF-8' });
  }
}
