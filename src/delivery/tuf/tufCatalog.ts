import { CATALOG_SCHEMA, type Catalog, type CatalogEntry } from '../../core/catalog.ts';
import { isAbort, SillError, toSillError } from '../../core/errors.ts';
import { canonicalManifest, type Manifest, parseManifest } from '../../core/manifest.ts';
import { NO_FLOOR, parseVersionFloor, type ShippedTrust, type TrustState, type VersionFloor } from '../../core/trust.ts';
import { parseMetadata } from '../../core/tuf/metadata.ts';
import { offersOf, targetName, targetPath } from '../../core/tuf/offers.ts';
import { expired, refusal } from '../../core/tuf/refusal.ts';
import { firstToExpire } from '../../core/tuf/versions.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CatalogSource, Digests, Fetcher, Signatures, TrustStore } from '../../ports/delivery.ts';
import { type Kept, refresh, restore } from './refresh.ts';
import { createRepository } from './repository.ts';
import { createVerifier, textOf } from './verifier.ts';

export interface TufCatalogOptions {
  /** Absolute, with the slash at its end. `metadata/`, `targets/` and the folders of the revisions lie below it. */
  readonly baseUrl: string;
  readonly shipped: ShippedTrust;
  readonly trust: TrustStore;
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
export function createTufCatalog(options: TufCatalogOptions): CatalogSource {
  const { baseUrl, trust, clock, digests } = options;
  const repository = createRepository(options);
  const verifier = createVerifier(options);

  const known = async (): Promise<{ state: TrustState | undefined; kept: Kept | undefined }> => {
    const state = await trust.read();
    if (!state) return { state, kept: undefined };
    try {
      return { state, kept: await restore(state, verifier) };
    } catch (reason) {
      if (!(reason instanceof SillError) || reason.code !== 'untrusted_catalog') throw reason;
      // What is stored is not what was verified, so that it protects against nothing: begin again with what was shipped.
      await trust.clear();
      return { state: undefined, kept: undefined };
    }
  };

  const update = async (signal: AbortSignal): Promise<Kept> => {
    for (let races = 0; races < MAX_RACES; races++) {
      const { state, kept } = await known();
      const shipped = parseMetadata('root', options.shipped.root, 'trust/root.json');
      await verifier.assertSigned(shipped.signed, shipped, 'trust/root.json');
      const floor = shippedFloor(options.shipped.floor);
      const next = await refresh({ kept, shipped, floor, nowMs: clock.now(), repository, verifier, signal });
      if (await trust.commit(next.state, state?.versions)) return next;
    }
    throw new SillError('busy', 'Other tabs are refreshing the list of models. Try again in a moment.');
  };

  const manifests = new Map<string, Manifest>();
  const trusted = async (signal: AbortSignal): Promise<Kept> => (await known()).kept ?? (await update(signal));

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

    async manifest(entry, signal = new AbortController().signal) {
      const { set } = await trusted(signal);
      const { role, expiresMs } = firstToExpire(set);
      if (expiresMs <= clock.now()) throw expired(role, expiresMs);
      const name = targetName(entry);
      const target = Object.hasOwn(set.targets.signed.targets, name) ? set.targets.signed.targets[name] : undefined;
      if (!target) throw refusal('unknown_target', name, { id: entry.id, revision: entry.revision });
      const path = `targets/${targetPath(name, target)}`;
      const before = manifests.get(path);
      if (before) return before;
      const bytes = await repository.read(path, Math.min(target.length, MANIFEST_CAP_BYTES), signal);
      await verifier.assertBytes(target, bytes, path);
      const manifest = parseManifest(jsonOf(textOf(bytes, path), path));
      const revision: string = await digests.sha256(new TextEncoder().encode(canonicalManifest(manifest)));
      if (revision !== entry.revision || manifest.id !== entry.id) throw anotherManifest(entry, manifest, revision);
      // Its name holds its digest, so that what lies there never changes.
      manifests.set(path, manifest);
      for (const oldest of [...manifests.keys()].slice(0, -KEPT_MANIFESTS)) manifests.delete(oldest);
      return manifest;
    },

    fileUrl(entry, path) {
      const { href } = new URL(`${entry.path}/${path}`, baseUrl);
      if (href.startsWith(baseUrl)) return href;
      throw refusal('escaping_path', path.slice(0, 200));
    },
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

function shippedFloor(text: string | undefined): VersionFloor {
  if (text === undefined) return NO_FLOOR;
  try {
    return parseVersionFloor(JSON.parse(text));
  } catch {
    // Going on without would lower a protection because of a broken build.
    throw refusal('malformed', 'trust/floor.json');
  }
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal('malformed', file);
  }
}

const anotherManifest = (entry: CatalogEntry, manifest: Manifest, revision: string): SillError =>
  new SillError(
    'invalid_manifest',
    `The manifest of ${entry.id} is signed and yet not the revision that the list of models names: it was published by mistake. Nothing ` +
      'was installed. Ask the operator of this site to publish the model again.',
    { details: { expected: entry.revision, actual: revision, id: manifest.id } },
  );
