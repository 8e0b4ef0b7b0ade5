import type { RuntimeBuild } from '../core/builds.ts';
import type { ErrorData } from '../core/errors.ts';
import type { VariantFit } from '../core/fit.ts';
import type { Fallback } from '../core/forms.ts';
import type { TrialStep } from '../core/gate.ts';
import type { ModelId, RevisionId, VariantId } from '../core/ids.ts';
import type { ExecutionDevice } from '../core/manifest.ts';
import type { Task } from '../core/tasks.ts';
import type { Tier } from '../core/tier.ts';
import type { FileImportProgress } from './importReports.ts';

export type { VariantFit };

export interface InstallProgress {
  /** `transcoding`: what was delivered is rewritten for this device; `trying`: it is tested, an update beside the running revision. */
  readonly phase: 'preparing' | 'queued' | 'downloading' | 'transcoding' | 'activating' | 'trying';
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

export interface ModelSummary {
  readonly id: ModelId;
  readonly name: string;
  readonly description: string;
  readonly task: Task;
  /** How large it is among models, by its parameters. */
  readonly tier: Tier;
  /** Numbers that it consists of. */
  readonly parameters: number;
  /** BCP 47 primary tags, as `en`. */
  readonly languages: readonly string[];
  /** Tokens of prompt and answer together. Absent for models that write no text, and where it is not known. */
  readonly contextLength?: number;
  /**
   * Whether it is spoken to in turns, by a chat template; one that is not goes on with a text. Absent for models that write no text, and where only
   * files can tell that are not on this device.
   */
  readonly holdsConversations?: boolean;
  readonly licence: { readonly spdx: string; readonly text: string };
  /** Where its weights come from, in words. */
  readonly provenance: string;
  /** `first-use`: nobody signed it; this device recorded its files when it saw them first, and accepts no others. `brought`: a person imported it from a file. */
  readonly trust: 'signed' | 'first-use' | 'brought';
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
    /** What runs was made here of what was delivered: how it came out is in `imports.list`. */
    readonly made?: true;
  };
  /** What it is to run in is made here just now, because it was given up, lost, or made in another way before: it answers when that is done. */
  readonly making?: FileImportProgress;
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
    /** What it takes in memory, in bytes: see `memory`. */
    readonly size: number;
    /** Why it does not run as its variant was made to. */
    readonly fallback?: Fallback;
  };
  /**
   * Of a model that was made here from another: `base` has its weights, `from` stands in its Modelfile. It holds nothing of its own, so that `installed`
   * is absent, and `state` is that of its base: it answers while that says `installed`.
   */
  readonly derived?: { readonly base: ModelId; readonly from: ModelId; readonly changedAtMs: number };
  /** Where a person wants it to run; absent: as it is chosen. */
  readonly place?: ExecutionDevice;
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
