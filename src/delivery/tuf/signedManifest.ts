import type { CatalogEntry } from '../../core/catalog.ts';
import { SillError } from '../../core/errors.ts';
import { canonicalManifest, type Manifest, parseManifest } from '../../core/manifest.ts';
import type { TargetFile } from '../../core/tuf/metadata.ts';
import { targetName } from '../../core/tuf/offers.ts';
import { refusal } from '../../core/tuf/refusal.ts';
import type { TrustedSet } from '../../core/tuf/versions.ts';
import type { Digests } from '../../ports/delivery.ts';
import { textOf, type Verifier } from './verifier.ts';

/** Under which name the manifest of an entry is signed, and what it must be. @throws SillError `untrusted_catalog` with attack `unknown_target` */
export function targetFor(set: TrustedSet, entry: CatalogEntry): { readonly name: string; readonly target: TargetFile } {
  const name = targetName(entry);
  const { targets } = set.targets.signed;
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (!target) throw refusal('unknown_target', name, { id: entry.id, revision: entry.revision });
  return { name, target };
}

/**
 * A manifest that is just what was signed.
 * @throws SillError `untrusted_catalog` with attack `wrong_length` | `wrong_hash` | `malformed`; `invalid_manifest`
 */
export async function readManifest(
  entry: CatalogEntry,
  target: TargetFile,
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
  { verifier, digests }: { readonly verifier: Verifier; readonly digests: Digests },
): Promise<{ readonly manifest: Manifest; readonly text: string }> {
  await verifier.assertBytes(target, bytes, file);
  const text = textOf(bytes, file);
  const manifest = parseManifest(jsonOf(text, file));
  const revision: string = await digests.sha256(new TextEncoder().encode(canonicalManifest(manifest)));
  if (revision === entry.revision && manifest.id === entry.id) return { manifest, text };
  throw new SillError(
    'invalid_manifest',
    `The manifest of ${entry.id} is signed and yet not the revision that the list of models names: it was published by mistake. Nothing ` +
      'was installed. Ask the operator of this site to publish the model again.',
    { details: { expected: entry.revision, actual: revision, id: manifest.id } },
  );
}

function jsonOf(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal('malformed', file);
  }
}
