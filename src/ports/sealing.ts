import type { Vault } from '../core/chat/records.ts';

/** A key that seals and opens records. It cannot be read, and is gone with the page. */
export interface Key {
  readonly vault: Vault;
  /** @param about what the record is, which its opening must state as well: a sealed record cannot take another's place */
  seal(text: string, about: string): Promise<Uint8Array<ArrayBuffer>>;
  /** @throws SillError `storage_unavailable` where it was damaged or belongs to another key */
  open(sealed: Uint8Array, about: string): Promise<string>;
}

/** Passphrases and what they lock. */
export interface Sealing {
  /** A new vault with a salt of its own. */
  create(passphrase: string): Promise<Key>;
  /** The key of a vault; undefined for a wrong passphrase. */
  unlock(vault: Vault, passphrase: string): Promise<Key | undefined>;
}
