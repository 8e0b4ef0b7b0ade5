import * as v from 'valibot';
import {
  DEFAULT_LOG_SETTINGS,
  isAtLeast,
  type LogLine,
  type LogNote,
  type LogSettings,
  LogSettingsSchema,
  logLine,
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

export function createLog({ store, clock, hub, maxLines = MAX_LOG_LINES }: LogDeps): EventLog {
  /** Noted and not yet stored. More than fit into the log never wait for a disk that is slow. */
  let pending: LogLine[] = [];
  let writing: Promise<void> | undefined;

  const settings = async (): Promise<LogSettings> => {
    const stored = v.safeParse(LogSettingsSchema, await store.settings.get(SETTINGS_KEY));
    return stored.success ? stored.output : DEFAULT_LOG_SETTINGS;
  };

  const drain = async (): Promise<void> => {
    let added = false;
    while (pending.length > 0) {
      const lines = pending;
      pending = [];
      const { level, days } = await settings();
      const wanted = lines.filter((line) => isAtLeast(line.level, level));
      if (wanted.length === 0) continue;
      await store.log.add(wanted, { maxLines, sinceMs: clock.now() - days * DAY_MS });
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
      hub.tell({ type: 'log' });
    },
    settings,
    async setSettings(next) {
      await store.settings.set(SETTINGS_KEY, next);
      hub.tell({ type: 'log' });
    },
  };
}
