import { join, resolve } from 'node:path';
import type { Targets } from '@tufjs/models';
import { writeWhole } from '../models/stamp.ts';
import { Keyring } from './keyring.ts';
import { withLock } from './lock.ts';
import type { AskPassphrase } from './passphrase.ts';
import { type Published, readRepository, readRoot } from './repository.ts';
import { readSettings } from './settings.ts';
import { type SigningContext, writeCatalog } from './sign.ts';

/** Where a publisher works. */
export interface Places {
  /** The folder that is served: metadata/, targets/ and the folders of the revisions. */
  readonly repo: string;
  /** Private keys. Never served. */
  readonly keys: string;
  /** What is built into the app: root.json and floor.json. */
  readonly trust: string;
}

export const DEFAULT_PLACES: Places = { repo: 'public/models', keys: '.sill/keys', trust: 'public/trust' };

export interface Publisher extends Places {
  readonly ask: AskPassphrase;
  readonly now: () => number;
}

export async function signingContext({ repo, keys, ask, now }: Publisher): Promise<SigningContext> {
  return { repo: resolve(repo), keyring: await Keyring.open(resolve(keys), ask), settings: await readSettings(keys), nowMs: now() };
}

/** Changes what is published and signs it, alone. @throws PublisherError */
export async function change(publisher: Publisher, edit: (targets: Targets, context: SigningContext) => Promise<void>): Promise<Published> {
  return withLock(publisher.repo, async () => {
    const context = await signingContext(publisher);
    const before = await readRepository(publisher.repo);
    await edit(before.targets.signed, context);
    const root = before.root.signed;
    const after = { root: before.root, ...(await writeCatalog(context, [root], before, Object.values(before.targets.signed.targets))) };
    await ship(publisher, after);
    return after;
  });
}

/** Lays what the app trusts beside its other files: the root, and the versions below which it accepts nothing. */
export async function ship({ repo, trust }: Places, published: Omit<Published, 'root'>): Promise<void> {
  const { text } = await readRoot(repo);
  const { timestamp, snapshot, targets } = published;
  const floor = { timestamp: timestamp.signed.version, snapshot: snapshot.signed.version, targets: targets.signed.version };
  await writeWhole(join(trust, 'root.json'), text);
  await writeWhole(join(trust, 'floor.json'), `${JSON.stringify(floor)}\n`);
}
