import { type ErrorDetails, SillError } from './errors.ts';

/** What leaves the device in a file of its own, and comes back in by one. */
export const CARRIED_KINDS = ['results', 'runs', 'suite', 'conversations'] as const;
export type CarriedKind = (typeof CARRIED_KINDS)[number];

/** `foreign`: it was never one of these. `version`: another version of the app wrote it. */
export const CARRIED_FAULTS = ['damaged', 'foreign', 'version', 'too_large'] as const;
export type CarriedFault = (typeof CARRIED_FAULTS)[number];

/** A file that cannot be taken. What kind it was to be, and what is wrong, stand in the details, so that a person is told in their language. */
export const unreadableFile = (
  kind: CarriedKind,
  fault: CarriedFault,
  message: string,
  { details, cause }: { readonly details?: ErrorDetails; readonly cause?: unknown } = {},
): SillError => new SillError('invalid_request', message, { details: { ...details, file: kind, fault }, cause });

/** A text that is no JSON: what began as one was cut off or damaged. */
export const faultOfText = (text: string): CarriedFault => (/^\uFEFF?\s*[[{]/.test(text) ? 'damaged' : 'foreign');
