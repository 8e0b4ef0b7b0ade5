import type { Derived } from '../core/derived.ts';
import type { DeviceEvent } from '../core/deviceEvent.ts';
import type { Digest, ModelId, RevisionId } from '../core/ids.ts';
import type { AdoptionEntry, ImportEntry, JournalEntry } from '../core/journal.ts';
import type { LogEvent, LogLine } from '../core/log.ts';
import type { Manifest } from '../core/manifest.ts';
import type { DerivedModel } from '../core/modelfile/derivedModel.ts';
import type { HistoryEntry, Quarantined, SlotChange, Slots } from '../core/slots.ts';
import type { Proof } from '../core/trust.ts';
import type { ConversationStore, KeptConversations } from './conversations.ts';
import type { TrustStore } from './delivery.ts';

/**
 * Verified pieces of model files by digest. Callers verify before `put`: the store trusts its caller and
 * never hashes by itself.
 */
export interface ChunkStore {
  /**
   * Idempotent. Bytes are better given as they are than as a Blob of them, which lies in memory until a collector comes; they are read until it has ended.
   * @throws SillError `quota_exceeded` | `storage_unavailable`
   */
  put(digest: Digest, data: Blob | Uint8Array<ArrayBuffer>): Promise<void>;
  get(digest: Digest): Promise<Blob | undefined>;
  /** One Blob of them all in the order asked for, read when it is; `undefined` where one is missing. One transaction. */
  join(digests: readonly Digest[]): Promise<Blob | undefined>;
  /** Those of `digests` that are not stored, in order, without duplicates. */
  missing(digests: readonly Digest[]): Promise<Digest[]>;
  delete(digests: readonly Digest[]): Promise<void>;
  /** Every chunk with its size. */
  list(): Promise<Array<{ digest: Digest; sizeBytes: number }>>;
}

export interface DescribedRevision {
  readonly revision: RevisionId;
  readonly manifest: Manifest;
}

/** A form that was made of a revision, to be kept with it. */
export interface KeptForm {
  readonly about: Derived;
  readonly data: Blob;
}

/**
 * What is installed and what is being installed. Each method is one transaction that re-checks its
 * premises inside: another tab may have been here.
 */
export interface ModelStore {
  /** Manifests of everything installed or being installed. */
  manifest(revision: RevisionId): Promise<Manifest | undefined>;
  slots(modelId: ModelId): Promise<Slots | undefined>;
  allSlots(): Promise<Slots[]>;

  /** What shows another device that the revision is signed. Absent for what came from an unsigned source, or before proofs were kept. */
  proof(revision: RevisionId): Promise<Proof | undefined>;

  /** Records the intent, the manifest with its proof, and a lease on its chunks so that garbage collection spares them. */
  beginInstall(entry: JournalEntry, manifest: Manifest, proof?: Proof): Promise<void>;
  /** Records the intent to fetch what nobody described, or to make it of a file. The lease is on the chunks that the entry notes, and follows it. */
  beginAdoption(entry: AdoptionEntry | ImportEntry): Promise<void>;
  journal(): Promise<JournalEntry[]>;
  /**
   * Changes the entry as it is now; does nothing where there is none (it was finished or dropped by another tab).
   * @returns what it became
   */
  updateJournal(revision: RevisionId, change: (entry: JournalEntry) => JournalEntry): Promise<JournalEntry | undefined>;
  /**
   * Ends journal entry and lease. `active` makes the revision active at once and the active one previous; `candidate` lays it beside
   * the active one, and makes it active where there is none. Idempotent for a revision already active in that variant.
   * @param became what an adoption turned out to be
   * @param form what was made of the variant, from now on part of it
   * @throws SillError `installation_damaged` when a chunk of the variant is missing | `aborted` when another tab ended the entry
   */
  commitInstall(
    entry: JournalEntry,
    installedAtMs: number,
    role?: 'active' | 'candidate',
    became?: DescribedRevision,
    form?: KeptForm,
  ): Promise<Slots>;
  /**
   * Applies a change to the slots, with its line in the history and its quarantine.
   * @throws SillError `model_not_installed` | `aborted` when another tab has taken the ground of the change away
   */
  change(modelId: ModelId, change: SlotChange): Promise<Slots>;
  /** What happened to a model on this device, oldest first, the last `MAX_HISTORY` lines. Outlives its removal. */
  history(modelId: ModelId): Promise<HistoryEntry[]>;
  /** Revisions that failed on this device. Outlive the removal of their model. */
  quarantined(): Promise<Quarantined[]>;
  /** Drops journal entry and lease; chunks stay until `collectGarbage`. */
  abandonInstall(revision: RevisionId): Promise<void>;
  /** Empties the model's slots and drops its unfinished installs. True when there was something. */
  remove(modelId: ModelId, atMs: number): Promise<boolean>;
  /** Deletes chunks, manifests and what was computed from them that neither a slot nor a lease holds. */
  collectGarbage(): Promise<{ freedBytes: number; deletedChunks: number }>;
}

/** A passage of a person's document with its embedding. */
export interface Passage {
  readonly documentId: string;
  /** Position in the document, from 0. */
  readonly index: number;
  readonly text: string;
  /** Unit length, `dimensions` values. */
  readonly vector: Float32Array;
}

export interface StoredDocument {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly addedAtMs: number;
  readonly passages: number;
  /** Vectors of different models or revisions cannot be compared. */
  readonly embeddedBy: { readonly modelId: ModelId; readonly revision: RevisionId };
}

/** What a person gave Sill to search in. */
export interface DocumentStore {
  /** Document and passages in one transaction; replaces a document of the same id. */
  put(document: StoredDocument, passages: readonly Passage[]): Promise<void>;
  list(): Promise<StoredDocument[]>;
  /** Every passage of every document. */
  passages(): Promise<Passage[]>;
  delete(id: string): Promise<boolean>;
}

/** Small values by name. What is read back is parsed by whoever asked for it. */
export interface SettingsStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Models that a person made of others: Modelfiles by their names. */
export interface ModelfileStore {
  get(id: ModelId): Promise<DerivedModel | undefined>;
  list(): Promise<DerivedModel[]>;
  /**
   * In place of what has its name, when that was made here too.
   * @throws SillError as `assertDerivable` | `quota_exceeded`
   */
  put(model: DerivedModel): Promise<void>;
  /** @returns whether there was one @throws SillError `invalid_request` while others are made from it */
  delete(id: ModelId): Promise<boolean>;
}

/** What was computed from installed revisions, by the name of all that it depends on. Callers verify what they read. */
export interface DerivedStore {
  get(key: string): Promise<{ readonly about: Derived; readonly data: Blob } | undefined>;
  /**
   * In place of what has its key; what was not used for longest goes, so that all of them together take no more than `maxBytes`. Does nothing
   * where its revision is not installed any more.
   * @throws SillError `quota_exceeded`
   */
  put(derived: Derived, data: Blob, maxBytes: number): Promise<void>;
  /** Counts as a use. Writes all of it again: not to be done at each. */
  touch(key: string, atMs: number): Promise<void>;
  list(): Promise<Derived[]>;
  delete(key: string): Promise<void>;
}

/** What went wrong while models ran here, the last `MAX_EVENTS` of it. */
export interface EventStore {
  add(event: DeviceEvent): Promise<void>;
  /** Oldest first. */
  list(): Promise<DeviceEvent[]>;
}

/** What happened on this device, bounded by count and age. */
export interface LogStore {
  /** In their order, after all that is there; then drops the oldest beyond `maxLines`, and those from before `sinceMs`. */
  add(lines: readonly LogLine[], bounds: { readonly maxLines: number; readonly sinceMs: number }): Promise<void>;
  /** Oldest first; with `after`, those that came after the line of this id. `count` is of all. */
  list(after?: number): Promise<{ readonly events: LogEvent[]; readonly count: number }>;
  clear(): Promise<void>;
}

/** Results of benchmarks by their ids, as plain data: what is read back is parsed by whoever asked for it. */
export interface ResultStore {
  /** In place of those of the same id, all of them in one transaction. @throws SillError `quota_exceeded` */
  put(results: ReadonlyArray<{ readonly id: string }>): Promise<void>;
  /** In no order that means anything. */
  list(): Promise<unknown[]>;
  /** How many of these there were. */
  delete(ids: readonly string[]): Promise<number>;
}

/** A case of a run, in the order of its suite. */
export interface EvaluationCaseRow {
  readonly run: string;
  readonly index: number;
}

/** Runs of evaluation suites with what came of each case, as plain data: what is read back is parsed by whoever asked for it. */
export interface EvaluationStore {
  /** A run in place of the one of its id, with cases in place of those of their index: one transaction. @throws SillError `quota_exceeded` */
  put(run: { readonly id: string }, cases?: readonly EvaluationCaseRow[]): Promise<void>;
  /** As `put`, of many runs: all of them in one transaction. @throws SillError `quota_exceeded` */
  putAll(carried: ReadonlyArray<{ readonly run: { readonly id: string }; readonly cases: readonly EvaluationCaseRow[] }>): Promise<void>;
  /** Without their cases, in no order that means anything. */
  list(): Promise<unknown[]>;
  get(id: string): Promise<unknown>;
  /** Of one run, in their order. */
  cases(run: string): Promise<unknown[]>;
  /** With their cases. How many of these there were. */
  delete(ids: readonly string[]): Promise<number>;
}

/** An evaluation suite that a person wrote. */
export interface StoredSuite {
  /** The name that they gave it. */
  readonly id: string;
  /** JSON Lines. */
  readonly text: string;
  readonly savedAtMs: number;
}

export interface SuiteStore {
  /** In place of the one of its name. @throws SillError `quota_exceeded` */
  put(suite: StoredSuite): Promise<void>;
  get(id: string): Promise<StoredSuite | undefined>;
  /** By their names. */
  list(): Promise<StoredSuite[]>;
  delete(id: string): Promise<boolean>;
}

/** What a person had made elsewhere, to be kept here. */
export interface RestoredData {
  readonly documents: ReadonlyArray<{ readonly document: StoredDocument; readonly passages: readonly Passage[] }>;
  readonly settings: ReadonlyArray<{ readonly key: string; readonly value: unknown }>;
  readonly modelfiles: readonly DerivedModel[];
  readonly conversations?: KeptConversations | undefined;
  readonly suites?: readonly StoredSuite[];
}

/** Everything kept on the device. */
export interface Store {
  readonly chunks: ChunkStore;
  readonly models: ModelStore;
  readonly documents: DocumentStore;
  readonly settings: SettingsStore;
  readonly events: EventStore;
  readonly log: LogStore;
  readonly results: ResultStore;
  readonly conversations: ConversationStore;
  readonly derived: DerivedStore;
  readonly modelfiles: ModelfileStore;
  readonly evaluations: EvaluationStore;
  readonly suites: SuiteStore;
  /** Of the site's own catalog. */
  readonly trust: TrustStore;
  /**
   * All of it in one transaction. Documents, Modelfiles and suites of the same id and settings of the same name are replaced.
   * @returns `conversations`: false where they cannot be opened by the key of those that are here, and were left out
   * @throws SillError `quota_exceeded`
   */
  restore(data: RestoredData): Promise<{ readonly conversations: boolean }>;
  /** Of another signed catalog, by the address where it is published. */
  trustOf(url: string): TrustStore;
  close(): void;
  /** Deletes everything, for every tab: the stores of the others give way. Nothing works afterwards. @throws SillError `storage_unavailable` */
  erase(): Promise<void>;
}
