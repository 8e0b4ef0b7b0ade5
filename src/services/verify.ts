import { SillError } from '../core/errors.ts';
import type { Digest, ModelId } from '../core/ids.ts';
import { filesOf, variantBytes, variantOf } from '../core/manifest.ts';
import type { Digests } from '../ports/delivery.ts';
import type { Store } from '../ports/store.ts';
import type { VerifyProgress, VerifyReport } from '../protocol/reports.ts';

type Fault = VerifyReport['damaged'][number];

/**
 * Reads every stored chunk of the installed revision again and compares its SHA-256. A damaged chunk is deleted, so that the next install
 * fetches it, alone.
 * @throws SillError `model_not_installed` | `aborted`
 */
export async function verifyModel(
  deps: { readonly store: Store; readonly digests: Digests },
  id: ModelId,
  options: { readonly signal: AbortSignal; readonly onProgress?: (progress: VerifyProgress) => void },
): Promise<VerifyReport> {
  const { store } = deps;
  const active = (await store.models.slots(id))?.active;
  const manifest = active && (await store.models.manifest(active.revision));
  if (!active || !manifest)
    throw new SillError('model_not_installed', `${id} is not installed on this device, so there is nothing to verify.`);
  const variant = variantOf(manifest, active.variant);
  const totalBytes = variantBytes(manifest, variant);
  const seen = new Set<string>();
  const damaged: Fault[] = [];
  let checkedBytes = 0;
  for (const file of filesOf(manifest, variant)) {
    for (const { digest, sizeBytes } of file.chunks) {
      if (seen.has(digest)) continue;
      seen.add(digest);
      options.signal.throwIfAborted();
      const reason = await faultOf(deps, digest);
      if (reason) damaged.push({ path: file.path, digest, reason });
      checkedBytes += sizeBytes;
      options.onProgress?.({ checkedBytes, totalBytes });
    }
  }
  await store.chunks.delete(damaged.filter((fault) => fault.reason !== 'missing').map((fault) => fault.digest));
  return { id, revision: active.revision, ok: damaged.length === 0, checkedBytes, damaged };
}

async function faultOf(deps: { readonly store: Store; readonly digests: Digests }, digest: Digest): Promise<Fault['reason'] | undefined> {
  const blob = await deps.store.chunks.get(digest);
  if (!blob) return 'missing';
  // A Blob whose backing file is gone is listed and cannot be read.
  const data = await blob.arrayBuffer().catch(() => undefined);
  if (!data) return 'unreadable';
  return (await deps.digests.sha256(data)) === digest ? undefined : 'mismatch';
}
