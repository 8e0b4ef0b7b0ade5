import type { ErrorData } from '../core/errors.ts';
import type { Digest, ModelId, RevisionId } from '../core/ids.ts';

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
  /** Something is left because the connection costs, and nobody has said yet that it may. */
  readonly waiting?: 'metered';
}
