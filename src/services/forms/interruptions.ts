import type { ErrorCode, SillError } from '../../core/errors.ts';

const INTERRUPTED: ReadonlySet<ErrorCode> = new Set([
  'aborted',
  'worker_lost',
  // A driver that was reset while a form was scored.
  'device_lost',
  'network_unavailable',
  'chunk_unavailable',
  'storage_unavailable',
]);

/** Whether an error says nothing about what is made of: it may go on from where it is. After all others nothing is left behind. */
export const isInterruption = (error: SillError): boolean => INTERRUPTED.has(error.code) || error.details.reason === 'unreadable';
