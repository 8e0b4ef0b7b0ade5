import type { DownloadSettings, DownloadSettingsData } from '../core/downloadSettings.ts';
import type { ErrorData } from '../core/errors.ts';
import type { ModelId, RevisionId, VariantId } from '../core/ids.ts';
import type { DownloadState } from '../core/journal.ts';
import type { InstallProgress } from './modelReports.ts';

export type { DownloadSettings, DownloadSettingsData };

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
  /** Of a model that nobody signed: it has no revision before its bytes are here, and `revision` is a name for this download alone. */
  readonly commit?: string;
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
