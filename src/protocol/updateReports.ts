import type { ErrorData } from '../core/errors.ts';
import type { GateResult, TrialStep } from '../core/gate.ts';
import type { Refusal } from '../core/gateReason.ts';
import type { ModelId, RevisionId, VariantId } from '../core/ids.ts';
import type { RevisionDiff } from '../core/revisionDiff.ts';
import type { HistoryEntry } from '../core/slots.ts';
import type { UpdatePolicy, UpdatePolicyData, WaitReason } from '../core/updatePolicy.ts';
import type { Withheld } from '../core/updates.ts';

export type { GateResult, HistoryEntry, RevisionDiff, TrialStep, UpdatePolicy, UpdatePolicyData, WaitReason, Withheld };

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
  readonly quarantined?: Refusal;
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
