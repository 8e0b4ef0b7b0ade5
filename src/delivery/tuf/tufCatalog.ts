import { CATALOG_SCHEMA, type Catalog, type CatalogEntry } from '../../core/catalog.ts';
import { isAbort, SillError, toSillError } from '../../core/errors.ts';
import type { Manifest } from '../../core/manifest.ts';
import { offersOf, targetPath } from '../../core/tuf/offers.ts';
import { expired } from '../../core/tuf/refusal.ts';
import { signedFilesOf } from '../../core/tuf/signedFiles.ts';
import { firstToExpire } from '../../core/tuf/versions.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Digests, Fetcher, Signatures, SignedSource } from '../../ports/delivery.ts';
import { type AnchorOptions, createAnchor } from './anchor.ts';
import { type Kept, refresh } from './refresh.ts';
import { createRepository, fileUrlBelow } from './repository.ts';
import { readManifest, targetFor } from './signedManifest.ts';
import { createVerifier } from './verifier.ts';

export interface TufCatalogOptions extends AnchorOptions {
  /** Absolute, with the slash at its end. `metadata/`, `targets/` and the folders of the revisions lie below it. */
  readonly baseUrl: string;
  readonly fetcher: Fetcher;
  readonly digests: Digests;
  readonly signatures: Signatures;
  readonly clock: Pick<Clock, 'now'>;
  readonly stallMs?: number;
  readonly limitMs?: number;
}

const MANIFEST_CAP_BYTES = 32 * 1024 * 1024;
/** Manifests that need not be fetched again while the app is open: those of a few models with their last revisions. */
const KEPT_MANIFESTS = 32;
/** How often another tab may be quicker to store what both found. */
const MAX_RACES = 4;

/**
 * A catalog that its publisher signed: a TUF 1.0 repository of static files (https://theupdateframework.github.io/specification/).
 * Whoever writes to the web server can withhold news, and not for longer than the signatures last; nothing else.
 */
export function createTufCatalog(options: TufCatalogOptions): SignedSource {
  const { baseUrl, trust, clock } = options;
  const repository = createRepository(options);
  const verifier = createVerifier(options);
  const { known, shipped: shippedTrust } = createAnchor({ ...options, verifier });

  const update = async (signal: AbortSignal): Promise<Kept> => {
    for (let races = 0; races < MAX_RACES; races++) {
      const { state, kept } = await known();
      const next = await refresh({ kept, ...(await shippedTrust()), nowMs: clock.now(), repository, verifier, signal });
      if (await trust.commit(next.state, state?.versions)) return next;
    }
    throw new SillError('busy', 'Other tabs are refreshing the list of models. Try again in a moment.');
  };

  const manifests = new Map<string, { readonly manifest: Manifest; readonly text: string }>();
  const trusted = async (signal: AbortSignal): Promise<Kept> => (await known()).kept ?? (await update(signal));

  const signedManifest = async (entry: CatalogEntry, signal = new AbortController().signal) => {
    const { set, state } = await trusted(signal);
    const { role, expiresMs } = firstToExpire(set);
    if (expiresMs <= clock.now()) throw expired(role, expiresMs);
    const { name, target } = targetFor(set, entry);
    const path = `targets/${targetPath(name, target)}`;
    const before = manifests.get(path);
    if (before) return { state, ...before };
    const bytes = await repository.read(path, Math.min(target.length, MANIFEST_CAP_BYTES), signal);
    const read = await readManifest(entry, target, bytes, path, { verifier, digests: options.digests });
    // Its name holds its digest, so that what lies there never changes.
    manifests.set(path, read);
    for (const oldest of [...manifests.keys()].slice(0, -KEPT_MANIFESTS)) manifests.delete(oldest);
    return { state, ...read };
  };

  return {
    async catalog(signal = new AbortController().signal) {
      try {
        return describe(await update(signal), clock.now());
      } catch (reason) {
        if (isAbort(reason)) throw reason;
        const { kept } = await known();
        if (!kept) throw reason;
        return { ...describe(kept, clock.now()), refreshError: toSillError(reason).toData() };
      }
    },

    async known() {
      const { kept } = await known();
      return kept && describe(kept, clock.now());
    },

    manifest: async (entry, signal) => (await signedManifest(entry, signal)).manifest,

    async proof(entry, signal) {
      const { state, text } = await signedManifest(entry, signal);
      return { files: signedFilesOf(state), manifest: text };
    },

    fileUrl: (entry, path) => fileUrlBelow(baseUrl, entry, path),
  };
}

const describe = ({ set, state }: Kept, nowMs: number): Catalog => {
  const { expiresMs } = firstToExpire(set);
  return {
    schema: CATALOG_SCHEMA,
    models: offersOf(set.targets.signed),
    freshness: expiresMs > nowMs ? 'fresh' : 'stale',
    expiresAtMs: expiresMs,
    checkedAtMs: state.checkedAtMs,
  };
};
