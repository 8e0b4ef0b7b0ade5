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
}

/** A model as its server describes it. None of its weights has been fetched. */
export interface FoundModel {
  readonly source: SourceSummary;
  /** The revision that was asked for is this commit now, and only this one is installed. */
  readonly commit: string;
  readonly summary: ModelSummary;
}
