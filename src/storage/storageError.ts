import { SillError, storageErased } from '../core/errors.ts';

const MIB = 1024 * 1024;

const nameOf = (reason: unknown): string => (reason instanceof Error ? reason.name : '');

/** The connection went away under us: worth one fresh connection, then an error. */
export const isConnectionLost = (reason: unknown): boolean => ['InvalidStateError', 'UnknownError'].includes(nameOf(reason));

export const isFull = (reason: unknown): boolean => reason instanceof SillError && reason.code === 'quota_exceeded';

/** Why the database could not be opened, in words for the person. */
export function openError(reason: unknown): SillError {
  if (reason instanceof SillError) return reason;
  if (nameOf(reason) === 'QuotaExceededError') return quotaExceeded(reason);
  if (nameOf(reason) === 'VersionError') {
    return new SillError(
      'app_outdated',
      'A newer version of Sill has used the storage of this site, and this one does not know its form. Nothing was changed. Reload the page to get the newer version.',
      { cause: reason, details: { reason: 'VersionError' } },
    );
  }
  return unavailable(
    'This browser does not let Sill store anything, which models need. Leave private browsing, or allow this site to store data ' +
      '(cookies and site data) in the browser settings, then reload the page.',
    reason,
  );
}

/** Why reading or writing failed. `neededBytes` is what the caller wanted to store, where it knows. */
export function useError(reason: unknown, neededBytes?: number): SillError {
  if (reason instanceof SillError) return reason;
  if (nameOf(reason) === 'QuotaExceededError') return quotaExceeded(reason, neededBytes);
  return unavailable(
    'The storage of this browser failed. Reload the page and try again; if it goes on, check that the disk is not full and that this ' +
      'site may store data. What was stored before is kept.',
    reason,
  );
}

export const closedByUpgrade = (): SillError =>
  new SillError('app_outdated', 'Sill was updated in another tab and this one runs the old version. Reload this page.');

export const closedByErasing = storageErased;

export const closedByCaller = (): SillError => unavailable('The storage was closed. Reload the page to open it again.', undefined);

function quotaExceeded(cause: unknown, neededBytes?: number): SillError {
  const what = neededBytes === undefined ? 'this' : `${Math.max(1, Math.ceil(neededBytes / MIB))} MiB more`;
  return new SillError(
    'quota_exceeded',
    `There is no room on this device to store ${what}. Free some disk space or remove a model, then try again: what was stored before is kept.`,
    { cause, details: neededBytes === undefined ? {} : { neededBytes } },
  );
}

function unavailable(message: string, cause: unknown): SillError {
  const reason = nameOf(cause);
  return new SillError('storage_unavailable', message, { cause, details: reason ? { reason } : {} });
}
