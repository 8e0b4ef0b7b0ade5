import type { Catalog, CatalogEntry } from '../core/catalog.ts';
import type { Digest } from '../core/ids.ts';
import type { Manifest, ManifestChunk } from '../core/manifest.ts';

/** Computes digests: core decides over them and never makes one. */
export interface Digests {
  sha256(data: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<Digest>;
}

/** `fetch`, so that tests and guards can stand in its way. */
export type Fetcher = (url: string, init?: RequestInit) => Promise<Response>;

/** Where models are offered. A signed source implements the same. */
export interface CatalogSource {
  /** @throws SillError `catalog_unavailable` | `network_unavailable` | `invalid_catalog` */
  catalog(signal?: AbortSignal): Promise<Catalog>;
  /**
   * The manifest that the entry names, checked against the entry's revision.
   * @throws SillError `invalid_manifest` | `catalog_unavailable` | `network_unavailable`
   */
  manifest(entry: CatalogEntry, signal?: AbortSignal): Promise<Manifest>;
  /** Absolute URL of a file of the entry. */
  fileUrl(entry: CatalogEntry, path: string): string;
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
}
