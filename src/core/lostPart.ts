/**
 * `details.part` of `worker_lost`: what it was that ended, where it was not a model that the browser took away. Words about memory would send a person the
 * wrong way there.
 */
export type LostPart =
  /** The engine's worker, each time that it was started. */
  | 'engine'
  /** A worker whose script could not be had. */
  | 'script'
  /** A model that did not come to the end of a step in time after it was told to stop. */
  | 'stopped'
  | 'download'
  | 'forge'
  /** The tab through which somebody else answered. */
  | 'tab';

/** For the details of an error. */
export const lostPart = (part: LostPart): { readonly part: LostPart } => ({ part });
