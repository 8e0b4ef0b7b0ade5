import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scryptSync,
} from 'node:crypto';
import { canonicalize } from '@tufjs/canonical-json';
import { Key } from '@tufjs/models';
import * as v from 'valibot';
import { ROLES } from '../../src/core/tuf/refusal.ts';
import { sha256 } from '../digests.ts';
import { PublisherError } from './publisherError.ts';

/** OWASP's memory-hard setting for a passphrase that people type: 32 MiB and about a tenth of a second. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 };
const CIPHER = 'aes-256-gcm';

const base64 = v.pipe(v.string(), v.base64());
const KeyFileSchema = v.strictObject({
  schema: v.literal(1),
  role: v.picklist(ROLES),
  keyId: v.string(),
  scheme: v.literal('ed25519'),
  public: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  private: v.union([
    v.strictObject({ pkcs8: base64 }),
    v.strictObject({ kdf: v.literal('scrypt'), cipher: v.literal(CIPHER), salt: base64, iv: base64, tag: base64, data: base64 }),
  ]),
});
export type KeyFile = v.InferOutput<typeof KeyFileSchema>;
export type KeyRole = KeyFile['role'];

/** Encrypted where there is a passphrase. */
export function makeKey(role: KeyRole, passphrase: string | undefined): KeyFile {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  // The last 32 bytes of the DER are the key itself (RFC 8410).
  const text = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
  const keyId = publicPart({ keyId: '', public: text }).keyID;
  return {
    schema: 1,
    role,
    keyId,
    scheme: 'ed25519',
    public: text,
    private: passphrase ? encrypt(pkcs8, passphrase) : { pkcs8: pkcs8.toString('base64') },
  };
}

export function parseKeyFile(text: string, path: string): KeyFile {
  try {
    return v.parse(KeyFileSchema, JSON.parse(text));
  } catch (cause) {
    throw new PublisherError('keys', `${path} is not a key of this tool. Move it out of the keys folder.`, cause);
  }
}

/** The key as metadata lists it; its id is the SHA-256 of its canonical form. */
export function publicPart(file: Pick<KeyFile, 'keyId' | 'public'>): Key {
  const fields = { keyType: 'ed25519', scheme: 'ed25519', keyVal: { public: file.public } };
  const key = new Key({ keyID: file.keyId, ...fields });
  return file.keyId ? key : new Key({ keyID: sha256(canonicalize(key.toJSON())).slice('sha256:'.length), ...fields });
}

export const isEncrypted = (file: KeyFile): boolean => 'cipher' in file.private;

/** @throws PublisherError `keys` when the passphrase is not the key's */
export function openKey(file: KeyFile, passphrase: string): KeyObject {
  const secret = file.private;
  const pkcs8 = 'cipher' in secret ? decrypt(secret, passphrase, file.keyId) : Buffer.from(secret.pkcs8, 'base64');
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

type Encrypted = Extract<KeyFile['private'], { cipher: string }>;

function encrypt(data: Buffer, passphrase: string): Encrypted {
  const [salt, iv] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv(CIPHER, scryptSync(passphrase, salt, 32, SCRYPT), iv);
  const body = Buffer.concat([cipher.update(data), cipher.final()]);
  const text = (bytes: Buffer) => bytes.toString('base64');
  return { kdf: 'scrypt', cipher: CIPHER, salt: text(salt), iv: text(iv), tag: text(cipher.getAuthTag()), data: text(body) };
}

function decrypt(secret: Encrypted, passphrase: string, keyId: string): Buffer {
  const bytes = (text: string) => Buffer.from(text, 'base64');
  const decipher = createDecipheriv(CIPHER, scryptSync(passphrase, bytes(secret.salt), 32, SCRYPT), bytes(secret.iv));
  decipher.setAuthTag(bytes(secret.tag));
  try {
    return Buffer.concat([decipher.update(bytes(secret.data)), decipher.final()]);
  } catch (cause) {
    throw new PublisherError('keys', `The passphrase does not open key ${keyId.slice(0, 8)}, or its file was changed.`, cause);
  }
}
