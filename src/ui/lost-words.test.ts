import { describe, expect, it } from 'vitest';
import { type ErrorData, SillError } from '../core/errors.ts';
import { lostPart } from '../core/lostPart.ts';
import { errorWords } from './errors.ts';

const wordsOf = (details: ErrorData['details']) => {
  const { title, advice } = errorWords(new SillError('worker_lost', 'It stopped.', details ? { details } : {}).toData());
  return `${title}. ${advice}`;
};

describe('a person who lost something', () => {
  it('reads of memory only where it was a model that the browser took away', () => {
    expect(wordsOf({ reason: 'it was ended' })).toContain('too much memory');
    expect(wordsOf(undefined)).toContain('too much memory');
    for (const part of ['engine', 'script', 'stopped', 'download', 'forge', 'tab'] as const) {
      expect(wordsOf({ reason: 'RangeError', ...lostPart(part) })).not.toMatch(/memory|by the browser/);
    }
  });

  it('is told to reload a page whose engine does not start', () => {
    expect(wordsOf({ reason: 'its script could not be loaded', ...lostPart('engine') })).toContain('Reload this page');
  });

  it('is told to look first, where what was asked for must not be done twice', () => {
    expect(wordsOf({ method: 'documents.add' })).toContain('Look whether it was done');
  });
});
