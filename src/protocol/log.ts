import * as v from 'valibot';
import { type LogEvent, type LogSettings, LogSettingsSchema } from '../core/log.ts';
import type { NetworkLine, OriginTotal } from '../core/network.ts';
import { method } from './contract.ts';

export type { LogEvent, LogSettings, NetworkLine, OriginTotal };

const nothing = v.strictObject({});

/** The part of the engine's contract that is about what happened: the log, and the ledger of requests. Lists come in parts. */
export const logContract = {
  'log.list': method<readonly LogEvent[], { readonly count: number }>()(v.strictObject({ after: v.optional(v.number()) })),
  /** One JSON object a line. */
  'log.export': method<never, Blob>()(nothing),
  'log.clear': method<never, null>()(nothing),
  'log.settings': method<never, LogSettings>()(nothing),
  'log.setSettings': method<never, LogSettings>()(v.object({ settings: LogSettingsSchema })),
  'network.list': method<readonly NetworkLine[], NetworkSummary>()(nothing),
};

export interface NetworkSummary {
  /** Since when requests are written down; absent while none was. */
  readonly sinceMs?: number;
  /** Where the app is served. */
  readonly ownOrigin: string;
  /** Over the network, to each origin, also of requests that are no longer listed. */
  readonly totals: readonly OriginTotal[];
}

export interface NetworkReport extends NetworkSummary {
  /** Newest first. */
  readonly lines: readonly NetworkLine[];
}

/** The public surface's part: `sill.log` and `sill.network`. */
export interface SillLog {
  readonly log: {
    /** What happened on this device, oldest first: at most 10,000 lines. No prompt and no answer stands in it. */
    list(): Promise<readonly LogEvent[]>;
    /** What came after the line of this id, and how many lines there are. */
    after(id: number): Promise<{ readonly events: readonly LogEvent[]; readonly count: number }>;
    /** As JSON lines, with times as RFC 3339. */
    export(): Promise<Blob>;
    /** Numbers of lines go on from the last. */
    clear(): Promise<void>;
    settings(): Promise<LogSettings>;
    /** `level`: what is not written at all; `days`: how long it is kept. */
    setSettings(settings: LogSettings): Promise<LogSettings>;
  };
  readonly network: {
    /** Every request that the app made: by its pages, its workers and its service worker. */
    list(): Promise<NetworkReport>;
  };
}
