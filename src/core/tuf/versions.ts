import type { TrustVersions, VersionFloor } from '../trust.ts';
import type { Metadata, MetaFile, SnapshotData } from './metadata.ts';
import { expired, type Role, refusal } from './refusal.ts';

/** The four files of one consistent catalog. */
export interface TrustedSet {
  readonly root: Metadata<'root'>;
  readonly timestamp: Metadata<'timestamp'>;
  readonly snapshot: Metadata<'snapshot'>;
  readonly targets: Metadata<'targets'>;
}

export const versionsOf = (set: TrustedSet): TrustVersions => ({
  root: set.root.signed.version,
  timestamp: set.timestamp.signed.version,
  snapshot: set.snapshot.signed.version,
  targets: set.targets.signed.version,
});

/** What a refresh must not fall behind: what this device has seen, and what the app was shipped with. */
export interface Memory {
  readonly seen: VersionFloor;
  readonly floor: VersionFloor;
  /** Every file that the last snapshot named, with its version. */
  readonly snapshot: SnapshotData | undefined;
}

type Remembered = keyof VersionFloor;

/** Nobody signs a million times: at one signature a minute that takes two years. */
const DRIVEN_UP = 1_000_000;

/** @throws SillError `untrusted_catalog` with attack `rollback` | `fast_forward` | `below_floor` */
function assertNotOlder(memory: Memory, role: Remembered, version: number, file: string): void {
  const details = { role, version };
  const seen = memory.seen[role];
  if (version < seen) throw refusal(seen - version > DRIVEN_UP ? 'fast_forward' : 'rollback', file, { ...details, seen });
  if (version < memory.floor[role]) throw refusal('below_floor', file, { ...details, floor: memory.floor[role] });
}

/** @throws SillError `untrusted_catalog` with attack `root_skipped` */
export function assertNextRoot(trusted: Metadata<'root'>, next: Metadata<'root'>, file: string): void {
  const wanted = trusted.signed.version + 1;
  if (next.signed.version !== wanted) throw refusal('root_skipped', file, { wanted, actual: next.signed.version });
}

/** Section 5.4 of the specification. @throws SillError `untrusted_catalog` with attack `rollback` | `fast_forward` | `below_floor` */
export function assertTimestampForward(memory: Memory, timestamp: Metadata<'timestamp'>): void {
  assertNotOlder(memory, 'timestamp', timestamp.signed.version, 'timestamp.json');
  assertNotOlder(memory, 'snapshot', timestamp.signed.meta['snapshot.json'].version, 'timestamp.json');
}

/** Section 5.5: nothing that the last snapshot named may be missing or older. @throws SillError `untrusted_catalog` */
export function assertSnapshotForward(memory: Memory, snapshot: Metadata<'snapshot'>, file: string): void {
  assertNotOlder(memory, 'targets', snapshot.signed.meta['targets.json'].version, file);
  for (const [name, { version: seen }] of Object.entries(memory.snapshot?.meta ?? {})) {
    const version = snapshot.signed.meta[name]?.version ?? 0;
    if (version < seen) throw refusal('rollback', file, { role: name, version, seen });
  }
}

/** The version that another file names, and no other. @throws SillError `untrusted_catalog` with attack `mix_and_match` */
export function assertNamedVersion(named: MetaFile, metadata: Metadata, file: string): void {
  const { version } = metadata.signed;
  if (version !== named.version) throw refusal('mix_and_match', file, { wanted: named.version, actual: version });
}

/** @throws SillError `stale_catalog` with attack `freeze` */
export function assertCurrent(metadata: Metadata, nowMs: number): void {
  if (metadata.signed.expires <= nowMs) throw expired(metadata.role, metadata.signed.expires);
}

/** The first of the four to expire, and when. */
export function firstToExpire(set: TrustedSet): { readonly role: Role; readonly expiresMs: number } {
  const all = [set.root, set.timestamp, set.snapshot, set.targets].map(({ role, signed }) => ({ role, expiresMs: signed.expires }));
  return all.reduce((first, next) => (next.expiresMs < first.expiresMs ? next : first));
}
