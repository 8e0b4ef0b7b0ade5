import { type ErrorDetails, SillError } from '../errors.ts';

const INVALID = {
  damaged: 'it is damaged',
  escaping_path: 'it names a file outside of itself',
  foreign_volume: 'its parts belong to different bundles',
  inconsistent: 'its lists contradict each other',
  missing_blob: 'a piece that it lists is not in it',
  missing_volume: 'a part of it was not given',
  newer_format: 'it was made by a later version of Sill',
  not_a_bundle: 'it is no bundle of models',
  not_a_file: 'it holds a link, a folder or a device',
  out_of_order: 'its pieces were put into another order',
  too_large: 'a list in it is larger than such a list can be',
  truncated: 'its end is missing',
  unlisted_blob: 'it holds something that it does not list',
  unreadable: 'it can no longer be read from where it lies',
  wrong_digest: 'a piece of it is not what it should be',
  wrong_size: 'a piece of it is longer or shorter than it should be',
} as const;

const UNTRUSTED = {
  another_publisher: 'it comes from another publisher than the one that this device trusts',
  bad_signature: 'it does not carry enough valid signatures',
  older_than_app: 'it was signed before this app was built, and the app no longer accepts what was signed then',
  superseded: 'it is older than what this device has seen since, and its publisher no longer offers what is in it',
  unlisted: 'its publisher did not sign this model',
  unsigned: 'nobody signed it',
} as const;

/** What is wrong with the file: `details.fault` of `invalid_bundle`. */
export type InvalidFault = keyof typeof INVALID;
/** Why its content is not believed: `details.fault` of `untrusted_bundle`. */
export type UntrustedFault = keyof typeof UNTRUSTED;

const ADVICE = 'Nothing was changed and installed models keep working.';

export function invalidBundle(fault: InvalidFault, details: ErrorDetails = {}, cause?: unknown): SillError {
  return new SillError('invalid_bundle', `This file was not taken: ${INVALID[fault]}. ${ADVICE} Copy it again, or ask for a new one.`, {
    details: { ...details, fault },
    cause,
  });
}

export function untrustedBundle(fault: UntrustedFault, details: ErrorDetails = {}, cause?: unknown): SillError {
  return new SillError('untrusted_bundle', `This file was not taken: ${UNTRUSTED[fault]}. ${ADVICE} Ask the publisher for a new one.`, {
    details: { ...details, fault },
    cause,
  });
}
