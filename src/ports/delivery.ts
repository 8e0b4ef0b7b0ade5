import type { Catalog, CatalogEntry } from '../core/catalog.ts';
import type { HubListing } from '../core/hubModel.ts';
import type { Digest, RevisionId } from '../core/ids.ts';
import type { Manifest, ManifestChunk } from '../core/manifest.ts';
import type { Proof, TrustState, TrustVersions } from '../core/trust.ts';
import type { Scheme } from '../core/tuf/keys.ts';

/** Computes digests: core decides over them and never makes one. */
export interface Digests {
  sha256(data: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<Digest>;
}

/** Checks signatures: core decides which ones count. */
export interface Signatures {
  /**
   * @param publicKey 32 bytes of Ed25519, or the 65 bytes of an uncompressed P-256 point
   * @param signature as TUF writes it: 64 bytes of Ed25519, or DER of ECDSA with SHA-256
   * @returns false for a signature that is wrong or none at all
   * @throws SillError `unsupported_device` where the browser lacks the scheme
   */
  verify(
    scheme: Scheme,
    publicKey: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
    signature: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

/** What was verified last, kept against rollback. One catalog, one store. */
export interface TrustStore {
  read(): Promise<TrustState | undefined>;
  /**
   * Replaces the state in one transaction, if what is stored is still of the `expected` versions: another tab may have refreshed.
   * @returns false when it is not, and nothing was written
   * @throws SillError `untrusted_catalog` with attack `rollback` for versions that go back under the same root | `storage_unavailable`
   */
  commit(next: TrustState, expected: TrustVersions | undefined): Promise<boolean>;
  /** Forgets everything, so that the shipped root is trusted anew. Only a person may decide that. */
  clear(): Promise<void>;
}

/** `fetch`, so that tests and guards can stand in its way. */
export type Fetcher = (url: string, init?: RequestInit) => Promise<Response>;

/** Where models are offered. A signed source implements the same. */
export interface CatalogSource {
  /**
   * A signed source throws only while it has no verified catalog at all; later it gives the last one, with `refreshError`.
   * @throws SillError `catalog_unavailable` | `network_unavailable` | `invalid_catalog` | `untrusted_catalog` | `stale_catalog`
   */
  catalog(signal?: AbortSignal): Promise<Catalog>;
  /** What was verified last, asking nobody; nothing where nothing was yet. */
  known(): Promise<Catalog | undefined>;
  /**
   * The manifest that the entry names, checked against the entry's revision.
   * @throws SillError `invalid_manifest` | `catalog_unavailable` | `network_unavailable` | `untrusted_catalog` | `stale_catalog`
   */
  manifest(entry: CatalogEntry, signal?: AbortSignal): Promise<Manifest>;
  /** Absolute URL of a file of the entry. */
  fileUrl(entry: CatalogEntry, path: string): string;
  /** What shows another device that the entry is signed; what is not signed has none. @throws SillError as `manifest` */
  proof?(entry: CatalogEntry, signal?: AbortSignal): Promise<Proof | undefined>;
}

/** A source whose every entry is signed. */
export interface SignedSource extends CatalogSource {
  proof(entry: CatalogEntry, signal?: AbortSignal): Promise<Proof>;
}

/** A file of which nothing but its size is known, perhaps its digest: it is cut into chunks while it arrives. */
export interface AdoptJob {
  readonly url: string;
  readonly sizeBytes: number;
  /** Of the whole file, in hexadecimal, where its server states it. */
  readonly sha256?: string;
  /** What an earlier try stored, from the beginning of the file. */
  readonly held: readonly ManifestChunk[];
  /** The journal's entry in which each chunk is noted before it is stored, and the file's name there. */
  readonly entry: RevisionId;
  readonly path: string;
}

export interface AdoptProgress {
  /** Of the file, what was held included. */
  readonly storedBytes: number;
  /** Received over the network by this job. */
  readonly receivedBytes: number;
}

/** Files whose chunks are wanted. */
export interface DownloadJob {
  readonly files: ReadonlyArray<{ readonly url: string; readonly chunks: readonly ManifestChunk[] }>;
}

export interface DownloadProgress {
  /** Verified and stored, those found in the store at the start included. */
  readonly storedBytes: number;
  readonly totalBytes: number;
  /** Received over the network by this job. */
  readonly receivedBytes: number;
}

export interface Downloader {
  /**
   * Fetches, verifies and stores the chunks that the store lacks; resolves when none is missing. What was
   * stored before a failure stays, so that the same job goes on from there.
   * @throws SillError `network_unavailable` | `chunk_unavailable` | `chunk_mismatch` | `quota_exceeded` | `storage_unavailable` | `aborted`
   */
  download(job: DownloadJob, options: { signal?: AbortSignal; onProgress?: (progress: DownloadProgress) => void }): Promise<void>;
  /** For all downloads together, those of an `Adopter` in the same tab included, from now on, also of those under way. Undefined is as fast as it comes. */
  setLimit(bytesPerSecond: number | undefined): void;
}

/** For models that nobody signed. */
export interface Adopter {
  /**
   * Fetches a file that nobody described, cuts it by content, notes its chunks in the journal and stores them.
   * @throws SillError `source_changed` where the bytes are not of the size or digest that the server stated, or not what came before | `aborted`
   * when the entry is gone | as `Downloader.download`
   */
  adopt(job: AdoptJob, options: { signal?: AbortSignal; onProgress?: (progress: AdoptProgress) => void }): Promise<void>;
}

/** A server in the layout of the Hugging Face Hub: `{url}{repository}/resolve/{revision}/{path}`. */
export interface HubServer {
  /**
   * The files of a revision, and the commit that it is at this moment.
   * @throws SillError `unknown_model` | `network_unavailable` | `chunk_unavailable` | `invalid_request` where no commit can be told
   */
  list(url: string, repository: string, revision: string, signal: AbortSignal): Promise<HubListing>;
  /** A small file of a commit. @throws SillError as `list` */
  text(url: string, repository: string, commit: string, path: string, signal: AbortSignal): Promise<string | undefined>;
}
