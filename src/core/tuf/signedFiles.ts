import type { CatalogEntry } from '../catalog.ts';
import type { RevisionId } from '../ids.ts';
import type { SignedFiles, TrustState } from '../trust.ts';
import { parseMetadata } from './metadata.ts';
import { offersOf, targetName } from './offers.ts';

/** What a device verified last, as the files of a repository. */
export function signedFilesOf({ root, earlierRoots = [], timestamp, snapshot, targets, versions }: TrustState): SignedFiles {
  const roots = [...earlierRoots, root].map((text) => [`${parseMetadata('root', text).signed.version}.root.json`, text] as const);
  return {
    ...Object.fromEntries(roots),
    'timestamp.json': timestamp,
    [`${versions.snapshot}.snapshot.json`]: snapshot,
    [`${versions.targets}.targets.json`]: targets,
  };
}

/** The entry under which a list offers a revision in just these bytes; `undefined` where it does not. */
export function listedAs(targets: string, revision: RevisionId, manifestSha256: string): CatalogEntry | undefined {
  const { signed } = parseMetadata('targets', targets);
  return offersOf(signed).find(
    (entry) => entry.revision === revision && signed.targets[targetName(entry)]?.hashes.sha256 === manifestSha256,
  );
}
