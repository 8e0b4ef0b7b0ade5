import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { Derived } from '../core/derived.ts';
import type { DeviceEvent } from '../core/deviceEvent.ts';
import { type Digest, isRevisionId, type ModelId, type RevisionId } from '../core/ids.ts';
import type { JournalEntry } from '../core/journal.ts';
import type { LogEvent } from '../core/log.ts';
import type { Manifest } from '../core/manifest.ts';
import type { DerivedModel } from '../core/modelfile/derivedModel.ts';
import type { HistoryEntry, Quarantined, Slots } from '../core/slots.ts';
import type { Proof, TrustState } from '../core/trust.ts';
import type { EvaluationCaseRow, Passage, StoredDocument, StoredSuite } from '../ports/store.ts';
import type { Stored } from './blobs.ts';

/** Chunks that garbage collection spares because somebody is installing the revision. */
export interface Lease {
  readonly revision: RevisionId;
  readonly digests: readonly Digest[];
}

export interface ChunkRecord {
  readonly digest: Digest;
  /** Beside the Blob and indexed, so that sizes are listed without touching a Blob. */
  readonly sizeBytes: number;
  /** A small one lies in the database itself. */
  readonly data: Stored;
}

export interface Schema extends DBSchema {
  chunks: { key: Digest; value: ChunkRecord; indexes: { bySize: number } };
  manifests: { key: RevisionId; value: Manifest };
  slots: { key: ModelId; value: Slots };
  journal: { key: RevisionId; value: JournalEntry };
  derived: { key: string; value: { readonly about: Derived; readonly data: Stored } };
  leases: { key: RevisionId; value: Lease };
  results: { key: string; value: unknown };
  events: { key: number; value: DeviceEvent };
  log: { key: number; value: Omit<LogEvent, 'id'> };
  conversations: { key: string; value: unknown };
  messages: { key: [conversation: string, id: string]; value: unknown };
  settings: { key: string; value: unknown };
  documents: { key: string; value: StoredDocument };
  passages: { key: [documentId: string, index: number]; value: Passage };
  trust: { key: string; value: TrustState };
  proofs: { key: RevisionId; value: Proof };
  history: { key: number; value: HistoryEntry; indexes: { byModel: ModelId } };
  quarantine: { key: RevisionId; value: Quarantined };
  modelfiles: { key: ModelId; value: DerivedModel };
  evaluations: { key: string; value: unknown };
  evaluationCases: { key: [run: string, index: number]; value: EvaluationCaseRow };
  suites: { key: string; value: StoredSuite };
}

export type Database = IDBPDatabase<Schema>;
type VersionChange = IDBPTransaction<Schema, Array<StoreNames<Schema>>, 'versionchange'>;

/** Brings a database from one version to the next. Runs inside the upgrade transaction: await nothing but its requests. */
export type Migration = (db: Database, tx: VersionChange) => void | Promise<void>;

/** Of journal entries, as versions before the queue wrote them. */
const STATES = new Map<string, JournalEntry['state']>([
  ['stopped', 'paused'],
  ['running', 'running'],
]);

/** Setting under which version 5 kept the one first download that was unfinished. */
const ADOPTING_KEY = 'adopting-model';

/** Step n leads from version n to n + 1. A step that was released is never edited: people's databases went through it. */
export const MIGRATIONS: readonly Migration[] = [
  (db) => {
    const chunks = db.createObjectStore('chunks', { keyPath: 'digest' });
    chunks.createIndex('bySize', 'sizeBytes');
    db.createObjectStore('manifests');
    db.createObjectStore('slots', { keyPath: 'modelId' });
    db.createObjectStore('journal', { keyPath: 'revision' });
    db.createObjectStore('derived');
    db.createObjectStore('leases', { keyPath: 'revision' });
    db.createObjectStore('results');
    db.createObjectStore('events', { autoIncrement: true });
    db.createObjectStore('conversations');
    db.createObjectStore('settings');
    db.createObjectStore('documents', { keyPath: 'id' });
    db.createObjectStore('passages', { keyPath: ['documentId', 'index'] });
  },
  (db) => {
    db.createObjectStore('history', { autoIncrement: true }).createIndex('byModel', 'modelId');
    db.createObjectStore('quarantine', { keyPath: 'revision' });
  },
  (db) => {
    db.createObjectStore('trust');
  },
  (db) => {
    db.createObjectStore('proofs');
  },
  // The journal became the queue of downloads. What was stopped is paused; what was running goes on.
  async (_db, tx) => {
    const journal = tx.objectStore('journal');
    for (let cursor = await journal.openCursor(); cursor; cursor = await cursor.continue()) {
      const { state, by, ...entry } = cursor.value;
      await cursor.update({ ...entry, state: STATES.get(state) ?? 'failed', by: by === 'bundle' ? by : 'person', rank: 0 });
    }
  },
  // A first download from a hub became an entry of the queue. What was unfinished lacks a description, and is given up: nobody could cancel it.
  async (_db, tx) => {
    const settings = tx.objectStore('settings');
    const adopting = await settings.get(ADOPTING_KEY);
    const lease = typeof adopting === 'object' && adopting !== null && 'lease' in adopting ? String(adopting.lease) : '';
    if (isRevisionId(lease)) await tx.objectStore('leases').delete(lease);
    await settings.delete(ADOPTING_KEY);
  },
  (db) => {
    db.createObjectStore('modelfiles', { keyPath: 'id' });
  },
  // Keys are counted up and never used again, so that a link to a line leads to no other one.
  (db) => {
    db.createObjectStore('log', { autoIncrement: true });
  },
  (db) => {
    db.createObjectStore('messages', { keyPath: ['conversation', 'id'] });
  },
  (db) => {
    db.createObjectStore('evaluations');
    db.createObjectStore('evaluationCases', { keyPath: ['run', 'index'] });
    db.createObjectStore('suites', { keyPath: 'id' });
  },
];

/** Applies the steps that a database of an earlier version lacks, in order. */
export async function migrate(db: Database, fromVersion: number, tx: VersionChange, steps = MIGRATIONS): Promise<void> {
  for (const step of steps.slice(fromVersion)) await step(db, tx);
}
