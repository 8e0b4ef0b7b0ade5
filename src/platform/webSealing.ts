import type { Vault } from '../core/chat/records.ts';
import { SillError } from '../core/errors.ts';
import type { Key, Sealing } from '../ports/sealing.ts';

/** OWASP's for PBKDF2 with SHA-256 is 600,000 at least. 0.7 s on two cores at a load average of 14: little for a person, much for who guesses. */
const ITERATIONS = 800_000;
const SALT_BYTES = 16;
/** AES-GCM's own size (NIST SP 800-38D): random ones do not meet before 2^32 records under one key. */
const IV_BYTES = 12;
const CHECK = 'sill';

/** PBKDF2 (RFC 8018) makes an AES-256-GCM key of a passphrase, by WebCrypto; an IV of its own for each sealing. */
export function webSealing(crypto: Crypto = globalThis.crypto): Sealing {
  const derive = async (passphrase: string, { salt, iterations }: Pick<Vault, 'salt' | 'iterations'>): Promise<CryptoKey> => {
    // The same letters typed on different keyboards are the same passphrase.
    const typed = new TextEncoder().encode(passphrase.normalize('NFKC'));
    const material = await crypto.subtle.importKey('raw', typed, 'PBKDF2', false, ['deriveKey']);
    const how = { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(salt), iterations };
    return crypto.subtle.deriveKey(how, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  };

  const seal = async (key: CryptoKey, text: string, about: string): Promise<Uint8Array<ArrayBuffer>> => {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const how = { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(about) };
    const sealed = await crypto.subtle.encrypt(how, key, new TextEncoder().encode(text));
    const whole = new Uint8Array(IV_BYTES + sealed.byteLength);
    whole.set(iv);
    whole.set(new Uint8Array(sealed), IV_BYTES);
    return whole;
  };

  const open = async (key: CryptoKey, sealed: Uint8Array, about: string): Promise<string | undefined> => {
    const how = { name: 'AES-GCM', iv: sealed.slice(0, IV_BYTES), additionalData: new TextEncoder().encode(about) };
    try {
      return new TextDecoder().decode(await crypto.subtle.decrypt(how, key, sealed.slice(IV_BYTES)));
    } catch (reason) {
      // The tag does not fit: another key, another record, or other bytes.
      if (reason instanceof DOMException && reason.name === 'OperationError') return undefined;
      throw reason;
    }
  };

  const keyOf = (vault: Vault, key: CryptoKey): Key => ({
    vault,
    seal: (text, about) => seal(key, text, `${vault.id}/${about}`),
    async open(sealed, about) {
      const text = await open(key, sealed, `${vault.id}/${about}`);
      if (text !== undefined) return text;
      throw new SillError(
        'storage_unavailable',
        'A conversation cannot be unlocked: what is stored of it was damaged. All others are unharmed.',
        {
          details: { record: about },
        },
      );
    },
  });

  return {
    async create(passphrase) {
      const id = crypto.randomUUID();
      const how = { salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)), iterations: ITERATIONS };
      const key = await derive(passphrase, how);
      return keyOf({ id, ...how, check: await seal(key, CHECK, id) }, key);
    },
    async unlock(vault, passphrase) {
      const key = await derive(passphrase, vault);
      return (await open(key, vault.check, vault.id)) === CHECK ? keyOf(vault, key) : undefined;
    },
  };
}
