import { runtimeBuildFor } from '../core/builds.ts';
import { SillError } from '../core/errors.ts';
import type { JournalEntry } from '../core/journal.ts';
import { filesOf, variantBytes, variantOf } from '../core/manifest.ts';
import { TransferMeter } from '../core/pace.ts';
import { isFirstUse, sourceChanged } from '../core/sources.ts';
import type { RuntimeAssets } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { CatalogSource, Downloader } from '../ports/delivery.ts';
import type { Store } from '../ports/store.ts';
import type { InstallProgress } from '../protocol/modelReports.ts';
import { catalogEntryOf } from './catalogEntries.ts';
import type { DeviceService } from './device.ts';
import type { Offers } from './offers.ts';

export interface FetchingDeps {
  readonly store: Store;
  readonly source: CatalogSource;
  readonly downloader: Downloader;
  readonly assets: RuntimeAssets;
  readonly device: DeviceService;
  readonly clock: Clock;
  readonly offers: Pick<Offers, 'first'>;
}

export interface Fetched {
  readonly role: 'active' | 'candidate';
  /** Over the network, in this go. */
  readonly receivedBytes: number;
  readonly tookMs: number;
}

/**
 * Brings what one entry of the queue still lacks, and makes it active, or a candidate where another revision is. Needs nothing of the tab that
 * put it there: its manifest and its licence are in the store.
 * @throws SillError what downloader, source, assets and store throw
 */
export type Fetching = (entry: JournalEntry, signal: AbortSignal, report: (progress: InstallProgress) => void) => Promise<Fetched>;

/** A stalled download is told as often as one that moves. */
const TELL_EVERY_MS = 1000;

export function createFetching({ store, source, downloader, assets, device, clock, offers }: FetchingDeps): Fetching {
  return async (entry, signal, report) => {
    const manifest = await store.models.manifest(entry.revision);
    if (!manifest) {
      throw new SillError('installation_damaged', `The description of ${entry.modelId} is gone from this device. Install it again.`, {
        details: { id: entry.modelId },
      });
    }
    const offered = await catalogEntryOf({ source, store, offers }, entry.modelId, entry.revision, signal);
    const variant = variantOf(manifest, entry.variant);
    const totalBytes = variantBytes(manifest, variant);
    await assets.ensure(runtimeBuildFor(variant.device, await device.report()), signal);

    const meter = new TransferMeter();
    let receivedBytes = 0;
    const beganMs = clock.monotonicMs();
    const tell = () => {
      const reading = meter.read(clock.monotonicMs());
      if (reading) report({ phase: 'downloading', ...reading });
    };
    const timer = setInterval(tell, TELL_EVERY_MS);
    try {
      const files = filesOf(manifest, variant).map((file) => ({ url: source.fileUrl(offered, file.path), chunks: file.chunks }));
      const download = downloader.download(
        { files },
        {
          signal,
          onProgress(marks) {
            receivedBytes = marks.receivedBytes;
            meter.mark(clock.monotonicMs(), marks);
            tell();
          },
        },
      );
      await download.catch((reason: unknown) => {
        const isOther = reason instanceof SillError && reason.code === 'chunk_mismatch' && isFirstUse(entry.modelId);
        throw isOther ? sourceChanged(entry.modelId, String(reason.details.url ?? '')) : reason;
      });
    } finally {
      clearInterval(timer);
    }
    const tookMs = clock.monotonicMs() - beganMs;
    report({ phase: 'activating', storedBytes: totalBytes, totalBytes });
    const active = (await store.models.slots(entry.modelId))?.active;
    const role = active && active.revision !== entry.revision ? 'candidate' : 'active';
    await store.models.commitInstall(entry, clock.now(), role);
    await store.models.collectGarbage();
    return { role, receivedBytes, tookMs };
  };
}
