import type { ErrorData } from '../core/errors.ts';
import type { FreePlan, FreeStep } from '../core/freeing.ts';
import type { ModelId, RevisionId, VariantId } from '../core/ids.ts';
import type { LostModel } from '../core/lostModel.ts';

export type { FreePlan, FreeStep, LostModel };

/** One revision on the device and what it takes. */
export interface StoredRevision {
  readonly id: ModelId;
  readonly name: string;
  readonly revision: RevisionId;
  readonly variant: VariantId;
  readonly role: 'active' | 'previous' | 'candidate';
  /** Of all its chunks. */
  readonly sizeBytes: number;
  /** Of these, what was made here of what was delivered, to run: given up, it is made again when the model is asked next. 0 where it runs as it came. */
  readonly madeBytes: number;
  /** How long that took, where it is known. */
  readonly madeInMs?: number;
  /** What would be free if it alone were removed. */
  readonly ownBytes: number;
  /** Others that hold chunks of it too. */
  readonly sharedWith: ReadonlyArray<{ readonly id: ModelId; readonly revision: RevisionId; readonly sizeBytes: number }>;
  /** Of what was computed from it and kept: beginnings of prompts, for the next run. */
  readonly derivedBytes: number;
  /** Of chunks that this device has lost. */
  readonly lostBytes: number;
  /** When every chunk was last known to be good. */
  readonly verifiedAtMs: number;
  /** Absent for a model that was never asked for anything. */
  readonly lastUsedAtMs?: number;
  readonly pinned: boolean;
  /** In memory, here or in another tab. */
  readonly loaded: boolean;
}

export interface UnfinishedDownload {
  readonly id: ModelId;
  readonly name: string;
  readonly revision: RevisionId;
  /** Of its own: what others hold too is not counted. */
  readonly storedBytes: number;
  readonly totalBytes: number;
  /** Queued or under way. */
  readonly running: boolean;
}

export interface StorageReport {
  /** What the browser gives this site, and what the site takes of it; absent where the browser does not say. */
  readonly quotaBytes?: number;
  readonly usageBytes?: number;
  /** The browser has promised to keep it when space gets short. */
  readonly persisted: boolean;
  /** Every revision: active, previous, candidate. */
  readonly models: readonly StoredRevision[];
  /** Of all models together: a chunk that several need is counted once. */
  readonly modelBytes: number;
  /** Of what was computed from them, which can be computed again. */
  readonly derivedBytes: number;
  readonly unfinished: readonly UnfinishedDownload[];
  /** Chunks of unfinished installs and of nothing. */
  readonly unfinishedBytes: number;
  /** The files of the model runtime that are kept. */
  readonly runtimeBytes: number;
  /**
   * Of the model runtime, what is not kept though models need it: those that are installed or, where none is, any that came from a file. They
   * would not start without a network.
   */
  readonly runtimeMissingBytes: number;
  /** The app itself, kept to open without a network. */
  readonly shellBytes: number;
  /** Text that was given to be searched in; its index comes on top. */
  readonly documentBytes: number;
  /** Something is installed, and the runtime that it needs is kept too: it starts with no network. */
  readonly runsOffline: boolean;
  /** What was here and vanished with the database, as far as this page remembers it. */
  readonly lost: readonly LostModel[];
}

/**
 * `blocked`: an older version of the app in another tab keeps the database, and the engine waits. `outdated`: a newer one took it. `erased`:
 * everything was deleted in another tab.
 */
export type StorageState = 'opening' | 'blocked' | 'open' | 'outdated' | 'erased';

/** What came of giving things up. */
export interface FreeReport {
  readonly removed: readonly FreeStep[];
  /** What has come into use since it was proposed. */
  readonly kept: ReadonlyArray<{ readonly step: FreeStep; readonly error: ErrorData }>;
  readonly freedBytes: number;
}

/** What a copy of own data brought. */
export interface OwnDataReport {
  /** Documents that were not here. */
  readonly added: number;
  /** Documents that were here and in the copy. */
  readonly replaced: number;
  /** Models that were made of others. */
  readonly models: number;
  readonly conversations: number;
  /** Those of the copy were left out: another passphrase locks them than those that are here, or one locks only the one side. */
  readonly otherPassphrase?: boolean;
  /** Names of the settings that were taken. */
  readonly settings: readonly string[];
}

export interface RemovalReport {
  readonly freedBytes: number;
  /** Models that were made from it. They stay, and answer again once it is installed again. */
  readonly orphaned?: readonly ModelId[];
}
