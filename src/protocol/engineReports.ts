import type { RuntimeBuild } from '../core/builds.ts';
import type { DeviceReport, GpuCheck, GpuPrecision } from '../core/device.ts';
import type { DeviceEvent } from '../core/deviceEvent.ts';
import type { ErrorData } from '../core/errors.ts';
import type { Fallback } from '../core/forms.ts';
import type { ModelId, RevisionId, VariantId } from '../core/ids.ts';
import type { Dtype, ExecutionDevice } from '../core/manifest.ts';
import type { Decided } from '../core/operatorRules.ts';
import type { FileImportProgress } from './importReports.ts';
import type { InstallProgress } from './modelReports.ts';

export type { DeviceEvent, DeviceReport, Fallback };

export interface Health {
  /** `degraded`: something is wrong and `problems` says what. */
  readonly status: 'healthy' | 'model_not_loaded' | 'degraded';
  readonly loaded: ReadonlyArray<{
    readonly id: ModelId;
    readonly device: ExecutionDevice;
    /** As in `memory`. */
    readonly size: number;
    readonly expires_at: string | null;
    /** As in `memory`. */
    readonly fallback?: Fallback;
  }>;
  /** Absent where nobody could be asked. A device without one, or with one that is not trusted, answers all the same: neither is a problem. */
  readonly gpu?: {
    readonly available: boolean;
    /** By its self-test: nothing of this precision runs on it. */
    readonly excluded: ReadonlyArray<{ readonly precision: GpuPrecision; readonly verdict: GpuCheck['verdict'] }>;
  };
  readonly problems: readonly ErrorData[];
}

/** Which computation gave an answer. Every answer carries it. */
export interface RunInfo {
  /** Told of each answer, since those for an operator's alias may come from another computer. */
  readonly computed_by: 'device';
  readonly model: ModelId;
  /** Of a model that was made of another: whose weights answered. */
  readonly base?: ModelId;
  readonly revision: RevisionId;
  readonly variant: VariantId;
  readonly dtype: Dtype;
  readonly device: ExecutionDevice;
  readonly build: RuntimeBuild;
  /** WASM threads; 1 without isolation. */
  readonly threads: number;
  /** By name and version. */
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
  /** Pieces that it was cut into, each of which is found for itself. */
  readonly passages: number;
  readonly addedAtMs: number;
  /** Embedded by another model or revision than the one in use: it must be added again to be found. */
  readonly outdated: boolean;
}

export interface SearchHit {
  readonly documentId: string;
  readonly documentName: string;
  /** Of the passage in its document, from 0. */
  readonly index: number;
  readonly text: string;
  /** Cosine similarity, -1 to 1. */
  readonly score: number;
}

/** What the operator of this site wants of every device, by `sill.policy.json`. */
export interface OperatorReport {
  /** Nobody who stands before this device is to change what the operator decides. */
  readonly kiosk: boolean;
  /** What cannot be set on this device. */
  readonly decides: readonly Decided[];
  /** Models that are installed by themselves, as the operator names them. */
  readonly install: readonly string[];
  /** Why the file was not heeded when it was last read. */
  readonly lastError?: ErrorData;
  /** Those of `install` that could not be installed when that was last tried. Tried again by themselves. */
  readonly failed?: ReadonlyArray<{ readonly id: string; readonly error: ErrorData }>;
}

/** Something that every page shows changed. */
export type EngineEvent =
  | { readonly type: 'models' }
  | { readonly type: 'install'; readonly id: ModelId; readonly progress: InstallProgress }
  | { readonly type: 'documents' }
  /** Something went wrong while a model ran, see `events.list`. */
  | { readonly type: 'events' }
  /** Lines were added to the log. */
  | { readonly type: 'log' }
  /** The queue of downloads or its settings. */
  | { readonly type: 'downloads' }
  /** Conversations of these ids, or all of them; `by` is the tab that wrote. */
  | { readonly type: 'conversations'; readonly by?: string | undefined; readonly ids?: readonly string[] }
  /** Results of benchmarks, one that began among them. */
  | { readonly type: 'benchmarks' }
  /** Suites, and what they gave. */
  | { readonly type: 'evaluations' }
  /** Imports of model files, see `imports.list`. */
  | { readonly type: 'imports' }
  | { readonly type: 'import'; readonly id: ModelId; readonly progress: FileImportProgress }
  /** A form is made that a model is to run in and that is not here: absent when that has ended. */
  | { readonly type: 'making'; readonly id: ModelId; readonly progress?: FileImportProgress }
  /** Who keeps the device to what. */
  | { readonly type: 'kiosk' }
  /** What models may take of the memory. */
  | { readonly type: 'memory' }
  /** Pages that embed Sill: a decision about one, what it may, or what it used. */
  | { readonly type: 'guests' }
  /** How a server that answers for an alias fares. */
  | { readonly type: 'upstreams' }
  /** What is offered, a policy, a pin or a trial. */
  | { readonly type: 'updates' };
