import type { ModelId } from '../core/ids.ts';
import type { ModelSummary } from './modelReports.ts';

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
