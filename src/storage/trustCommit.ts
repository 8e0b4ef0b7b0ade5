import { SillError } from '../core/errors.ts';
import { goesForward, sameVersions, type TrustState, type TrustVersions } from '../core/trust.ts';

/**
 * Whether a commit may replace what is stored. Asked inside the transaction: another tab may have been here.
 * @throws SillError `untrusted_catalog` for versions that go back, whoever computed them
 */
export function mayCommit(stored: TrustState | undefined, next: TrustState, expected: TrustVersions | undefined): boolean {
  if (!sameVersions(stored?.versions, expected)) return false;
  if (goesForward(stored?.versions, next.versions)) return true;
  throw new SillError(
    'untrusted_catalog',
    'A list of models older than the stored one was not accepted. Nothing was changed and installed models keep working.',
    { details: { attack: 'rollback' } },
  );
}
