import type { NetworkLine, OriginTotal } from '../core/network.ts';

/** What the ledger holds of the requests that the app made. */
export interface NetworkRecord {
  /** Newest first, the last `MAX_NETWORK_LINES`. */
  readonly lines: readonly NetworkLine[];
  /** Of everything since `sinceMs`. */
  readonly totals: readonly OriginTotal[];
  /** Absent while nothing was written down. */
  readonly sinceMs?: number;
}

/** Requests of all realms. A line that is put again takes the place of what it was. */
export interface NetworkLedger {
  put(lines: readonly NetworkLine[]): Promise<void>;
  read(): Promise<NetworkRecord>;
  clear(): Promise<void>;
}
