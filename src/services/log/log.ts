import * as v from 'valibot';
import {
  DEFAULT_LOG_SETTINGS,
  endsLoss,
  isAtLeast,
  type LogLine,
  type LogNote,
  type LogSettings,
  LogSettingsSchema,
  linesToWrite,
  logLine,
  lostAfter,
  MAX_LOG_LINES,
} from '../../core/log.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import type { Hub } from '../hub.ts';

/** Writes a line. Returns at once and never fails: a log that cannot be written costs nobody their answer. */
export type TakeNote = (note: LogNote) => void;

export interface EventLog {
  readonly note: TakeNote;
  /** Oldest first, with what was noted up to now; with `after`, what came after the line of this id. */
  list(after?: number): ReturnType<Store['log']['list']>;
  clear(): Promise<void>;
  settings(): Promise<LogSettings>;
  /** Hold for lines to come; older ones than they allow are dropped with the next. */
  setSettings(settings: LogSettings): Promise<void>;
}

export interface LogDeps {
  readonly store: Pick<Store, 'log' | 'settings'>;
  readonly clock: Clock;
  readonly hub: Pick<Hub, 'tell'>;
  readonly maxLines?: number;
}

const SETTINGS_KEY = 'log-settings';
const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;
/** How the clock went while lines were written: when the last was, about, and since when nothing is dropped for its age. */
const CLOCK_KEY = 'log-clock';
const time = v.pipe(v.number(), v.finite());
const ClockSchema = v.object({ lastMs: time, heldMs: v.exactOptional(time) });
/**
 * After a gap of a day nobody knows whether the device was off or its clock was set: a month too far, and the next line would drop all others. So for a day
 * none is dropped, and whoever sets the clock right meanwhile has lost nothing.
 */
const HELD_MS = DAY_MS;

export function createLog({ store, clock, hub, maxLines = MAX_LOG_LINES }: LogDeps): EventLog {
  /** Noted and not yet stored. More than fit into the log never wait for a disk that is slow. */
  let pending: LogLine[] = [];
  let writing: Promise<void> | undefined;

  const settings = async (): Promise<LogSettings> => {
    const stored = v.safeParse(LogSettingsSchema, await store.settings.get(SETTINGS_KEY));
    return stored.success ? stored.output : DEFAULT_LOG_SETTINGS;
  };

  /** Lines from before are dropped. */
  const sinceMs = async (days: number): Promise<number> => {
    const nowMs = clock.now();
    const stored = v.safeParse(ClockSchema, await store.settings.get(CLOCK_KEY));
    const { lastMs, heldMs } = stored.success ? stored.output : { lastMs: nowMs };
    const isGap = nowMs - lastMs > DAY_MS;
    const isHeld = heldMs !== undefined && nowMs >= heldMs && nowMs - heldMs < HELD_MS;
    const next = { lastMs: nowMs, ...(isGap ? { heldMs: nowMs } : isHeld ? { heldMs } : {}) };
    if (!stored.success || isGap || isHeld !== (heldMs !== undefined) || Math.abs(nowMs - lastMs) > HOUR_MS)
      await store.settings.set(CLOCK_KEY, next);
    return isGap || isHeld ? 0 : nowMs - days * DAY_MS;
  };

  /** Models of which the log says that they were lost; read from it when an end of that comes first. */
  let lost: ReadonlySet<string> | undefined;

  const drain = async (): Promise<void> => {
    let added = false;
    while (pending.length > 0) {
      const lines = pending;
      pending = [];
      const { level, days } = await settings();
      if (lines.some((line) => endsLoss(line.code) && !isAtLeast(line.level, level)))
        lost ??= lostAfter(new Set(), (await store.log.list()).events);
      const wanted = linesToWrite(lines, level, lost ?? new Set());
      if (wanted.length === 0) continue;
      await store.log.add(wanted, { maxLines, sinceMs: await sinceMs(days) });
      lost &&= lostAfter(lost, wanted);
      added = true;
    }
    // Whoever hears of it reads the log, which comes here again: told of nothing new they would go round and round.
    if (added) hub.tell({ type: 'log' });
  };

  /** What comes while something is being written goes with the next. */
  const flush = (): Promise<void> => {
    writing ??= Promise.resolve()
      .then(drain)
      // Storage that is refused or full is told by whoever needs it.
      .catch(() => undefined)
      .finally(() => {
        writing = undefined;
      });
    return writing;
  };

  return {
    note(note) {
      pending.push(logLine(note, clock.now()));
      if (pending.length > maxLines) pending = pending.slice(-maxLines);
      void flush();
    },
    async list(after) {
      await flush();
      return store.log.list(after);
    },
    async clear() {
      await flush();
      await store.log.clear();
      lost = undefined;
      hub.tell({ type: 'log' });
    },
    settings,
    async setSettings(next) {
      await store.settings.set(SETTINGS_KEY, next);
      hub.tell({ type: 'log' });
    },
  };
}
