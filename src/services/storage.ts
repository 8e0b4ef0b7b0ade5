import { chunksOf, variantOf } from '../core/manifest.ts';
import { heldRevisions } from '../core/slots.ts';
import type { RuntimeAssets, StorageManagerPort } from '../ports/browser.ts';
import type { Store } from '../ports/store.ts';
import type { StorageReport } from '../protocol/reports.ts';
import type { DeviceService } from './device.ts';
import { neededBuilds } from './upkeep.ts';

export interface StorageDeps {
  readonly store: Store;
  readonly device: DeviceService;
  readonly assets: RuntimeAssets;
  readonly storageManager: StorageManagerPort;
}

/** What lies on the device and for which model. Sizes are of chunks: a chunk that two models share counts in both. */
export async function storageReport({ store, device, assets, storageManager: manager }: StorageDeps): Promise<StorageReport> {
  const [slots, chunks, estimate, persisted] = await Promise.all([
    store.models.allSlots(),
    store.chunks.list(),
    manager.estimate().catch(() => ({})),
    manager.persisted().catch(() => false),
  ]);
  const held = new Set<string>();
  const models: Array<StorageReport['models'][number]> = [];
  for (const slot of slots) {
    for (const { revision, variant } of heldRevisions(slot)) {
      const manifest = await store.models.manifest(revision);
      if (!manifest) continue;
      let sizeBytes = 0;
      for (const chunk of chunksOf(manifest, variantOf(manifest, variant))) {
        held.add(chunk.digest);
        sizeBytes += chunk.sizeBytes;
      }
      models.push({ id: slot.modelId, revision, variant, sizeBytes });
    }
  }
  const unfinishedBytes = chunks.filter((chunk) => !held.has(chunk.digest)).reduce((sum, chunk) => sum + chunk.sizeBytes, 0);
  const builds = await neededBuilds({ store, device });
  const kept = await Promise.all(builds.map((build) => assets.has(build)));
  return { ...estimate, persisted, models, unfinishedBytes, runsOffline: builds.length > 0 && kept.every(Boolean) };
}
