import type { Adoption } from './adoption.ts';
import type { ErrorData } from './errors.ts';
import type { ModelId, RevisionId, VariantId } from './ids.ts';
import type { Importing } from './importing.ts';
import type { Making } from './making.ts';

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
  /**
   * Who wants it: a person goes before the device, which updates by itself. A bundle brings its own bytes, and is never downloaded; nor is what
   * is imported from a file.
   */
  readonly by: 'person' | 'device' | 'bundle' | 'import';
  /** Among the same, lower goes first; then what was begun first. */
  readonly rank: number;
  /** A person said of this one that it may cost: it does not wait for another network. */
  readonly meteredAllowed?: true;
  /**
   * Of a model that nobody signed, until its bytes are here. `revision` is then a name for the download alone, made of source, commit and variant:
   * the revision that it becomes is the digest of a manifest that is not known yet.
   */
  readonly adoption?: Adoption;
  /** Of a model that a person brings as a file. `revision` is then a name for the import alone, made of the file and what it becomes. */
  readonly importing?: Importing;
  /** What is made of its bytes on this device, as far as it is there. The lease holds it. */
  readonly making?: Making;
  /** Why it failed. */
  readonly error?: ErrorData;
}

export type AdoptionEntry = JournalEntry & { readonly adoption: Adoption };

export const isAdoption = (entry: JournalEntry): entry is AdoptionEntry => entry.adoption !== undefined;

export type ImportEntry = JournalEntry & { readonly importing: Importing; readonly making: Making };

export const isImport = (entry: JournalEntry): entry is ImportEntry => entry.importing !== undefined && entry.making !== undefined;

/** Whether the network brings it. */
export const isDownload = ({ by }: JournalEntry): boolean => by === 'person' || by === 'device';
