import { msg, str } from '@lit/localize';
import type { InvalidFault, UntrustedFault } from '../../core/bundle/faults.ts';
import type { ErrorData } from '../../core/errors.ts';

interface Words {
  readonly title: string;
  readonly advice: string;
}

const copyAgain = (): string => msg('Nothing was changed. Copy it again, or ask for a new one.');
const askAnew = (): string => msg('Nothing was changed. Ask the publisher of the models for a new one.');
const tampered = (title: string): Words => ({
  title,
  advice: msg('It was damaged or put together by somebody else. Nothing was changed. Ask whoever gave it to you for a new one.'),
});

const INVALID: Readonly<Record<InvalidFault, (details: ErrorData['details']) => Words>> = {
  damaged: () => ({ title: msg('The file is damaged'), advice: copyAgain() }),
  escaping_path: () => tampered(msg('The file wants to write outside of its place')),
  foreign_volume: () => ({
    title: msg('These files do not belong together'),
    advice: msg('Nothing was changed. Choose all parts of one bundle, and of no other.'),
  }),
  inconsistent: () => tampered(msg('The lists in the file contradict each other')),
  missing_blob: () => ({ title: msg('A piece of the file is missing'), advice: copyAgain() }),
  missing_volume: (details) => ({
    title: msg('Not all parts are there'),
    advice: missingWords(details),
  }),
  newer_format: () => ({
    title: msg('The file was made by a later version of Sill'),
    advice: msg('Nothing was changed. Update this app first.'),
  }),
  not_a_bundle: () => ({
    title: msg('This is no file with models'),
    advice: msg('Nothing was changed. Choose a file that was exported from Sill or made by its publisher; its name ends in .tar.'),
  }),
  not_a_file: () => tampered(msg('The file holds links or devices, which no bundle has')),
  out_of_order: () => tampered(msg('The pieces of the file are in the wrong order')),
  too_large: () => tampered(msg('A list in the file is larger than it can be')),
  truncated: () => ({
    title: msg('The end of the file is missing'),
    advice: msg('It was not copied to its end. Nothing was changed. Copy it again.'),
  }),
  unlisted_blob: () => tampered(msg('The file holds something that it does not list')),
  unreadable: () => ({
    title: msg('The file can no longer be read'),
    advice: msg('Nothing was changed. Was the stick pulled out? Put it back and choose the file again.'),
  }),
  wrong_digest: () => ({ title: msg('A piece of the file is not what it should be'), advice: copyAgain() }),
  wrong_size: () => tampered(msg('A piece of the file has the wrong length')),
};

const UNTRUSTED: Readonly<Record<UntrustedFault, () => Words>> = {
  another_publisher: () => ({
    title: msg('The file comes from another publisher'),
    advice: msg('This device trusts only the publisher of this app. Nothing was changed. If you did not expect this, tell the operator.'),
  }),
  bad_signature: () => ({ title: msg('The signature of the file is not valid'), advice: askAnew() }),
  older_than_app: () => ({ title: msg('The file is older than what this app accepts'), advice: askAnew() }),
  superseded: () => ({
    title: msg('The file is out of date'),
    advice: msg('Its publisher no longer offers what is in it. Nothing was changed. Ask for a new one.'),
  }),
  unlisted: () => ({ title: msg('The publisher did not sign this model'), advice: askAnew() }),
  unsigned: () => ({ title: msg('Nobody signed this file'), advice: askAnew() }),
};

function missingWords(details: ErrorData['details']): string {
  const missing = details?.missing;
  const names = Array.isArray(missing) ? missing.join(', ') : '';
  return msg(str`Missing: part ${names} of ${String(details?.count ?? '')}. Nothing was changed. Choose all parts at once, in any order.`);
}

/** Words for `invalid_bundle` by the fault in its details. */
export function invalidBundleWords({ details }: ErrorData): Words {
  const fault = details?.fault;
  return isOf(INVALID, fault) ? INVALID[fault](details) : { title: msg('This file cannot be imported'), advice: copyAgain() };
}

/** Words for `untrusted_bundle` by the fault in its details. */
export function untrustedBundleWords({ details }: ErrorData): Words {
  const fault = details?.fault;
  return isOf(UNTRUSTED, fault) ? UNTRUSTED[fault]() : { title: msg('This file is not trusted'), advice: askAnew() };
}

const isOf = <Table extends object>(table: Table, key: unknown): key is keyof Table => typeof key === 'string' && Object.hasOwn(table, key);
