import * as v from 'valibot';

const version = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

const FloorSchema = v.object({ timestamp: version, snapshot: version, targets: version });

/**
 * The versions that were current when the app was built, shipped beside its root: without them a cleared database would believe
 * any catalog that the publisher ever signed.
 */
export type VersionFloor = v.InferOutput<typeof FloorSchema>;

/** What came with the app and is never asked of the network: whom to trust, and since when. Both are texts of JSON files. */
export interface ShippedTrust {
  /** TUF root metadata. */
  readonly root: string;
  /** A `VersionFloor`; absent for none. */
  readonly floor?: string;
}

export const NO_FLOOR: VersionFloor = { timestamp: 0, snapshot: 0, targets: 0 };

/** @throws ValiError for anything else. */
export const parseVersionFloor = (data: unknown): VersionFloor => v.parse(FloorSchema, data);

export interface TrustVersions extends VersionFloor {
  readonly root: number;
}

/** A root of the chain that was walked, by the SHA-256 of what is signed in it. */
export interface RootMark {
  readonly version: number;
  readonly digest: string;
}

/** What the last complete refresh verified: files as they were signed, and what must never go back. */
export interface TrustState {
  readonly root: string;
  readonly timestamp: string;
  readonly snapshot: string;
  readonly targets: string;
  readonly versions: TrustVersions;
  /** From the root that was shipped to the current one, in order. */
  readonly lineage: readonly RootMark[];
  /** The roots before the current one, as they were signed: a device that begins with an earlier one needs them all. */
  readonly earlierRoots?: readonly string[];
  readonly checkedAtMs: number;
}

/** The files of a TUF repository as they were signed, by their names in it: `1.root.json`, `timestamp.json`, `4.targets.json`. */
export type SignedFiles = Readonly<Record<string, string>>;

/** What shows another device that its publisher signed a revision. */
export interface Proof {
  readonly files: SignedFiles;
  /** As it was signed: the revision follows from it, and not the other way round. */
  readonly manifest: string;
}

export const sameVersions = (a: TrustVersions | undefined, b: TrustVersions | undefined): boolean =>
  a?.root === b?.root && a?.timestamp === b?.timestamp && a?.snapshot === b?.snapshot && a?.targets === b?.targets;

/** Under one root versions only grow; a new root may start them over, because it may have given new keys. */
export function goesForward(current: TrustVersions | undefined, next: TrustVersions): boolean {
  if (current === undefined || next.root > current.root) return true;
  return (
    next.root === current.root &&
    next.timestamp >= current.timestamp &&
    next.snapshot >= current.snapshot &&
    next.targets >= current.targets
  );
}
