import * as v from 'valibot';
import type { ErrorDetails } from './errors.ts';
import { folded, hasWords, wordsOf } from './words.ts';

export const LOG_LEVELS = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_SUBJECTS = ['engine', 'model', 'download', 'update', 'storage', 'device', 'guest', 'policy', 'request'] as const;
export type LogSubject = (typeof LOG_SUBJECTS)[number];

interface Kind {
  readonly level: LogLevel;
  readonly subject: LogSubject;
  /** In English, for a file that is read elsewhere; `ui/log/log-words.ts` has it in the person's language. */
  readonly says: string;
}
const kind = (level: LogLevel, subject: LogSubject, says: string): Kind => ({ level, subject, says });

/** Everything that is written down. Closed, so that each line can be told in every language, and found by its code. */
const KINDS = {
  'engine-started': kind('info', 'engine', 'The engine started.'),
  'install-begun': kind('info', 'download', 'An install began.'),
  'install-paused': kind('info', 'download', 'A download was paused.'),
  'install-failed': kind('error', 'download', 'An install failed.'),
  'install-abandoned': kind('debug', 'download', 'An unfinished install was given up.'),
  installed: kind('info', 'model', 'A version was installed.'),
  staged: kind('info', 'update', 'A version was laid beside the running one, to be tried.'),
  removed: kind('info', 'model', 'A model was removed.'),
  'revision-dropped': kind('info', 'model', 'The version before was removed.'),
  pinned: kind('info', 'model', 'A model is held at one version.'),
  unpinned: kind('info', 'model', 'A model is no longer held at one version.'),
  'trial-begun': kind('debug', 'update', 'A new version is on trial.'),
  'trial-put-off': kind('warning', 'update', 'The trial of a new version did not get on. It is tried again later.'),
  'update-activated': kind('info', 'update', 'A new version passed its trial and runs now.'),
  'update-rejected': kind('warning', 'update', 'A new version failed its trial. The one before goes on running.'),
  'rolled-back': kind('warning', 'update', 'A person went back to the version before.'),
  returned: kind('info', 'update', 'A version that ran before runs again.'),
  'update-failed': kind('error', 'update', 'Looking for updates, or taking one, came to nothing.'),
  'catalog-checked': kind('info', 'update', 'The list of models was read.'),
  'catalog-unreachable': kind('info', 'update', 'The list of models could not be reached.'),
  'catalog-refused': kind('warning', 'update', 'The list of models was not accepted.'),
  'model-loaded': kind('info', 'model', 'A model was loaded.'),
  'model-unloaded': kind('info', 'model', 'A model left the memory.'),
  'model-lost': kind('error', 'device', 'A model stopped while it ran.'),
  'model-fallback': kind('warning', 'device', 'A model runs otherwise than it was made to.'),
  'gpu-right': kind('info', 'device', 'The graphics processor passed its self-test.'),
  'gpu-wrong': kind('error', 'device', 'The graphics processor computes wrong numbers.'),
  'gpu-untested': kind('warning', 'device', 'The self-test of the graphics processor came to no result.'),
  'kiosk-restarted': kind('info', 'device', 'A kiosk started again between two sessions, because its memory had grown.'),
  'damage-found': kind('warning', 'storage', 'Stored parts of a model are damaged or missing.'),
  repaired: kind('info', 'storage', 'A damaged model was repaired.'),
  'repair-failed': kind('error', 'storage', 'A damaged model could not be repaired.'),
  'models-vanished': kind('error', 'storage', 'The browser cleared what was stored, models among it.'),
  'space-freed': kind('info', 'storage', 'Space was freed.'),
  'policy-changed': kind('info', 'policy', "The operator's rules changed."),
  'policy-unreadable': kind('warning', 'policy', "The operator's file could not be heeded."),
  'policy-model-refused': kind('error', 'policy', 'A model that the operator wants here could not be installed.'),
  'request-retried': kind('warning', 'request', 'A request goes on with another start of its model.'),
  'request-failed': kind('warning', 'request', 'A request was answered with an error.'),
  'guest-refused': kind('warning', 'guest', 'A page that embeds Sill was refused.'),
} as const satisfies Readonly<Record<string, Kind>>;

export type LogCode = keyof typeof KINDS;
export const LOG_CODES = Object.keys(KINDS) as readonly LogCode[];

/** What a service says; time, level and words follow from it. */
export interface LogNote {
  readonly code: LogCode;
  readonly model?: string;
  /** Figures, names and codes. What is no name is left out, see `safeDetails`. */
  readonly details?: ErrorDetails;
}

export interface LogLine {
  readonly atMs: number;
  readonly level: LogLevel;
  readonly subject: LogSubject;
  readonly code: LogCode;
  readonly message: string;
  readonly model?: string;
  readonly details: ErrorDetails;
}

/** A line that is stored. Later ones have higher ids; an id is never used again. */
export type LogEvent = LogLine & { readonly id: number };

/** A year of a kiosk that does little, a day of a device under load, in about 2 MB. */
export const MAX_LOG_LINES = 10_000;
export const LOG_DAYS = [1, 7, 30, 90] as const;

export const LogSettingsSchema = v.object({
  /** Lines of a lower level are not written. */
  level: v.picklist(LOG_LEVELS),
  /** Lines that are older are dropped. */
  days: v.picklist(LOG_DAYS),
});
export type LogSettings = v.InferOutput<typeof LogSettingsSchema>;
export const DEFAULT_LOG_SETTINGS: LogSettings = { level: 'info', days: 30 };

/** A model that was lost runs again, or is not wanted any more. */
const ENDS_LOSS: ReadonlySet<LogCode> = new Set(['model-loaded', 'removed']);
export const endsLoss = (code: LogCode): boolean => ENDS_LOSS.has(code);

/** Models of which the last that was written down is that they were lost; `before` with the lines that followed. */
export function lostAfter(before: ReadonlySet<string>, lines: readonly Pick<LogLine, 'code' | 'model'>[]): Set<string> {
  const lost = new Set(before);
  for (const line of lines) follow(lost, line);
  return lost;
}

function follow(lost: Set<string>, { code, model }: Pick<LogLine, 'code' | 'model'>): void {
  if (model === undefined) return;
  if (code === 'model-lost') lost.add(model);
  else if (endsLoss(code)) lost.delete(model);
}

/**
 * What is written of new lines: those of the level, and the end of a loss that is written. Left out, the loss would stand as how the device is.
 * @param lost before them
 */
export function linesToWrite(lines: readonly LogLine[], level: LogLevel, lost: ReadonlySet<string>): LogLine[] {
  const stillLost = new Set(lost);
  return lines.filter((line) => {
    const isEnd = line.model !== undefined && endsLoss(line.code) && stillLost.has(line.model);
    if (!isEnd && !isAtLeast(line.level, level)) return false;
    follow(stillLost, line);
    return true;
  });
}

export const isAtLeast = (level: LogLevel, least: LogLevel): boolean => LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);

/** Ids, digests, origins, names of methods and codes: nothing that a person would write. */
const NAME = /^[\w@:/.+~-]{1,200}$/;

/**
 * No prompt, answer, document or message of an error that may quote one stands in the log, whoever writes to it: a text that is no single name is
 * left out.
 */
export function safeDetails(details: ErrorDetails): ErrorDetails {
  const safe: Record<string, string | number | boolean | readonly string[]> = {};
  for (const [key, value] of Object.entries(details)) {
    if (typeof value === 'number' || typeof value === 'boolean') safe[key] = value;
    else if (typeof value === 'string') {
      if (NAME.test(value)) safe[key] = value;
    } else safe[key] = value.filter((each) => NAME.test(each));
  }
  return safe;
}

export function logLine({ code, model, details = {} }: LogNote, atMs: number): LogLine {
  const { level, subject, says } = KINDS[code];
  return { atMs, level, subject, code, message: says, ...(model && NAME.test(model) ? { model } : {}), details: safeDetails(details) };
}

/** One JSON object a line, oldest first, with the time in a form that people read (RFC 3339). */
export const toJsonl = (events: readonly LogEvent[]): string =>
  events.map(({ atMs, ...event }) => `${JSON.stringify({ time: new Date(atMs).toISOString(), ...event })}\n`).join('');

/** Lines that have all the words, wherever in them, and at least the level. */
export function searchLog(events: readonly LogEvent[], { words = '', least = 'debug' }: { words?: string; least?: LogLevel }): LogEvent[] {
  const wanted = wordsOf(words);
  return events.filter((event) => {
    if (!isAtLeast(event.level, least)) return false;
    if (wanted.length === 0) return true;
    return hasWords(
      folded(`${event.code} ${event.subject} ${event.message} ${event.model ?? ''} ${JSON.stringify(event.details)}`),
      wanted,
    );
  });
}
