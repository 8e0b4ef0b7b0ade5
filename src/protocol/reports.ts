import type { DeviceReport } from '../core/device.ts';
import type { ErrorData } from '../core/errors.ts';
import type { VariantFit } from '../core/fit.ts';
import type { Digest, ModelId, RevisionId, VariantId } from '../core/ids.ts';
import type { Dtype, ExecutionDevice, Task } from '../core/manifest.ts';
import type { Tier } from '../core/tier.ts';
import type { RuntimeBuild } from '../ports/runtime.ts';

export type { DeviceReport, VariantFit };

export interface InstallProgress {
  readonly phase: 'preparing' | 'downloading' | 'activating';
  /** Verified and on the device. */
  readonly storedBytes: number;
  readonly totalBytes: number;
  /** Absent until it can be told. */
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
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
  };
}

export interface ModelList {
  readonly models: readonly ModelSummary[];
  /** Why the catalog could not be read; the models are then only the installed ones. */
  readonly catalogError?: ErrorData;
}

export interface VerifyProgress {
  readonly checkedBytes: number;
  readonly totalBytes: number;
}

export interface VerifyReport {
  readonly id: ModelId;
  readonly revision: RevisionId;
  readonly ok: boolean;
  readonly checkedBytes: number;
  readonly damaged: ReadonlyArray<{
    readonly path: string;
    readonly digest: Digest;
    readonly reason: 'missing' | 'unreadable' | 'mismatch';
  }>;
}

export interface StorageReport {
  readonly quotaBytes?: number;
  readonly usageBytes?: number;
  readonly persisted: boolean;
  readonly models: ReadonlyArray<{
    readonly id: ModelId;
    readonly revision: RevisionId;
    readonly variant: VariantId;
    readonly sizeBytes: number;
  }>;
  /** Chunks of unfinished installs and of nothing. */
  readonly unfinishedBytes: number;
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

/** Something that every page shows changed. */
export type EngineEvent =
  | { readonly type: 'models' }
  | { readonly type: 'install'; readonly id: ModelId; readonly progress: InstallProgress }
  | { readonly type: 'documents' };
