import type { ErrorData } from './errors.ts';
import { isDownload, type JournalEntry } from './journal.ts';

/** What the device says at this moment. */
export interface DownloadConditions {
  /** The connection costs by the byte, and nobody has said yet that this does not matter. */
  readonly metered: boolean;
}

/** Why one that is wanted does not move: another goes first, or the connection costs. */
export type QueueWait = 'turn' | 'metered';

export type QueueChange =
  | { readonly type: 'run' }
  /** Another one goes first, or its conditions are gone. */
  | { readonly type: 'yield' }
  | { readonly type: 'pause' }
  | { readonly type: 'fail'; readonly error: ErrorData }
  /** By a person. Of one that waits in the queue it is the word that it may cost. */
  | { readonly type: 'resume' }
  /** Asked for again, by a program or a person who was not asked about costs. */
  | { readonly type: 'want'; readonly by: 'person' | 'device' }
  /** Before all others: `rank` is that of the present first. */
  | { readonly type: 'prioritise'; readonly firstRank: number };

const isWanted = ({ state }: JournalEntry): boolean => state === 'queued' || state === 'running';

const mayMove = (entry: JournalEntry, { metered }: DownloadConditions): boolean => !metered || entry.meteredAllowed === true;

/** Everything that the network brings, in the order in which it would go. */
export function inOrder(entries: readonly JournalEntry[]): JournalEntry[] {
  return entries.filter(isDownload).sort(
    (a, b) =>
      Number(a.by === 'device') - Number(b.by === 'device') ||
      a.rank - b.rank ||
      a.startedAtMs - b.startedAtMs ||
      // Two tabs in the same millisecond: any order will do, as long as every tab sees the same.
      (a.revision < b.revision ? -1 : 1),
  );
}

/** The one that should be under way now. */
export function nextDownload(entries: readonly JournalEntry[], conditions: DownloadConditions): JournalEntry | undefined {
  return inOrder(entries).find((entry) => isWanted(entry) && mayMove(entry, conditions));
}

/** Why a wanted one is not under way. Undefined for the one that is, and for those that nobody wants now. */
export function waitOf(entry: JournalEntry, entries: readonly JournalEntry[], conditions: DownloadConditions): QueueWait | undefined {
  if (!isWanted(entry)) return undefined;
  if (!mayMove(entry, conditions)) return 'metered';
  return nextDownload(entries, conditions)?.revision === entry.revision ? undefined : 'turn';
}

/** The rank that is before all others. */
export const firstRank = (entries: readonly JournalEntry[]): number => Math.min(0, ...entries.map((entry) => entry.rank)) - 1;

/** What a change makes of an entry. One that no longer applies (a download that was paused meanwhile is to run) changes nothing. */
export function changeDownload(entry: JournalEntry, change: QueueChange): JournalEntry {
  const { error: _error, ...rest } = entry;
  switch (change.type) {
    case 'run':
      return isWanted(entry) ? { ...rest, state: 'running' } : entry;
    case 'yield':
      return entry.state === 'running' ? { ...entry, state: 'queued' } : entry;
    case 'pause':
      return isWanted(entry) ? { ...rest, state: 'paused' } : entry;
    case 'fail':
      return isWanted(entry) ? { ...rest, state: 'failed', error: change.error } : entry;
    case 'resume':
      if (isWanted(entry)) return { ...entry, by: 'person', meteredAllowed: true };
      return { ...rest, state: 'queued', by: 'person' };
    case 'want': {
      // What a person paused is not taken up by the device.
      if (change.by === 'device' && entry.state === 'paused') return entry;
      // What a person wanted stays so when the device wants it too.
      const by = entry.by === 'person' ? 'person' : change.by;
      if (isWanted(entry)) return { ...entry, by };
      return { ...rest, state: 'queued', by };
    }
    case 'prioritise':
      return { ...entry, by: 'person', rank: change.firstRank };
  }
}

/** Statuses that pass: a server that restarts, a proxy in between, too many at once. */
const PASSING = [408, 425, 429, 500, 502, 503, 504];
const FIRST_WAIT_MS = 2_000;
/** Not longer: a person who mends the network looks at the screen and waits for it. */
const LONGEST_WAIT_MS = 60_000;
/** Of a server that answers and cannot, which somebody has to mend: about five minutes. A missing network is waited for without end. */
const SERVER_TRIES = 9;

/**
 * How long to wait before the next try of a download that failed for the n-th time without a byte in between (from 1).
 * Undefined when waiting will not help, and a person has to know.
 *
 * @param random 0 to 1, so that a fleet does not come back in step
 */
export function retryWaitMs(error: ErrorData, n: number, random: number): number | undefined {
  const passes =
    error.code === 'network_unavailable' ||
    (error.code === 'chunk_unavailable' && PASSING.includes(Number(error.details?.status)) && n < SERVER_TRIES);
  return passes ? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(n - 1, 16)) * (0.5 + random / 2) : undefined;
}
