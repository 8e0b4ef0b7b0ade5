import * as v from 'valibot';
import { method } from './contract.ts';

/** Who asked: a page of the app's own, a page of another origin through a frame, or a client of the HTTP APIs. */
export type AskedBy = { readonly kind: 'tab' | 'http' } | { readonly kind: 'frame'; readonly origin: string };

/** What is asked of a model. */
export const REQUEST_KINDS = ['chat', 'text', 'embedding', 'transcription', 'task', 'search', 'evaluation', 'benchmark'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** A request to a model as it stands, or as it ended. What was asked and answered is in none. */
export interface RequestReport {
  readonly id: string;
  readonly kind: RequestKind;
  /** As it was named: also a name under which another computer answers. */
  readonly model: string;
  readonly by: AskedBy;
  readonly startedAtMs: number;
  /** `waiting`: for its turn; `running`: it has it, be it that its model loads, reads or writes. */
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  /** Of one that waits: how many that came before it wait as well. Requests of others may go first, so that nobody waits for fifty of one. */
  readonly before?: number;
  /** Since it came, or until it ended. */
  readonly tookMs: number;
  /** Until the first token, waiting and loading included. Absent before, and of an answer that travels whole until it ends. */
  readonly ttftMs?: number;
  /** Written so far. */
  readonly tokens?: number;
  /** From the first token on. Absent for fewer than two. */
  readonly tokensPerSecond?: number;
}

const nothing = v.strictObject({});

/** The part of the engine's contract that is about who asks. */
export const requestContract = {
  /** Those under way, in the order in which they came, then those that ended last, the newest first. */
  'requests.list': method<never, readonly RequestReport[]>()(nothing),
  'requests.cancel': method<never, boolean>()(v.object({ id: v.pipe(v.string(), v.maxLength(100)) })),
};

/** The public surface's part: `sill.requests`. */
export interface SillRequests {
  /** Requests under way, in the order in which they came, then up to 50 that ended since this engine started, the newest first. */
  list(): Promise<readonly RequestReport[]>;
  /** Whoever asked is told `aborted`. False where it has ended. @throws SillError `kiosk_locked` on a locked device */
  cancel(id: string): Promise<boolean>;
}
