import { type ErrorDetails, SillError } from '../errors.ts';

export const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;
/** A top-level role of the TUF specification. */
export type Role = (typeof ROLES)[number];

const WORDS = {
  another_root: 'it hangs on another root of trust than the one that this device trusts',
  bad_signature: 'it does not carry enough valid signatures of different keys',
  below_floor: 'it is older than what this version of the app was shipped with',
  endless_data: 'the answer is larger than such a file can be',
  escaping_path: 'it names a file outside of its folder',
  fast_forward: 'this device has seen numbers so much higher that somebody must have driven them up: the keys have to be replaced',
  malformed: 'it is not metadata that this version of Sill can read',
  mix_and_match: 'its parts do not belong together',
  rollback: 'it is older than what this device has already seen',
  root_skipped: 'a root of trust does not follow the one before it',
  unknown_target: 'it does not name this model',
  unsigned: 'it carries no signature at all',
  wrong_hash: 'its content is not what was signed',
  wrong_key: 'no key that this device trusts for it has signed it',
  wrong_length: 'its length is not what was signed',
  wrong_role: 'it is a signed file of another kind',
} as const;

/** What was tried, or happened, in the terms of the TUF specification where it has one: `details.attack` of the error. */
export type Attack = keyof typeof WORDS;

const ADVICE = 'Nothing was changed and installed models keep working. If it goes on, tell the operator of this site.';

/** `untrusted_catalog` with the attack and the file in its details. */
export function refusal(attack: Attack, file: string, details: ErrorDetails = {}): SillError {
  return new SillError('untrusted_catalog', `The signed list of models was refused at ${file}: ${WORDS[attack]}. ${ADVICE}`, {
    details: { ...details, attack, file },
  });
}

/** `stale_catalog`: what is signed is no longer (or, by a clock that is wrong, not at all) valid. */
export function expired(role: Role, expiresMs: number): SillError {
  const since = new Date(expiresMs).toISOString();
  return new SillError(
    'stale_catalog',
    `The list of models is out of date: its ${role} metadata expired on ${since}. Installed models keep working, nothing new is ` +
      'accepted. Check the clock of this device; if it is right, ask the operator of this site to sign the list again.',
    { details: { attack: 'freeze', role, expiredAtMs: expiresMs } },
  );
}
