import { sign } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Root, Signature } from '@tufjs/models';
import { unlessCode } from '../models/errno.ts';
import { isEncrypted, type KeyFile, type KeyRole, makeKey, openKey, parseKeyFile } from './keyFile.ts';
import type { AskPassphrase } from './passphrase.ts';
import { PublisherError } from './publisherError.ts';

export interface Signer {
  readonly keyId: string;
  sign(data: Buffer): Signature;
}

const OWNER_ONLY = 0o600;
const RETIRED = 'retired';
const fileName = (key: KeyFile): string => `${key.role}-${key.keyId.slice(0, 8)}.json`;

/** The private keys in a folder. Those that lie elsewhere, as root keys should, are simply not there. */
export class Keyring {
  private constructor(
    readonly folder: string,
    readonly keys: readonly KeyFile[],
    private readonly ask: AskPassphrase,
  ) {}

  static async open(folder: string, ask: AskPassphrase): Promise<Keyring> {
    const names = (await readdir(folder).catch(unlessCode('ENOENT'))) ?? [];
    const paths = names.filter((name) => /^[a-z]+-[0-9a-f]{8}\.json$/.test(name)).map((name) => join(folder, name));
    const keys = await Promise.all(paths.map(async (path) => parseKeyFile(await readFile(path, 'utf8'), path)));
    return new Keyring(folder, keys, ask);
  }

  /** A keyring with new keys beside the old ones. `passphrase` undefined leaves them unencrypted. */
  async add(counts: ReadonlyMap<KeyRole, number>, passphrase: string | undefined): Promise<{ keyring: Keyring; added: KeyFile[] }> {
    const added = [...counts].flatMap(([role, count]) => Array.from({ length: count }, () => makeKey(role, passphrase)));
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (const key of added) {
      await writeFile(join(this.folder, fileName(key)), `${JSON.stringify(key, undefined, 1)}\n`, { mode: OWNER_ONLY, flag: 'wx' });
    }
    return { keyring: new Keyring(this.folder, [...this.keys, ...added], this.ask), added };
  }

  /** The passphrase for new keys: the one of the others, and none where they have none. */
  async passphraseOfKeys(): Promise<string | undefined> {
    return this.keys.some(isEncrypted) ? this.ask('Passphrase of the keys') : undefined;
  }

  /** Puts keys that nothing trusts any more aside. */
  async retire(keyIds: readonly string[]): Promise<void> {
    await mkdir(join(this.folder, RETIRED), { recursive: true, mode: 0o700 });
    for (const key of this.keys.filter(({ keyId }) => keyIds.includes(keyId))) {
      await rename(join(this.folder, fileName(key)), join(this.folder, RETIRED, fileName(key)));
    }
  }

  /**
   * Every key of the folder that the root trusts for the role.
   * @throws PublisherError `keys` when they are fewer than the role's threshold, or the passphrase is wrong
   */
  async signers(root: Root, role: KeyRole): Promise<Signer[]> {
    const { keyIDs = [], threshold = 1 } = root.roles[role] ?? {};
    const found = this.keys.filter((key) => keyIDs.includes(key.keyId));
    if (found.length < threshold) {
      throw new PublisherError(
        'keys',
        `${this.folder} holds ${found.length} of the ${threshold} keys that sign ${role}. Bring the missing ones there, or name another folder by --keys.`,
      );
    }
    const passphrase = found.some(isEncrypted) ? await this.ask('Passphrase of the keys') : '';
    return found.map((file) => {
      const key = openKey(file, passphrase);
      return {
        keyId: file.keyId,
        sign: (data) => new Signature({ keyID: file.keyId, sig: sign(undefined, data, key).toString('hex') }),
      };
    });
  }
}
