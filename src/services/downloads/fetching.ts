import { runtimeBuildFor } from '../../core/builds.ts';
import { SillError } from '../../core/errors.ts';
import type { RevisionId } from '../../core/ids.ts';
import { isAdoption, type JournalEntry } from '../../core/journal.ts';
import { filesOf, type Manifest, variantBytes, variantOf } from '../../core/manifest.ts';
import { type TransferMarks, TransferMeter } from '../../core/pace.ts';
import { isFirstUse, sourceChanged } from '../../core/sources.ts';
import type { RuntimeAssets } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CatalogSource, Downloader } from '../../ports/delivery.ts';
import type { DescribedRevision, Store } from '../../ports/store.ts';
import type { FileImportProgress } from '../../protocol/importReports.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import type { DeviceService } from '../device/device.ts';
import type { Forms } from '../forms/forms.ts';
import { catalogEntryOf } from '../models/catalogEntries.ts';
import type { Offers } from '../models/offers.ts';
import type { Adopting } from '../sources/adopting.ts';
import { manifestOfEntry } from './entryManifest.ts';

export interface FetchingDeps {
  readonly store: Store;
  readonly source: CatalogSource;
  readonly downloader: Downloader;
  readonly assets: RuntimeAssets;
  readonly device: DeviceService;
  readonly clock: Clock;
  readonly offers: Pick<Offers, 'first'>;
  readonly adopting: Adopting;
  /** Absent where all that is delivered runs as it comes. */
  readonly forms?: Pick<Forms, 'make'>;
}

export interface Fetched {
  readonly revision: RevisionId;
  readonly role: 'active' | 'candidate';
  /** Over the network, in this go. */
  readonly receivedBytes: number;
  readonly tookMs: number;
}

/**
 * Brings what one entry of the queue still lacks, and makes it active, or a candidate where another revision is. Needs nothing of the tab that
 * put it there: its manifest and its licence are in the store.
 * @throws SillError what downloader, adopting, source, assets and store throw
 */
export type Fetching = (entry: JournalEntry, signal: AbortSignal, report: (progress: InstallProgress) => void) => Promise<Fetched>;

/** Fetches and stores what is lacking. Resolves to what it turned out to be, where nobody knew. */
type Bring = (onProgress: (marks: TransferMarks) => void) => Promise<DescribedRevision | undefined>;

/** A stalled download is told as often as one that moves. */
const TELL_EVERY_MS = 1000;

export function createFetching({ store, source, downloader, assets, device, clock, offers, adopting, forms }: FetchingDeps): Fetching {
  /** Of chunks that their publisher named. */
  const download = async (entry: JournalEntry, manifest: Manifest, signal: AbortSignal): Promise<Bring> => {
    const offered = await catalogEntryOf({ source, store, offers }, entry.modelId, entry.revision, signal);
    const variant = variantOf(manifest, entry.variant);
    const files = filesOf(manifest, variant).map((file) => ({ url: source.fileUrl(offered, file.path), chunks: file.chunks }));
    return async (onProgress) => {
      try {
        await downloader.download({ files }, { signal, onProgress });
      } catch (reason) {
        const isOther = reason instanceof SillError && reason.code === 'chunk_mismatch' && isFirstUse(entry.modelId);
        throw isOther ? sourceChanged(entry.modelId, String(reason.details.url ?? '')) : reason;
      }
      return undefined;
    };
  };

  return async (entry, signal, report) => {
    const manifest = await manifestOfEntry(store, entry);
    if (!manifest) {
      throw new SillError('installation_damaged', `The description of ${entry.modelId} is gone from this device. Install it again.`, {
        details: { id: entry.modelId },
      });
    }
    const bring: Bring = isAdoption(entry) ? (onProgress) => adopting(entry, signal, onProgress) : await download(entry, manifest, signal);
    const variant = variantOf(manifest, entry.variant);
    const totalBytes = variantBytes(manifest, variant);
    await assets.ensure(runtimeBuildFor(variant.device, await device.report()), signal);

    const meter = new TransferMeter();
    let receivedBytes = 0;
    const beganMs = clock.monotonicMs();
    const tell = () => {
      const read = meter.read(clock.monotonicMs());
      if (!read) return;
      const { isQuiet, ...reading } = read;
      report({ phase: 'downloading', ...reading, ...(isQuiet ? { waiting: 'network' } : {}) });
    };
    const timer = setInterval(tell, TELL_EVERY_MS);
    let became: DescribedRevision | undefined;
    try {
      became = await bring((marks) => {
        receivedBytes = marks.receivedBytes;
        meter.mark(clock.monotonicMs(), marks);
        tell();
      });
    } finally {
      clearInterval(timer);
    }
    const tookMs = clock.monotonicMs() - beganMs;
    const delivered = { id: entry.modelId, revision: entry.revision, manifest, variant };
    const form = await forms?.make(entry, delivered, { signal, onProgress: (progress) => report(transcodingReport(progress)) });
    report({ phase: 'activating', storedBytes: totalBytes, totalBytes });
    const revision = became?.revision ?? entry.revision;
    const active = (await store.models.slots(entry.modelId))?.active;
    const role = active && active.revision !== revision ? 'candidate' : 'active';
    await store.models.commitInstall(entry, clock.now(), role, became, form);
    await store.models.collectGarbage();
    return { revision, role, receivedBytes, tookMs };
  };
}

/** Of a form that is made: the check at its end is told as the test of an update is. */
function transcodingReport({ phase, doneBytes, totalBytes, bytesPerSecond, secondsLeft }: FileImportProgress): InstallProgress {
  if (phase === 'scoring') return { phase: 'trying', storedBytes: 0, totalBytes: 0, trial: { check: 'smoke' } };
  return {
    ...{ phase: 'transcoding', storedBytes: doneBytes, totalBytes },
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    ...(secondsLeft === undefined ? {} : { secondsLeft }),
  };
}
