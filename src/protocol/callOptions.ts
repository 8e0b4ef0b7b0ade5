/** Of a call of the public surface. */
export interface CallOptions {
  /** Ends it: what was asked for rejects with `aborted`. */
  readonly signal?: AbortSignal;
}
