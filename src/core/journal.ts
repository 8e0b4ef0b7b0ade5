import type { ErrorData } from './errors.ts';
import type { ModelId, RevisionId, VariantId } from './ids.ts';

/** An install that was begun and is not finished: what a restarted browser needs to go on. */
export interface JournalEntry {
  readonly modelId: ModelId;
  readonly revision: RevisionId;
  readonly variant: VariantId;
  readonly startedAtMs: number;
  readonly licenceAcceptedAtMs: number;
  /** `running` with nobody downloading means that the tab or the browser died. */
  readonly state: 'running' | 'stopped' | 'failed';
  readonly error?: ErrorData;
  /** It brings its own bytes, and is never downloaded. */
  readonly by?: 'bundle';
}
