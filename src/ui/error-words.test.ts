import { describe, expect, it } from 'vitest';
import { CARRIED_FAULTS, CARRIED_KINDS, unreadableFile } from '../core/carriedFile.ts';
import type { ErrorData } from '../core/errors.ts';
import { errorWords } from './errors.ts';

const wordsOf = (error: ErrorData): string => Object.values(errorWords(error)).join(' ');

describe('a file that cannot be taken', () => {
  it.each(CARRIED_KINDS.flatMap((kind) => CARRIED_FAULTS.map((fault) => [kind, fault] as const)))(
    'of %s, for it is %s, is told as a file of which nothing was taken, and not as a setting',
    (kind, fault) => {
      const words = wordsOf(unreadableFile(kind, fault, 'Why.').toData());
      expect(words).toMatch(/^(This file|Another version of the app wrote this file)/);
      expect(words).toContain('Nothing was changed.');
    },
  );
});

describe('a run whose model was removed under it', () => {
  it.each([{ benchmark: 'removed' }, { evaluation: 'removed' }])('says so, with %j', (details) => {
    expect(wordsOf({ code: 'model_not_installed', message: '', details })).toMatch(/^The model was removed while it was/);
  });
});

describe('a full disk', () => {
  const full = (details?: ErrorData['details']) => wordsOf({ code: 'quota_exceeded', message: '', ...(details ? { details } : {}) });

  it('speaks of downloads where something was downloaded, and nowhere else', () => {
    expect(full({ sizeBytes: 5, id: 'tiny' })).toContain('What was downloaded is kept.');
    expect(full({ neededBytes: 5 })).toContain('What was downloaded is kept.');
    for (const other of [full(), full({ evaluation: 'full', done: 2, total: 3 }), full({ nothingKept: true })])
      expect(other).not.toContain('downloaded');
    expect(full({ evaluation: 'full', done: 2, total: 3 })).toContain('let the run go on');
  });
});
