import { NO_FLOOR, type TrustState, type VersionFloor } from '../../core/trust.ts';
import { type Metadata, type MetaFile, parseMetadata } from '../../core/tuf/metadata.ts';
import { isRotated } from '../../core/tuf/signers.ts';
import {
  assertCurrent as assertInTime,
  assertNamedVersion,
  assertSnapshotForward,
  assertTimestampForward,
  type Memory,
  type TrustedSet,
  versionsOf,
} from '../../core/tuf/versions.ts';
import type { Repository } from './repository.ts';
import { type RootChain, walkRoots } from './roots.ts';
import type { Verifier } from './verifier.ts';

const KIB = 1024;
const TIMESTAMP_CAP_BYTES = 64 * KIB;
const SNAPSHOT_CAP_BYTES = 512 * KIB;
/** Ten thousand revisions with long notes. */
const TARGETS_CAP_BYTES = 16 * KIB * KIB;

export interface Kept {
  readonly set: TrustedSet;
  readonly state: TrustState;
}

interface Refresh {
  readonly kept: Kept | undefined;
  readonly shipped: Metadata<'root'>;
  readonly floor: VersionFloor;
  /** Taken once: a file cannot be in time at one step and late at the next. */
  readonly nowMs: number;
  /** `ignored` for what a bundle brings: an air-gapped device or a dead clock must not stop an update. */
  readonly expiry?: 'checked' | 'ignored';
  readonly repository: Repository;
  readonly verifier: Verifier;
  readonly signal: AbortSignal;
}

/**
 * The workflow of the TUF specification 1.0, section 5, up to what is to be stored. Everything stays in memory until every file has
 * been verified, so that a refresh that fails at any step leaves nothing half done behind.
 * @throws SillError as `walkRoots`, and `untrusted_catalog` | `stale_catalog` of the step that failed
 */
export async function refresh({ kept, shipped, floor, nowMs, expiry, repository, verifier, signal }: Refresh): Promise<Kept> {
  const assertCurrent = (metadata: Metadata): void => {
    if (expiry !== 'ignored') assertInTime(metadata, nowMs);
  };
  const from: RootChain = kept
    ? { root: kept.set.root, lineage: kept.state.lineage, earlier: kept.state.earlierRoots ?? [] }
    : { root: shipped, lineage: [{ version: shipped.signed.version, digest: await verifier.digestOf(shipped) }], earlier: [] };
  const chain = await walkRoots({ from, shipped, repository, verifier, signal });
  const { root } = chain;
  assertCurrent(root);

  const remembered = kept && !isRotated(kept.set.root.signed, root.signed) ? kept : undefined;
  const memory: Memory = {
    seen: remembered?.state.versions ?? NO_FLOOR,
    floor: isRotated(shipped.signed, root.signed) ? NO_FLOOR : floor,
    snapshot: remembered?.set.snapshot.signed,
  };
  const named = async <Name extends 'snapshot' | 'targets'>(role: Name, meta: MetaFile, capBytes: number): Promise<Metadata<Name>> => {
    const file = `metadata/${meta.version}.${role}.json`;
    const bytes = await repository.read(file, Math.min(capBytes, meta.length ?? capBytes), signal);
    await verifier.assertBytes(meta, bytes, file);
    const metadata = await verifier.read(root.signed, role, bytes, file);
    assertNamedVersion(meta, metadata, file);
    assertCurrent(metadata);
    return metadata;
  };

  const bytes = await repository.read('metadata/timestamp.json', TIMESTAMP_CAP_BYTES, signal);
  const timestamp = await verifier.read(root.signed, 'timestamp', bytes, 'metadata/timestamp.json');
  assertTimestampForward(memory, timestamp);
  if (remembered && timestamp.signed.version === remembered.set.timestamp.signed.version) {
    // Nothing new was signed. That the old is still in time must be asked again each time: a frozen repository looks like this.
    const set = { ...remembered.set, root };
    for (const metadata of [set.timestamp, set.snapshot, set.targets]) assertCurrent(metadata);
    return { set, state: stateOf(set, chain, nowMs) };
  }
  assertCurrent(timestamp);
  const snapshotMeta = timestamp.signed.meta['snapshot.json'];
  const snapshot = await named('snapshot', snapshotMeta, SNAPSHOT_CAP_BYTES);
  assertSnapshotForward(memory, snapshot, `metadata/${snapshotMeta.version}.snapshot.json`);
  const targets = await named('targets', snapshot.signed.meta['targets.json'], TARGETS_CAP_BYTES);
  const set = { root, timestamp, snapshot, targets };
  return { set, state: stateOf(set, chain, nowMs) };
}

const stateOf = (set: TrustedSet, { lineage, earlier }: RootChain, checkedAtMs: number): TrustState => ({
  root: set.root.text,
  timestamp: set.timestamp.text,
  snapshot: set.snapshot.text,
  targets: set.targets.text,
  versions: versionsOf(set),
  lineage,
  earlierRoots: earlier,
  checkedAtMs,
});

/** What is stored, verified again. @throws SillError `untrusted_catalog` where the storage holds something else than was put there */
export async function restore(state: TrustState, verifier: Verifier): Promise<Kept> {
  const root = parseMetadata('root', state.root);
  const set: TrustedSet = {
    root,
    timestamp: parseMetadata('timestamp', state.timestamp),
    snapshot: parseMetadata('snapshot', state.snapshot),
    targets: parseMetadata('targets', state.targets),
  };
  for (const metadata of [set.root, set.timestamp, set.snapshot, set.targets]) {
    await verifier.assertSigned(root.signed, metadata, `stored ${metadata.role}`);
  }
  return { set, state };
}
