/** By then everything that is made once is made. */
const BASE_SESSION = 10;
const MIB = 2 ** 20;
/** What is looked at moves by so much up and down (e2e/soak/memory.spec.ts). */
const SLACK_BYTES = 48 * MIB;
const SLACK_SHARE = 0.25;
/** A restart that did not help is not repeated after each session: then this is what it takes. */
const REST_SESSIONS = 20;

/** What is measured between two sessions, in bytes. The page's is not to be had everywhere. */
export interface MemoryFigures {
  readonly workers: number;
  readonly page?: number;
}
export type Restart = 'worker' | 'page';

export interface Watch {
  /** That ended since the app was set up. */
  readonly sessions: number;
  /** What was in memory then, as `of` of `judgeMemory`, and after how many sessions it came. */
  readonly of?: string;
  readonly since?: number;
  readonly base?: MemoryFigures;
  /** After which session something was last restarted. */
  readonly restartedAfter?: number;
}

const boundOf = (bytes: number): number => bytes + Math.max(SLACK_BYTES, bytes * SLACK_SHARE);

/**
 * After a session: what to restart now that nobody is there, and what to remember.
 * @param of which models are in memory: others take what they take, and are compared with themselves. Empty for none
 */
export function judgeMemory(before: Watch, now: MemoryFigures, of: string): { readonly watch: Watch; readonly restart?: Restart } {
  const sessions = before.sessions + 1;
  if (of === '') return { watch: { ...before, sessions } };
  const watch: Watch = before.of === of ? before : { sessions: before.sessions, of, since: before.sessions };
  const at = { ...watch, sessions };
  if (sessions - (watch.since ?? 0) < BASE_SESSION) return { watch: at };
  const { base } = watch;
  if (!base) return { watch: { ...at, base: now } };
  // The page tells of its memory now and then only.
  const known = { ...base, ...(base.page === undefined && now.page !== undefined ? { page: now.page } : {}) };
  if (sessions - (watch.restartedAfter ?? -REST_SESSIONS) < REST_SESSIONS) return { watch: { ...at, base: known } };
  const restart = grown(known, now);
  return restart ? { watch: { ...at, base: known, restartedAfter: sessions }, restart } : { watch: { ...at, base: known } };
}

function grown(base: MemoryFigures, now: MemoryFigures): Restart | undefined {
  // A page takes its workers along.
  if (now.page !== undefined && base.page !== undefined && now.page > boundOf(base.page)) return 'page';
  return now.workers > boundOf(base.workers) ? 'worker' : undefined;
}
