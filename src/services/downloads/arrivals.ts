import { SillError } from '../../core/errors.ts';
import { isAdoption, type JournalEntry } from '../../core/journal.ts';
import type { Store } from '../../ports/store.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import type { Hub } from '../hub.ts';
import { type AdoptedRecords, recordOf } from '../sources/adopted.ts';
import type { Downloads } from './downloads.ts';

export interface ArrivalsDeps {
  readonly store: Store;
  readonly hub: Hub;
  readonly downloads: Pick<Downloads, 'pause' | 'progress'>;
  readonly records: Pick<AdoptedRecords, 'list'>;
}

export interface ArrivalOptions {
  /** Pauses the download. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: InstallProgress) => void;
}

export type Role = 'active' | 'candidate';

/**
 * Waits until an entry has left the queue with its model on the device, whichever tab carries it.
 * @throws SillError why it is not: `aborted` when it is paused or cancelled, in whichever tab | `revision_refused` | why it failed
 */
export type Arrival = (entry: JournalEntry, options: ArrivalOptions) => Promise<Role>;

export function createArrival({ store, hub, downloads, records }: ArrivalsDeps): Arrival {
  /** Undefined while it is in the queue. */
  const outcome = async (entry: JournalEntry): Promise<Role | undefined> => {
    const { modelId: id, variant } = entry;
    const now = (await store.models.journal()).find((each) => each.revision === entry.revision && each.variant === variant);
    if (now?.state === 'queued' || now?.state === 'running') return undefined;
    if (now?.state === 'paused') throw paused(entry);
    if (now?.error) throw SillError.fromData(now.error);
    const revision = isAdoption(entry) ? recordOf(await records.list(), id, entry.adoption.commit, variant)?.revision : entry.revision;
    const slots = await store.models.slots(id);
    if (slots?.active?.revision === revision && slots?.active?.variant === variant) return 'active';
    if (slots?.candidate && slots.candidate.revision === revision) return 'candidate';
    const refused = (await store.models.quarantined()).find((each) => each.revision === revision);
    if (refused) throw new SillError('revision_refused', refused.reason, { details: { id, revision: refused.revision } });
    throw new SillError('aborted', `The install of ${id} was cancelled or replaced by another one. Install it again if you want it.`);
  };

  return (entry, { signal, onProgress }) =>
    new Promise((resolve, reject) => {
      const stop = hub.listen((event) => {
        if (event.type === 'downloads') check();
        if (event.type === 'install' && event.id === entry.modelId) onProgress?.(event.progress);
      });
      const settle = (end: () => void) => {
        stop();
        signal.removeEventListener('abort', onAbort);
        end();
      };
      const onAbort = () => {
        const end = () => reject(paused(entry));
        // A store that fails now has nobody to tell: the caller is gone.
        settle(() => void downloads.pause(entry.modelId).then(end, end));
      };
      const tellWaiting = async () => {
        const progress = await downloads.progress(entry.modelId);
        if (progress?.waiting) onProgress?.(progress);
      };
      const check = () => {
        outcome(entry).then(
          (role) => (role ? settle(() => resolve(role)) : void tellWaiting().catch(() => undefined)),
          (reason: unknown) => settle(() => reject(reason)),
        );
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      else check();
    });
}

const paused = ({ modelId }: JournalEntry): SillError =>
  new SillError('aborted', `The download of ${modelId} was paused. What was downloaded is kept.`);
