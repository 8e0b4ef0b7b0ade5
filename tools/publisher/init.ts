import type { KeyRole } from './keyFile.ts';
import { Keyring } from './keyring.ts';
import { withLock } from './lock.ts';
import { type Publisher, ship, signingContext } from './publisher.ts';
import { PublisherError } from './publisherError.ts';
import { hasRepository } from './repository.ts';
import { type Settings, writeSettings } from './settings.ts';
import { rootOf, writeCatalog, writeRoot } from './sign.ts';

export interface InitOptions {
  readonly counts: ReadonlyMap<KeyRole, number>;
  readonly thresholds: ReadonlyMap<KeyRole, number>;
  readonly settings: Settings;
  /** Undefined leaves the keys unencrypted. */
  readonly passphrase: string | undefined;
}

export interface Initialised {
  readonly keys: ReadonlyArray<{ readonly role: KeyRole; readonly keyId: string }>;
}

/** Makes keys, the first root and an empty signed catalog. @throws PublisherError `invalid` where there is one already */
export async function init(publisher: Publisher, options: InitOptions): Promise<Initialised> {
  const { counts, thresholds, settings, passphrase } = options;
  for (const [role, threshold] of thresholds) {
    if (threshold > (counts.get(role) ?? 1)) {
      throw new PublisherError('usage', `${role} cannot need ${threshold} signatures of ${counts.get(role) ?? 1} keys.`);
    }
  }
  return withLock(publisher.repo, async () => {
    if (await hasRepository(publisher.repo)) {
      throw new PublisherError('invalid', `${publisher.repo} has a catalog already. To change its keys: npm run sill -- rotate <role>`);
    }
    const empty = await Keyring.open(publisher.keys, publisher.ask);
    if (empty.keys.length > 0) {
      throw new PublisherError('invalid', `${publisher.keys} holds keys of another catalog. Name another folder by --keys.`);
    }
    const ask = passphrase === undefined ? publisher.ask : () => Promise.resolve(passphrase);
    const { keyring, added } = await (await Keyring.open(publisher.keys, ask)).add(counts, passphrase);
    await writeSettings(publisher.keys, settings);
    const context = { ...(await signingContext(publisher)), keyring };
    const root = rootOf(context, 1, added, thresholds);
    // Signed before anything is written: the root is what makes it a repository.
    const catalog = await writeCatalog(context, [root], undefined, []);
    await writeRoot(context, root, undefined);
    await ship(publisher, catalog);
    return { keys: added.map(({ role, keyId }) => ({ role, keyId })) };
  });
}
