import type { ErrorCode } from '../errors.ts';

/** What keeps a kiosk from its task. The letter and digit are for whoever is called. */
export const FAULTS = {
  /** The engine cannot be started. */
  E1: 'engine',
  /** The browser refuses to store anything, or storage is broken. */
  S1: 'storage',
  /** What was stored is gone. */
  S2: 'evicted',
  /** The model is on its way. */
  M1: 'fetching',
  /** The model is not on the device, and nobody is bringing it. */
  M2: 'missing',
  /** The model is damaged. */
  M3: 'damaged',
  /** The model cannot be made to run. */
  M4: 'failing',
  /** There is nothing to search in. */
  D1: 'documents',
  /** The operator's file cannot be read, and nothing else says which model it is. */
  P1: 'policy',
} as const;
export type FaultCode = keyof typeof FAULTS;

export interface KioskView {
  /** Why the engine cannot be asked, or why asking it failed. */
  readonly error?: ErrorCode;
  readonly erased: boolean;
  /** The model of the task is on the device. */
  readonly installed: boolean;
  /** Parts of it are lost or changed. */
  readonly damaged: boolean;
  /** It is for searching, and nobody put documents there. */
  readonly empty: boolean;
  readonly fetching: boolean;
  /** Models that were there and are gone with the database. */
  readonly lost: boolean;
  /** The operator's file could not be read when it was last tried. */
  readonly policyError: boolean;
  /** Why the model could not be installed when that was last tried. */
  readonly installError?: ErrorCode;
  /** The last answer failed, for a reason that is not the person's. */
  readonly answerError?: ErrorCode;
}

/** Before anything was looked at. */
export const NOTHING_SEEN: KioskView = {
  erased: false,
  installed: false,
  damaged: false,
  empty: false,
  fetching: false,
  lost: false,
  policyError: false,
};

const OF_STORAGE: ReadonlySet<ErrorCode> = new Set(['storage_unavailable', 'quota_exceeded']);
/** What a person can bring about, by what they ask: it is said beside their question. */
const OF_PERSON: ReadonlySet<ErrorCode> = new Set([
  'aborted',
  'audio_undecodable',
  'busy',
  'context_length_exceeded',
  'empty_input',
  'image_undecodable',
  'invalid_request',
]);

export const isPersons = (code: ErrorCode): boolean => OF_PERSON.has(code);

/** Absent where the task can be done. */
export function faultOf(view: KioskView): FaultCode | undefined {
  if (view.erased) return 'S2';
  if (view.error) return OF_STORAGE.has(view.error) ? 'S1' : 'E1';
  if (view.installed) {
    if (view.damaged || view.answerError === 'installation_damaged') return 'M3';
    if (view.answerError !== undefined && !isPersons(view.answerError)) return 'M4';
    return view.empty ? 'D1' : undefined;
  }
  if (view.fetching) return 'M1';
  if (view.lost) return 'S2';
  return view.policyError ? 'P1' : 'M2';
}

/** What exactly failed, where something did. */
export const reasonOf = (view: KioskView): ErrorCode | undefined =>
  view.error ?? view.answerError ?? (faultOf(view) === 'M2' ? view.installError : undefined);

/** What the device does by itself meanwhile. A page that is loaded anew starts another engine and takes the fetch or repair up again. */
export const remedyOf = (fault: FaultCode, tries: number): 'look' | 'reload' =>
  // Looking costs nothing, a reload takes seconds: only where there is nothing to lose by it.
  ['E1', 'S1', 'S2'].includes(fault) && tries > 1 ? 'reload' : 'look';

const FIRST_MS = 2000;
const MOST_MS = 60_000;

/** Until the next look, after so many in vain. */
export const lookAfterMs = (tries: number): number => Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(tries, 16));
