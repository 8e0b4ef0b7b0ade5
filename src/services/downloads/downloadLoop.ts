import { changeDownload, type DownloadConditions, nextDownload, type QueueChange, retryWaitMs } from '../../core/downloadQueue.ts';
import { toSillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import { isDownload, type JournalEntry } from '../../core/journal.ts';
import type { Connection, Locks, Random } from '../../ports/browser.ts';
import type { Store } from '../../ports/store.ts';
import { DOWNLOADER_LOCK, installLock, REPAIRING_LOCK } from '../../protocol/locks.ts';
import type { InstallProgress } from '../../protocol/modelReports.ts';
import type { Hub } from '../hub.ts';
import type { Fetched, Fetching } from './fetching.ts';

export interface DownloadLoopDeps {
  readonly store: Store;
  readonly locks: Locks;
  readonly hub: Hub;
  readonly random: Random;
  readonly connection: Connection;
  readonly fetching: Fetching;
  /** Read anew for each decision: a person may change it in any tab. */
  readonly conditions: () => Promise<DownloadConditions>;
  readonly onFetched: (entry: JournalEntry, fetched: Fetched) => Promise<void>;
}

export interface DownloadLoop {
  /** Looks for work: at the start, and whenever something may have changed. */
  kick(): void;
  /** Of the download that this tab carries. */
  progress(id: ModelId): InstallProgress | undefined;
  /** Lets go of a model's download at once, if this tab carries it, and does not take it up again while `work` runs. */
  without<T>(id: ModelId, work: () => Promise<T>): Promise<T>;
}

const TELL_EVERY_MS = 1000;
/** A chunk that was being written when its download was dropped has landed by then. */
const SETTLED_MS = 1000;
/** More than a look at the queue takes. */
const LOOK_MS = 100;

/**
 * Works off the queue, in one tab at a time: whoever holds the lock. The others wait in line for it while there is work, so that the next one
 * goes on at once when that tab is closed or dies.
 */
export function createDownloadLoop(deps: DownloadLoopDeps): DownloadLoop {
  const { store, locks, hub, random, connection, fetching } = deps;
  let inLine = false;
  let changed = false;
  let current: { readonly entry: JournalEntry; readonly abort: AbortController; progress?: InstallProgress } | undefined;

  /** Models whose download is being paused or dropped at this moment. */
  const halted = new Set<ModelId>();

  const next = async () => {
    const entries = await store.models.journal();
    return nextDownload(
      entries.filter((entry) => !halted.has(entry.modelId)),
      await deps.conditions(),
    );
  };
  const update = (entry: JournalEntry, change: QueueChange) =>
    store.models.updateJournal(entry.revision, (now) =>
      // Another variant, or a bundle that brings the same, took its place.
      now.variant === entry.variant && isDownload(now) ? changeDownload(now, change) : now,
    );
  const tell = () => {
    hub.tell({ type: 'downloads' });
    hub.tell({ type: 'models' });
  };

  /** Waits out a network that is away. Its return, or a person who cannot wait, ends it early. */
  const untilWorthATry = (waitMs: number, signal: AbortSignal, report: (progress: InstallProgress) => void) =>
    new Promise<void>((resolve, reject) => {
      const { storedBytes = 0, totalBytes = 0 } = current?.progress ?? {};
      const say = () => report({ phase: 'downloading', storedBytes, totalBytes, waiting: 'network' });
      const end = (settle: () => void) => () => {
        clearInterval(ticker);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        tryNow = undefined;
        settle();
      };
      const onAbort = end(() => reject(signal.reason));
      const onTime = end(resolve);
      const ticker = setInterval(say, TELL_EVERY_MS);
      const timer = setTimeout(onTime, waitMs);
      tryNow = onTime;
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      say();
    });
  let tryNow: (() => void) | undefined;

  const persist = async (entry: JournalEntry, signal: AbortSignal, report: (progress: InstallProgress) => void): Promise<Fetched> => {
    let storedBytes = 0;
    for (let failures = 1; ; failures += 1) {
      try {
        return await fetching(entry, signal, report);
      } catch (reason) {
        signal.throwIfAborted();
        const error = toSillError(reason);
        const reached = current?.progress?.storedBytes ?? 0;
        if (reached > storedBytes) failures = 1;
        storedBytes = reached;
        const waitMs = retryWaitMs(error.toData(), failures, random.uint32() / 2 ** 32);
        if (waitMs === undefined) throw error;
        await untilWorthATry(waitMs, signal, report);
      }
    }
  };

  const carry = async (entry: JournalEntry): Promise<void> => {
    const abort = new AbortController();
    current = { entry, abort };
    const mine = current;
    const report = (progress: InstallProgress) => {
      if (abort.signal.aborted) return;
      mine.progress = progress;
      hub.tell({ type: 'install', id: entry.modelId, progress });
    };
    try {
      // Between the choice and this a person may have paused it.
      if ((await update(entry, { type: 'run' }))?.state !== 'running') return;
      tell();
      const fetched = await persist(entry, abort.signal, report);
      await deps.onFetched(entry, fetched);
    } catch (reason) {
      if (abort.signal.aborted) await leave(entry);
      else await update(entry, { type: 'fail', error: toSillError(reason).toData() });
    } finally {
      current = undefined;
      tell();
    }
  };

  const leave = async (entry: JournalEntry): Promise<void> => {
    if (await update(entry, { type: 'yield' })) return;
    // Dropped: what was on its way when the space was freed is freed as well.
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    await store.models.collectGarbage();
  };

  /** Repairs go first. They are waited for by their lock, which a tab that dies gives back. */
  const take = () => locks.share(REPAIRING_LOCK, next);

  const work = async (): Promise<void> => {
    for (let entry = await take(); entry || changed; entry = await take()) {
      changed = false;
      if (entry) await locks.hold(installLock(entry.modelId), () => carry(entry));
    }
  };

  const kick = (): void => {
    changed = true;
    if (inLine) return;
    inLine = true;
    void locks
      .hold(DOWNLOADER_LOCK, work)
      // The store cannot be used, not even for the note of a failure: every call says so by itself, and the next change tries again.
      .catch(() => {
        changed = false;
      })
      .finally(() => {
        inLine = false;
        if (changed) kick();
      });
  };

  /** Who only looks which is next shares the lock for a moment, here or in another tab: that is no repair. */
  const isRepairing = async (): Promise<boolean> => {
    if (!(await locks.isHeld(REPAIRING_LOCK))) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    return locks.isHeld(REPAIRING_LOCK);
  };

  /** What is under way gives way when it is no longer what should be. */
  const judge = async (): Promise<void> => {
    const mine = current;
    if (!mine) return;
    const chosen = (await isRepairing()) ? undefined : await next();
    if (chosen?.revision === mine.entry.revision && chosen.variant === mine.entry.variant) return;
    mine.abort.abort(new DOMException('Another download goes first.', 'AbortError'));
  };

  const look = (): void => {
    void judge().catch(() => undefined);
    kick();
  };
  hub.listen((event) => {
    if (event.type !== 'downloads') return;
    // Somebody did something: whoever looks at a download that waits for the network would rather have it tried now.
    tryNow?.();
    look();
  });
  connection.onChange(() => {
    if (connection.isOnline()) tryNow?.();
    look();
  });

  return {
    kick,
    progress: (id) => (current?.entry.modelId === id ? current.progress : undefined),
    async without(id, work) {
      halted.add(id);
      if (current?.entry.modelId === id) current.abort.abort(new DOMException('The download was stopped.', 'AbortError'));
      try {
        return await work();
      } finally {
        halted.delete(id);
        kick();
      }
    },
  };
}
