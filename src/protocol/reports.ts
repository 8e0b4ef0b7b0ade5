import type { RuntimeBuild } from '../core/builds.ts';
import type { DeviceReport } from '../core/device.ts';
import type { DeviceEvent } from '../core/deviceEvent.ts';
import type { DownloadSettings, DownloadSettingsData } from '../core/downloadSettings.ts';
import type { ErrorData } from '../core/errors.ts';
import type { VariantFit } from '../core/fit.ts';
import type { Fallback } from '../core/forms.ts';
import type { FreePlan, FreeStep } from '../core/freeing.ts';
import type { GateResult, TrialStep } from '../core/gate.ts';
import type { Digest, ModelId, RevisionId, VariantId } from '../core/ids.ts';
import type { DownloadState } from '../core/journal.ts';
import type { LostModel } from '../core/lostModel.ts';
import type { Dtype, ExecutionDevice, Task } from '../core/manifest.ts';
import type { Decided } from '../core/operatorRules.ts';
import type { RevisionDiff } from '../core/revisionDiff.ts';
import type { HistoryEntry } from '../core/slots.ts';
import type { Tier } from '../core/tier.ts';
import type { UpdatePolicy, UpdatePolicyData, WaitReason } from '../core/updatePolicy.ts';
import type { Withheld } from '../core/updates.ts';

export type {
  DeviceEvent,
  DeviceReport,
  DownloadSettings,
  DownloadSettingsData,
  Fallback,
  FreePlan,
  FreeStep,
  GateResult,
  HistoryEntry,
  LostModel,
  RevisionDiff,
  TrialStep,
  UpdatePolicy,
  UpdatePolicyData,
  VariantFit,
  WaitReason,
  Withheld,
};

export interface InstallProgress {
  /** `trying`: an update is tested beside the running revision. */
  readonly phase: 'preparing' | 'queued' | 'downloading' | 'activating' | 'trying';
  /** Why nothing moves: another goes first, the connection costs and nobody said yet that it may, or nothing arrives. */
  readonly waiting?: 'turn' | 'metered' | 'network';
  /** Verified and on the device. */
  readonly storedBytes: number;
  readonly totalBytes: number;
  /** Absent until it can be told. */
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
  /** Of phase `trying`. */
  readonly trial?: TrialStep;
}

/** How fast a download was at a moment. */
export interface SpeedMark {
  readonly atMs: number;
  readonly bytesPerSecond: number;
}

/** A model on its way onto this device, or one that lately arrived. */
export interface DownloadSummary {
  readonly id: ModelId;
  readonly name: string;
  readonly revision: RevisionId;
  readonly variant: VariantId;
  readonly state: DownloadState | 'finished';
  /** Wanted by a person, or by the device as an update. */
  readonly by: 'person' | 'device';
  readonly progress: InstallProgress;
  readonly startedAtMs: number;
  /** Why it failed. */
  readonly error?: ErrorData;
  /** Of the last minutes, oldest first, as this tab heard them. */
  readonly speeds: readonly SpeedMark[];
  /** Only of a finished one. */
  readonly finished?: {
    readonly atMs: number;
    /** Over the network since it was last begun or continued, and how long that took. */
    readonly receivedBytes: number;
    readonly tookMs: number;
  };
}

export interface ModelSummary {
  readonly id: ModelId;
  readonly name: string;
  readonly description: string;
  readonly task: Task;
  readonly tier: Tier;
  readonly parameters: number;
  readonly languages: readonly string[];
  readonly contextLength?: number;
  readonly licence: { readonly spdx: string; readonly text: string };
  readonly provenance: string;
  /** `first-use`: nobody signed it; this device recorded its files when it saw them first, and accepts no others. */
  readonly trust: 'signed' | 'first-use';
  /** Address of the source, where that is not the site's own catalog. */
  readonly source?: string;
  /** The offered revision, or the installed one where the catalog cannot be reached or no longer has it. */
  readonly revision: RevisionId;
  readonly offered: boolean;
  /** `unfinished`: an install stopped, failed or died with its tab, and can be continued. */
  readonly state: 'available' | 'installing' | 'unfinished' | 'installed';
  readonly installed?: {
    readonly revision: RevisionId;
    readonly variant: VariantId;
    readonly sizeBytes: number;
    readonly installedAtMs: number;
  };
  /** Parts of the running revision that this device has lost: it cannot be loaded until it is repaired. */
  readonly lost?: { readonly chunks: number; readonly sizeBytes: number };
  readonly progress?: InstallProgress;
  /** Why the last install stopped. */
  readonly error?: ErrorData;
  /** Best first: the first is what `install` takes. */
  readonly fits: readonly VariantFit[];
  readonly loaded?: {
    readonly variant: VariantId;
    readonly device: ExecutionDevice;
    readonly build: RuntimeBuild;
    readonly threads: number;
    /** Why it does not run as its variant was made to. */
    readonly fallback?: Fallback;
  };
  /** Where a person wants it to run; absent: as it is chosen. */
  readonly place?: ExecutionDevice;
}

/** A place besides the site's own catalog that the policy allows. */
export interface SourceSummary {
  /** `hub`: in Hugging Face's layout, trusted on first use. `mirror` and `catalog` are signed, and listed with the site's own models. */
  readonly kind: 'hub' | 'mirror' | 'catalog';
  readonly name: string;
  readonly url: string;
}

export interface SourcesReport {
  readonly sources: readonly SourceSummary[];
  /** A model whose first download did not end; adding it again goes on. */
  readonly unfinished?: {
    readonly id: ModelId;
    readonly url: string;
    readonly commit: string;
    readonly storedBytes: number;
    readonly totalBytes: number;
  };
}

/** A model as its server describes it. None of its weights has been fetched. */
export interface FoundModel {
  readonly source: SourceSummary;
  /** The revision that was asked for is this commit now, and only this one is installed. */
  readonly commit: string;
  readonly summary: ModelSummary;
}

export interface ModelList {
  readonly models: readonly ModelSummary[];
  /** Why the catalog could not be read; the models are then only the installed ones. */
  readonly catalogError?: ErrorData;
  /** When the list of the catalog was last read and everything was in order. */
  readonly catalogCheckedAtMs?: number;
  /** When the catalog's signatures ran out; absent while they hold. Nothing new is accepted since then. */
  readonly catalogStaleSinceMs?: number;
}

export interface VerifyProgress {
  readonly checkedBytes: number;
  readonly totalBytes: number;
}

export interface DamagedChunk {
  readonly path: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly reason: 'missing' | 'unreadable' | 'mismatch';
}

export interface VerifyReport {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly ok: boolean;
  readonly checkedBytes: number;
  readonly damaged: readonly DamagedChunk[];
}

export interface RepairProgress {
  readonly phase: 'verifying' | 'downloading';
  /** Of this phase. */
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** How a repair ended. What could not be mended is an outcome, not an error: everything that is good stays. */
export interface RepairReport {
  readonly id: ModelId;
  /** Every revision of the model on this device is whole. */
  readonly ok: boolean;
  readonly checkedBytes: number;
  /** What was found bad, and was fetched again unless it is in `left`. */
  readonly damaged: readonly DamagedChunk[];
  /** What is still missing. */
  readonly left: readonly DamagedChunk[];
  /** Why something is left. */
  readonly error?: ErrorData;
}

/** One revision on the device and what it takes. */
export interface StoredRevision {
  readonly id: ModelId;
  readonly name: string;
  readonly revision: RevisionId;
  readonly variant: VariantId;
  readonly role: 'active' | 'previous' | 'candidate';
  /** Of all its chunks. */
  readonly sizeBytes: number;
  /** What would be free if it alone were removed. */
  readonly ownBytes: number;
  /** Others that hold chunks of it too. */
  readonly sharedWith: ReadonlyArray<{ readonly id: ModelId; readonly revision: RevisionId; readonly sizeBytes: number }>;
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
  readonly quotaBytes?: number;
  readonly usageBytes?: number;
  readonly persisted: boolean;
  /** Every revision: active, previous, candidate. */
  readonly models: readonly StoredRevision[];
  /** Of all models together: a chunk that several need is counted once. */
  readonly modelBytes: number;
  readonly unfinished: readonly UnfinishedDownload[];
  /** Chunks of unfinished installs and of nothing. */
  readonly unfinishedBytes: number;
  /** The files of the model runtime that are kept. */
  readonly runtimeBytes: number;
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

export interface Health {
  /** `degraded`: something is wrong and `problems` says what. */
  readonly status: 'healthy' | 'model_not_loaded' | 'degraded';
  readonly loaded: ReadonlyArray<{ readonly id: ModelId; readonly device: ExecutionDevice }>;
  readonly problems: readonly ErrorData[];
}

/** Which computation gave an answer. Every answer carries it. */
export interface RunInfo {
  readonly model: ModelId;
  readonly revision: RevisionId;
  readonly variant: VariantId;
  readonly dtype: Dtype;
  readonly device: ExecutionDevice;
  readonly build: RuntimeBuild;
  readonly threads: number;
  readonly runtime: string;
  /** How long this request waited for the model to load; absent when it was loaded. */
  readonly loadMs?: number;
  /** Why it did not run as its variant was made to. */
  readonly fallback?: Fallback;
}

export interface DocumentSummary {
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly passages: number;
  readonly addedAtMs: number;
  /** Embedded by another model or revision than the one in use: it must be added again to be found. */
  readonly outdated: boolean;
}

export interface SearchHit {
  readonly documentId: string;
  readonly documentName: string;
  readonly index: number;
  readonly text: string;
  /** Cosine similarity, -1 to 1. */
  readonly score: number;
}

/** One revision of a model, as the Versions view shows it. */
export interface VersionSummary {
  readonly revision: RevisionId;
  /** Absent for one that is not on this device. */
  readonly role?: 'active' | 'previous' | 'candidate';
  readonly variant?: VariantId;
  readonly installedAtMs?: number;
  /** In the catalog, as far as it could be read. */
  readonly published: boolean;
  readonly channel?: 'stable' | 'beta';
  readonly publishedAtMs?: number;
  readonly notes?: string;
  readonly critical?: boolean;
  /** Why the publisher took it back. */
  readonly withdrawn?: string;
  /** Why it failed on this device. */
  readonly quarantined?: string;
  /** Why it is newer and not offered. */
  readonly withheld?: Withheld;
  readonly offered: boolean;
  /** Its manifest is known or can be fetched, so that it can be compared with others. */
  readonly comparable: boolean;
  /** Of the installed variant, or of the one that would be installed. */
  readonly sizeBytes?: number;
  /** From the active revision to this one; absent where its manifest is not known. */
  readonly diff?: RevisionDiff;
}

export interface VersionsReport {
  readonly id: ModelId;
  readonly pinned?: RevisionId;
  /** Newest first: what is on the device and what the catalog has. */
  readonly versions: readonly VersionSummary[];
  /** Oldest first. */
  readonly history: readonly HistoryEntry[];
  /** Why the catalog could not be read; the versions are then only those on the device. */
  readonly catalogError?: ErrorData;
}

export interface OfferSummary {
  readonly revision: RevisionId;
  readonly variant: VariantId;
  readonly channel: 'stable' | 'beta';
  readonly critical: boolean;
  /** Offered before the phase of its rollout reached this device, since it is critical or was asked for. */
  readonly early: boolean;
  readonly publishedAtMs?: number;
  readonly notes?: string;
  readonly diff: RevisionDiff;
}

/** What one installed model may become, and why not more. */
export interface ModelUpdate {
  readonly id: ModelId;
  readonly active: RevisionId;
  readonly pinned?: RevisionId;
  readonly offer?: OfferSummary;
  readonly withheld: ReadonlyArray<{ readonly revision: RevisionId; readonly publishedAtMs?: number; readonly why: Withheld }>;
  /** Revisions on this device that their publisher took back. */
  readonly withdrawn: ReadonlyArray<{ readonly revision: RevisionId; readonly isActive: boolean; readonly reason: string }>;
  /** Why no offer could be worked out, as a manifest that cannot be read. */
  readonly error?: ErrorData;
}

export interface UpdateReport {
  /** When the catalog was last asked and everything was in order. */
  readonly checkedAtMs?: number;
  /** The catalog's signatures have expired: nothing new is accepted. */
  readonly stale: boolean;
  /** When they do, or did. */
  readonly expiresAtMs?: number;
  readonly models: readonly ModelUpdate[];
}

/** How an update ended. A refused one is an outcome, not an error: the revision before goes on running. */
export interface UpdateOutcome {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly result: 'activated' | 'rejected' | 'failed';
  readonly gate?: GateResult;
  readonly error?: ErrorData;
}

export interface UpdateStatus {
  readonly policy: UpdatePolicy;
  /** Why nothing is applied by itself at this moment. */
  readonly waiting?: WaitReason;
  /** Of what is known of the catalog, without asking for it anew; absent while nothing is. */
  readonly lastReport?: UpdateReport;
  /** Why the last look at the catalog, or the last update by itself, came to nothing. */
  readonly lastError?: ErrorData;
}

/** What the operator of this site wants of every device, by `sill.policy.json`. */
export interface OperatorReport {
  /** Nobody who stands before this device is to change what the operator decides. */
  readonly kiosk: boolean;
  /** What cannot be set on this device. */
  readonly decides: readonly Decided[];
  /** Models that are installed by themselves. */
  readonly install: readonly ModelId[];
  /** Why the file was not heeded when it was last read, or a model could not be installed. */
  readonly lastError?: ErrorData;
}

/** Something that every page shows changed. */
export type EngineEvent =
  | { readonly type: 'models' }
  | { readonly type: 'install'; readonly id: ModelId; readonly progress: InstallProgress }
  | { readonly type: 'documents' }
  /** Something went wrong while a model ran, see `events.list`. */
  | { readonly type: 'events' }
  /** The queue of downloads or its settings. */
  | { readonly type: 'downloads' }
  /** What is offered, a policy, a pin or a trial. */
  | { readonly type: 'updates' };

/** A model of a bundle, with what it would mean on this device. Its manifest is signed. */
export interface BundledModelSummary {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly name: string;
  readonly description: string;
  readonly task: Task;
  readonly licence: { readonly spdx: string; readonly text: string };
  /** The same words were accepted for the revision that is installed. */
  readonly licenceAccepted: boolean;
  readonly provenance: string;
  readonly publishedAtMs?: number;
  readonly notes?: string;
  /** The variant that this device would take of those that are in the bundle. */
  readonly fit?: VariantFit;
  /** Of that variant. */
  readonly sizeBytes: number;
  /** Of these, what lies on the device already. */
  readonly storedBytes: number;
  /** `update`: another revision runs, which it would have to beat in a trial. `present`: there is nothing to do. */
  readonly state: 'new' | 'update' | 'present';
  /** Why it is not taken. */
  readonly refusal?: ErrorData;
}

/** What is in a bundle, before anything of it is taken. */
export interface BundleReport {
  /** Names the bundle: equal for all its parts. */
  readonly bundle: Digest;
  /** Of all files together. */
  readonly sizeBytes: number;
  readonly volumes: number;
  readonly signer: { readonly rootVersion: number; readonly keyIds: readonly string[] };
  /** This device knows a newer list of models, by which the bundle was judged. */
  readonly superseded: boolean;
  readonly models: readonly BundledModelSummary[];
  /** Models that the newest list speaks against. */
  readonly refused: ReadonlyArray<{ readonly id: ModelId; readonly revision: RevisionId; readonly error: ErrorData }>;
}

export type ImportProgress =
  | { readonly phase: 'reading'; readonly readBytes: number; readonly totalBytes: number }
  /** A candidate is on trial. */
  | { readonly phase: 'testing'; readonly id: ModelId };

export interface ImportOutcome {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly name: string;
  /** `waiting`: another tab has a candidate of the model on trial. `rejected`: it failed its trial, and what ran before goes on running. */
  readonly result: 'installed' | 'activated' | 'rejected' | 'waiting' | 'present' | 'refused' | 'failed';
  readonly gate?: GateResult;
  readonly error?: ErrorData;
}

export interface ImportReport {
  readonly outcomes: readonly ImportOutcome[];
  /** The app's own runtime is not on this device yet: the models start once it was connected. */
  readonly needsRuntime: boolean;
}

/** What a copy of own data brought. */
export interface OwnDataReport {
  readonly added: number;
  /** Documents that were here and in the copy. */
  readonly replaced: number;
  /** Names of the settings that were taken. */
  readonly settings: readonly string[];
}

/** One file of a bundle. */
export interface BundleFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly blob: Blob;
}
