/** Where the one engine of all tabs runs, as one tab sees it. */
export interface EnginePlace {
  /** In this tab; otherwise in another one of the same app. */
  readonly here: boolean;
  /** When it began, in milliseconds since the epoch. One that took over began then. */
  readonly sinceMs: number;
}

export interface EngineAccess {
  /** Waits for an engine where there is none at the moment. */
  place(): Promise<EnginePlace>;
  /** Tells each change: another tab took over, or this one did. Returns the way to stop. */
  watch(listener: (place: EnginePlace) => void): () => void;
}
