/** In the origin's private file system: what a worker writes there before it is stored. Nothing of it is worth keeping once the worker is gone. */
export const SPOOL_FOLDER = 'sill-spool';
