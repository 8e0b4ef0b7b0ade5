import type { ErrorData } from '../core/errors.ts';
import type { VariantFit } from '../core/fit.ts';
import type { GateResult } from '../core/gate.ts';
import type { Digest, ModelId, RevisionId } from '../core/ids.ts';
import type { Task } from '../core/tasks.ts';

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
  /** Of the app's own runtime, what these models need and this device lacks: it comes from the site and not with a bundle. */
  readonly runtimeMissingBytes: number;
  /** Models that the newest list speaks against. */
  readonly refused: ReadonlyArray<{ readonly id: ModelId; readonly revision: RevisionId; readonly error: ErrorData }>;
}

export type ImportProgress =
  | {
      readonly phase: 'reading';
      readonly readBytes: number;
      readonly totalBytes: number;
      readonly bytesPerSecond?: number;
      readonly secondsLeft?: number;
      /** The file or the disk brought nothing on for some seconds. */
      readonly waiting?: true;
    }
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

/** One file of a bundle. */
export interface BundleFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly blob: Blob;
}
