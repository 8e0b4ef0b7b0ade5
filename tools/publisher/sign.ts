import { createHash } from 'node:crypto';
import { Metadata, MetaFile, Root, Snapshot, type TargetFile, Targets, Timestamp } from '@tufjs/models';
import type { KeyFile, KeyRole } from './keyFile.ts';
import { publicPart } from './keyFile.ts';
import type { Keyring, Signer } from './keyring.ts';
import { type Published, textOf, writeMetadata } from './repository.ts';
import type { Settings } from './settings.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface SigningContext {
  readonly repo: string;
  readonly keyring: Keyring;
  readonly settings: Settings;
  readonly nowMs: number;
}

/** Without fractions of a second, as the specification writes it. */
const expiryOf = ({ settings, nowMs }: SigningContext, role: KeyRole): string =>
  `${new Date(nowMs + settings.expiresDays[role] * DAY_MS).toISOString().slice(0, 19)}Z`;

function signed<T extends Root | Timestamp | Snapshot | Targets>(content: T, signers: readonly Signer[]): Metadata<T> {
  const metadata = new Metadata(content);
  for (const signer of signers) metadata.sign((data) => signer.sign(data));
  return metadata;
}

/** A root with these keys; roles without a threshold of their own need one key. */
export function rootOf(
  context: SigningContext,
  version: number,
  keys: readonly Pick<KeyFile, 'role' | 'keyId' | 'public'>[],
  thresholds: ReadonlyMap<KeyRole, number>,
): Root {
  const root = new Root({ version, specVersion: '1.0.31', expires: expiryOf(context, 'root'), consistentSnapshot: true });
  for (const key of keys) root.addKey(publicPart(key), key.role);
  const json = root.toJSON();
  const roles = Object.fromEntries(
    Object.entries(root.roles).map(([name, role]) => [
      name,
      { ...role.toJSON(), threshold: [...thresholds].find(([each]) => each === name)?.[1] ?? role.threshold },
    ]),
  );
  return Root.fromJSON({ ...json, roles });
}

/** Signed by whoever the last root trusts for roots, and by whoever it trusts itself. */
export async function writeRoot(context: SigningContext, next: Root, before: Root | undefined): Promise<Metadata<Root>> {
  const signers = new Map<string, Signer>();
  for (const root of before ? [before, next] : [next]) {
    for (const signer of await context.keyring.signers(root, 'root')) signers.set(signer.keyId, signer);
  }
  const metadata = signed(next, [...signers.values()]);
  await writeMetadata(context.repo, metadata);
  return metadata;
}

const hashed = (metadata: Metadata<Snapshot | Targets>): MetaFile => {
  const bytes = Buffer.from(textOf(metadata));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return new MetaFile({ version: metadata.signed.version, length: bytes.length, hashes: { sha256 } });
};

/**
 * Signs and writes targets, snapshot and timestamp, in this order and each whole: until the timestamp is replaced, readers see what
 * was there before, so that a publisher may be killed at any moment.
 *
 * @param roots whose keys sign: the current root, and while keys are being rotated the next one too
 */
export async function writeCatalog(
  context: SigningContext,
  roots: readonly Root[],
  before: Omit<Published, 'root'> | undefined,
  targets: readonly TargetFile[],
): Promise<Omit<Published, 'root'>> {
  const signersOf = async (role: KeyRole) => {
    const signers = new Map<string, Signer>();
    for (const root of roots) for (const signer of await context.keyring.signers(root, role)) signers.set(signer.keyId, signer);
    return [...signers.values()];
  };
  // All keys first: a passphrase that is wrong must not leave half of a release behind.
  const [forTargets, forSnapshot, forTimestamp] = [await signersOf('targets'), await signersOf('snapshot'), await signersOf('timestamp')];
  const common = (role: KeyRole, version: number | undefined) => ({
    version: (version ?? 0) + 1,
    specVersion: '1.0.31',
    expires: expiryOf(context, role),
  });

  const content = new Targets({
    ...common('targets', before?.targets.signed.version),
    targets: Object.fromEntries([...targets].sort((a, b) => (a.path < b.path ? -1 : 1)).map((target) => [target.path, target])),
  });
  const nextTargets = signed(content, forTargets);
  const meta = { 'targets.json': hashed(nextTargets) };
  const nextSnapshot = signed(new Snapshot({ ...common('snapshot', before?.snapshot.signed.version), meta }), forSnapshot);
  const snapshotMeta = hashed(nextSnapshot);
  const nextTimestamp = signed(new Timestamp({ ...common('timestamp', before?.timestamp.signed.version), snapshotMeta }), forTimestamp);

  await writeMetadata(context.repo, nextTargets);
  await writeMetadata(context.repo, nextSnapshot);
  await writeMetadata(context.repo, nextTimestamp);
  return { targets: nextTargets, snapshot: nextSnapshot, timestamp: nextTimestamp };
}
