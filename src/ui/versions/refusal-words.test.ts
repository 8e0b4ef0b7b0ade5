import { describe, expect, it } from 'vitest';
import { judge } from '../../core/assertions.ts';
import { SillError } from '../../core/errors.ts';
import { type GateReason, refusalFor } from '../../core/gateReason.ts';
import { assertionWords, refusalWords } from './refusal-words.ts';

const failed = judge({ type: 'contains', value: 'Paris' }, { text: 'Rome' }, '', { matches: () => false, checkSchema: () => undefined });
const error = new SillError('runtime_failed', 'The graph has no input.').toData();

/** One of each code. */
const REASONS: readonly GateReason[] = [
  { code: 'error', error },
  { code: 'timeout', seconds: 600 },
  { code: 'page-ended', times: 3 },
  { code: 'no-token' },
  { code: 'scores-no-numbers' },
  { code: 'vectors-no-numbers' },
  { code: 'same-vector' },
  { code: 'hears-nothing' },
  { code: 'cases-failed', count: 2, total: 8, first: 'capital', failed },
  { code: 'lower-score', candidate: 0.5, active: 0.875 },
  { code: 'fewer-tokens', candidate: 3.21, active: 9.87 },
  { code: 'longer', candidate: 2400, active: 310 },
];

describe('why a version was refused', () => {
  it('is worded from data, with its figures', () => {
    expect(REASONS.map((why) => refusalWords(refusalFor(why)))).toEqual([
      'The model could not be run.',
      'It was not through with its test after 10 min 0 sec.',
      'The page ended 3 times while this version was tested.',
      'It gave no token.',
      'Its scores are no numbers.',
      'Its vectors are no numbers.',
      'It gives texts of different meaning the same vector.',
      'It hears nothing in a clear recording.',
      'It failed 2 of 8 cases, the first being “capital”: “Rome” does not contain “Paris”.',
      'It scores 0.50 where the running version scores 0.88.',
      'It writes 3.2 tokens a second where the running version writes 9.9.',
      'It takes 2.4 sec for what the running version does in 310 ms.',
    ]);
  });

  it('is text already where an earlier version of the app has stored it', () => {
    expect(refusalWords({ reason: 'It crashed.' })).toBe('It crashed.');
    expect(assertionWords({ type: 'contains', pass: false, weight: 1, reason: '"a cat" does not contain "dog"' })).toBe(
      '"a cat" does not contain "dog"',
    );
  });

  it('is told to scripts in English beside the data', () => {
    expect(refusalFor({ code: 'error', error }).reason).toBe('The graph has no input.');
    expect(refusalFor({ code: 'lower-score', candidate: 0.5, active: 0.9 }).reason).toBe(
      'It scores 0.50 where the running version scores 0.90.',
    );
  });
});
