import type { CatalogEntry } from '../core/catalog.ts';
import type { Manifest } from '../core/manifest.ts';
import type { Proof, SignedFiles } from '../core/trust.ts';

/** Judges the signed list of models that a bundle brings along. */
export interface BundleTrust {
  /**
   * Signatures and versions count, expiry does not: a device without a network, or with a dead clock, has nothing newer to wait for.
   * @throws SillError `untrusted_bundle`
   */
  judge(files: SignedFiles): Promise<JudgedList>;
}

/** The newest list that is known: that of the bundle, or the one that this device has seen since. */
export interface JudgedList {
  readonly models: readonly CatalogEntry[];
  /** The device knows a newer list than the bundle brings; that one decides. */
  readonly superseded: boolean;
  readonly signer: { readonly rootVersion: number; readonly keyIds: readonly string[] };
  /**
   * The manifest of an entry of `models`, out of the bundle's bytes, and what proves it from now on.
   * @throws SillError `untrusted_bundle` when it is not the one that is signed | `invalid_manifest`
   */
  manifest(entry: CatalogEntry, bytes: Uint8Array<ArrayBuffer>): Promise<{ readonly manifest: Manifest; readonly proof: Proof }>;
  /** Remembers the versions of the bundle's list, so that nothing older takes effect. Nothing to do where a newer one is known. */
  commit(): Promise<void>;
}
