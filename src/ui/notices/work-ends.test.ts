import { describe, expect, it } from 'vitest';
import { ended, type Seen } from './work-ends.ts';

const installing: Seen = { state: 'installing' };
const installed = (revision: string): Seen => ({ state: 'installed', revision });

describe('the end of work on a model', () => {
  it('is told when it is installed, whether its way here was seen or not', () => {
    expect(ended(installing, installed('a'))).toBe('installed');
    expect(ended({ state: 'available' }, installed('a'))).toBe('installed');
    expect(ended(undefined, installed('a'))).toBe('installed');
  });

  it('is told when another version runs, and not again', () => {
    expect(ended(installed('a'), installed('b'))).toBe('changed');
    expect(ended(installed('b'), installed('b'))).toBeUndefined();
  });

  it('is told when it failed, and not when a person stopped it or it was found so', () => {
    expect(ended(installing, { state: 'unfinished', error: 'network_unavailable' })).toBe('failed');
    expect(ended(installing, { state: 'unfinished', error: 'aborted' })).toBeUndefined();
    expect(ended(installing, { state: 'unfinished' })).toBeUndefined();
    expect(ended(undefined, { state: 'unfinished', error: 'network_unavailable' })).toBeUndefined();
  });

  it('says nothing of what goes or goes on', () => {
    expect(ended(installed('a'), { state: 'available' })).toBeUndefined();
    expect(ended({ state: 'available' }, installing)).toBeUndefined();
  });
});
