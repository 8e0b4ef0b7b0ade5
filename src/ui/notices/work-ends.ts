import type { ModelSummary } from '../../protocol/modelReports.ts';

/** Of a model, as far as it tells of the end of work on it. */
export interface Seen {
  readonly state: ModelSummary['state'];
  readonly revision?: string | undefined;
  /** By its code: why an install stopped. */
  readonly error?: string | undefined;
}

export const seenOf = ({ state, installed, error }: ModelSummary): Seen => ({ state, revision: installed?.revision, error: error?.code });

/**
 * What ended between two looks at a model. One that was never seen before was brought in meanwhile, where it is installed; a person who paused or
 * gave up knows of it.
 */
export function ended(before: Seen | undefined, now: Seen): 'installed' | 'changed' | 'failed' | undefined {
  if (now.revision !== undefined && before?.revision === undefined) return 'installed';
  if (now.revision !== undefined && now.revision !== before?.revision) return 'changed';
  const isFailed = now.state === 'unfinished' && now.error !== undefined && now.error !== 'aborted';
  return isFailed && before?.state === 'installing' ? 'failed' : undefined;
}
