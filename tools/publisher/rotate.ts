import type { Root } from '@tufjs/models';
import type { KeyFile, KeyRole } from './keyFile.ts';
import { withLock } from './lock.ts';
import { type Publisher, ship, signingContext } from './publisher.ts';
import { PublisherError } from './publisherError.ts';
import { type Published, readRepository } from './repository.ts';
import { rootOf, type SigningContext, writeCatalog, writeRoot } from './sign.ts';

const ROLES: readonly KeyRole[] = ['root', 'timestamp', 'snapshot', 'targets'];

const thresholdsOf = (root: Root): Map<KeyRole, number> => new Map(ROLES.map((role) => [role, root.roles[role]?.threshold ?? 1]));

function keysOf(root: Root): Array<Pick<KeyFile, 'role' | 'keyId' | 'public'>> {
  return ROLES.flatMap((role) =>
    (root.roles[role]?.keyIDs ?? []).map((keyId) => ({ role, keyId, public: root.keys[keyId]?.keyVal.public ?? '' })),
  );
}

/**
 * Gives a role new keys, as many as it had, and puts the old ones aside. Devices follow by the chain of roots.
 * The catalog is signed by old and new keys before the root changes, so that it is valid at every moment in between.
 */
export async function rotate(publisher: Publisher, role: KeyRole): Promise<{ readonly added: string[]; readonly retired: string[] }> {
  return withLock(publisher.repo, async () => {
    const context = await signingContext(publisher);
    const before = await readRepository(publisher.repo);
    const root = before.root.signed;
    const retired = root.roles[role]?.keyIDs ?? [];
    const { keyring, added } = await context.keyring.add(new Map([[role, retired.length]]), await context.keyring.passphraseOfKeys());
    const kept = keysOf(root).filter((key) => key.role !== role);
    await replaceRoot(publisher, { ...context, keyring }, before, (next) =>
      rootOf(next, root.version + 1, [...kept, ...added], thresholdsOf(root)),
    );
    await keyring.retire(retired);
    return { added: added.map((key) => key.keyId), retired };
  });
}

/** Signs everything again, for as long as the settings say; the root too when `withRoot`. */
export async function renew(publisher: Publisher, withRoot: boolean): Promise<Published> {
  return withLock(publisher.repo, async () => {
    const context = await signingContext(publisher);
    const before = await readRepository(publisher.repo);
    const root = before.root.signed;
    const unknown = keysOf(root).find((key) => !/^[0-9a-f]{64}$/.test(key.public));
    if (unknown) throw new PublisherError('keys', `The root lists key ${unknown.keyId.slice(0, 8)}, which this tool did not make.`);
    return replaceRoot(publisher, context, before, (next) =>
      withRoot ? rootOf(next, root.version + 1, keysOf(root), thresholdsOf(root)) : undefined,
    );
  });
}

async function replaceRoot(
  publisher: Publisher,
  context: SigningContext,
  before: Published,
  nextRoot: (context: SigningContext) => Root | undefined,
): Promise<Published> {
  const next = nextRoot(context);
  const roots = next ? [before.root.signed, next] : [before.root.signed];
  const catalog = await writeCatalog(context, roots, before, Object.values(before.targets.signed.targets));
  const root = next ? await writeRoot(context, next, before.root.signed) : before.root;
  await ship(publisher, catalog);
  return { root, ...catalog };
}
