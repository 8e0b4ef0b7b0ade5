import { type UntrustedFault, untrustedBundle } from '../../core/bundle/faults.ts';
import { SillError } from '../../core/errors.ts';
import { type SignedFiles, sameVersions, type TrustState } from '../../core/trust.ts';
import { type Metadata, parseMetadata } from '../../core/tuf/metadata.ts';
import { offersOf } from '../../core/tuf/offers.ts';
import { signedFilesOf } from '../../core/tuf/signedFiles.ts';
import type { BundleTrust, JudgedList } from '../../ports/bundle.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Digests, Signatures } from '../../ports/delivery.ts';
import { type AnchorOptions, createAnchor } from './anchor.ts';
import { type Kept, refresh } from './refresh.ts';
import type { Repository } from './repository.ts';
import { readManifest, targetFor } from './signedManifest.ts';
import { createVerifier, type Verifier } from './verifier.ts';

export interface BundleTrustOptions extends AnchorOptions {
  readonly digests: Digests;
  readonly signatures: Signatures;
  readonly clock: Pick<Clock, 'now'>;
}

/** How often another tab may be quicker to store what both found. */
const MAX_RACES = 4;

/** What the attacks of the specification are called when it is a bundle that was refused. */
const FAULTS: Readonly<Record<string, UntrustedFault>> = {
  another_root: 'another_publisher',
  below_floor: 'older_than_app',
  rollback: 'superseded',
};

/**
 * The list of models of a bundle by the rules of the catalog (the same root, thresholds and monotone versions), without a clock. An older
 * list than the one that this device knows is no attack but the rule for sticks that lie in a drawer: then the known list decides which of
 * the bundle's revisions may come in.
 */
export function createBundleTrust(options: BundleTrustOptions): BundleTrust {
  const { trust, clock } = options;
  const verifier = createVerifier(options);
  const anchor = createAnchor({ ...options, verifier });

  const look = async (files: SignedFiles): Promise<{ known: Kept | undefined; next: Kept; superseded: boolean }> => {
    const { kept: known } = await anchor.known();
    const { shipped, floor } = await anchor.shipped();
    const repository = repositoryOf(files);
    const newest = known?.set.root ?? shipped;
    const isOlder = await assertSameLineage(files, known?.state, newest, verifier);
    if (isOlder) {
      if (known) return { known, next: known, superseded: true };
      throw untrustedBundle('older_than_app', { rootVersion: newest.signed.version });
    }
    const { signal } = new AbortController();
    try {
      const next = await refresh({ kept: known, shipped, floor, nowMs: clock.now(), expiry: 'ignored', repository, verifier, signal });
      return { known, next, superseded: false };
    } catch (reason) {
      if (!(reason instanceof SillError) || reason.code !== 'untrusted_catalog') throw reason;
      const { attack = '', file = '' } = reason.details;
      if (known && (attack === 'rollback' || attack === 'fast_forward')) return { known, next: known, superseded: true };
      throw untrustedBundle(FAULTS[String(attack)] ?? 'bad_signature', { attack, file }, reason);
    }
  };

  const commit = async (files: SignedFiles): Promise<void> => {
    for (let races = 0; races < MAX_RACES; races++) {
      // Another tab may have seen more since: what is stored is looked at again each time.
      const { known, next, superseded } = await look(files);
      if (superseded || sameVersions(next.state.versions, known?.state.versions)) return;
      // When the source was asked last is not changed by what came by another way.
      const state = known ? { ...next.state, checkedAtMs: known.state.checkedAtMs } : next.state;
      if (await trust.commit(state, known?.state.versions)) return;
    }
    throw new SillError('busy', 'Other tabs are refreshing the list of models. Try again in a moment.');
  };

  return {
    async judge(files): Promise<JudgedList> {
      const { next, superseded } = await look(files);
      const { set, state } = next;
      return {
        models: offersOf(set.targets.signed),
        superseded,
        signer: { rootVersion: set.root.signed.version, keyIds: set.root.signed.roles.targets.keyids },
        async manifest(entry, bytes) {
          try {
            const { name, target } = targetFor(set, entry);
            const { manifest, text } = await readManifest(entry, target, bytes, name, { verifier, digests: options.digests });
            return { manifest, proof: { files: signedFilesOf(state), manifest: text } };
          } catch (reason) {
            if (!(reason instanceof SillError) || reason.code !== 'untrusted_catalog') throw reason;
            throw untrustedBundle(superseded ? 'superseded' : 'unlisted', { id: entry.id, revision: entry.revision }, reason);
          }
        },
        commit: () => commit(files),
      };
    },
  };
}

/**
 * Whether the bundle ends before the root that this device has come to, on the same chain.
 * @throws SillError `untrusted_bundle` with fault `another_publisher` when one of its roots is another than the one that this device knows
 */
async function assertSameLineage(
  files: SignedFiles,
  state: TrustState | undefined,
  newest: Metadata<'root'>,
  verifier: Verifier,
): Promise<boolean> {
  const marks = state?.lineage ?? [{ version: newest.signed.version, digest: await verifier.digestOf(newest) }];
  let last = 0;
  for (const [name, text] of Object.entries(files)) {
    if (!/^\d+\.root\.json$/.test(name)) continue;
    const root = readRoot(text, name);
    last = Math.max(last, root.signed.version);
    const mark = marks.find(({ version }) => version === root.signed.version);
    if (mark && mark.digest !== (await verifier.digestOf(root))) {
      throw untrustedBundle('another_publisher', { version: mark.version, trusted: mark.digest, met: await verifier.digestOf(root) });
    }
  }
  if (last === 0) throw untrustedBundle('unsigned', { missing: 'root.json' });
  return last < newest.signed.version;
}

function readRoot(text: string, name: string): Metadata<'root'> {
  try {
    return parseMetadata('root', text, name);
  } catch (reason) {
    throw untrustedBundle('bad_signature', { file: name }, reason);
  }
}

/** A bundle in the place of a web server. */
function repositoryOf(files: SignedFiles): Repository {
  const readIfThere = async (path: string): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    const name = path.slice('metadata/'.length);
    const text = Object.hasOwn(files, name) ? files[name] : undefined;
    return text === undefined ? undefined : new TextEncoder().encode(text);
  };
  return {
    readIfThere,
    async read(path) {
      const bytes = await readIfThere(path);
      if (bytes) return bytes;
      throw untrustedBundle('unsigned', { missing: path });
    },
  };
}
