import type { Adoption } from './adoption.ts';
import type { ErrorData } from './errors.ts';
import type { ModelId, RevisionId, VariantId } from './ids.ts';

/** `running` with nobody downloading means that the tab or the browser died: it goes on by itself. */
export type DownloadState = 'queued' | 'running' | 'paused' | 'failed';

/** An install that was begun and is not finished: what a restarted browser needs to go on. Together they are the queue. */
export interface JournalEntry {
  readonly modelId: ModelId;
  readonly revision: RevisionId;
  readonly variant: VariantId;
  readonly startedAtMs: number;
  readonly licenceAcceptedAtMs: number;
  readonly state: DownloadState;
  /** Who wants it: a person goes before the device, which updates by itself. A bundle brings its own bytes, and is never downloaded. */
  readonly by: 'person' | 'device' | 'bundle';
  /** Among the same, lower goes first; then what was begun first. */
  readonly rank: number;
  /** A person said of this one that it may cost: it does not wait for another network. */
  readonly meteredAllowed?: true;
  /**
   * Of a model that nobody signed, until its bytes are here. `revision` is then a name for the download alone, made of source, commit and variant:
   * the revision that it becomes is the digest of a manifest that is not known yet.
   */
  readonly adoption?: Adoption;
  /** Why it failed. */
  readonly error?: ErrorData;
}

export type AdoptionEntry = JournalEntry & { readonly adoption: Adoption };

export const isAdoption = (entry: JournalEntry): entry is AdoptionEntry => entry.adoption !== undefined;
