import { expect, test } from 'vitest';
import type { ErrorCode, ErrorDetails } from '../../core/errors.ts';
import { errorWords } from '../errors.ts';

const wordsOf = (code: ErrorCode, details: ErrorDetails = {}) => {
  const { title, advice } = errorWords({ code, message: '', details });
  return `${title}. ${advice}`;
};

/** What the code alone says is of models that a publisher offers. */
test.each([
  ['revision_refused', { reason: 'too_much_lost' }, 'nothing of it was kept', 'publisher'],
  ['busy', { import: 'running' }, 'Another model file', 'The model is busy'],
  ['source_not_allowed', { reason: 'other_site' }, 'choose it here', 'sources that are listed'],
  ['quota_exceeded', { nothingKept: true }, 'Nothing of it was kept', 'is kept'],
  ['out_of_memory', { nothingKept: true }, 'Nothing of it was kept', 'is kept'],
  ['runtime_failed', { nothingKept: true }, 'Nothing of it was kept', 'verify the model'],
  ['device_lost', { nothingKept: false }, 'go on with it', 'Models, the model, Run on'],
  ['chunk_unavailable', { reason: 'address' }, 'Check the address', 'is kept'],
  ['network_unavailable', { reason: 'address' }, 'given up', 'is kept'],
  ['invalid_request', { reason: 'several' }, 'one model at a time', 'Download it again'],
] as const)('an import that fails (%s) is told of as an import', (code, details, said, unsaid) => {
  expect(wordsOf(code, details)).toContain(said);
  expect(wordsOf(code, details)).not.toContain(unsaid);
  expect(wordsOf(code)).not.toContain(said);
});
