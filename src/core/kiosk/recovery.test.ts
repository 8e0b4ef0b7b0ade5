import { describe, expect, it } from 'vitest';
import { faultOf, type KioskView, lookAfterMs, reasonOf, remedyOf } from './recovery.ts';

const WELL: KioskView = { erased: false, installed: true, damaged: false, empty: false, fetching: false, lost: false, policyError: false };

describe('a kiosk that cannot do its task', () => {
  it.each<[string | undefined, Partial<KioskView>]>([
    [undefined, {}],
    [undefined, { policyError: true }],
    [undefined, { answerError: 'context_length_exceeded' }],
    ['E1', { error: 'worker_lost' }],
    ['S1', { error: 'storage_unavailable', installed: false }],
    ['S2', { erased: true, installed: false }],
    ['S2', { installed: false, lost: true }],
    ['M1', { installed: false, lost: true, fetching: true }],
    ['M2', { installed: false }],
    ['P1', { installed: false, policyError: true }],
    ['M2', { installed: false, installError: 'quota_exceeded' }],
    ['M3', { damaged: true }],
    ['M3', { answerError: 'installation_damaged' }],
    ['M4', { answerError: 'crash_loop' }],
    ['M4', { answerError: 'out_of_memory' }],
    ['M4', { answerError: 'out_of_memory', empty: true }],
    ['D1', { empty: true }],
    ['M2', { empty: true, installed: false }],
  ])('says %s', (code, change) => {
    expect(faultOf({ ...WELL, ...change })).toBe(code);
  });

  it('tells whoever is called why the model could not be installed, where it is missing', () => {
    expect(reasonOf({ ...WELL, installed: false, installError: 'quota_exceeded' })).toBe('quota_exceeded');
    expect(reasonOf({ ...WELL, installError: 'quota_exceeded' })).toBeUndefined();
    expect(reasonOf({ ...WELL, installed: false, fetching: true, installError: 'quota_exceeded' })).toBeUndefined();
    expect(reasonOf({ ...WELL, answerError: 'crash_loop' })).toBe('crash_loop');
  });

  it('looks again sooner at first, and never less often than each minute', () => {
    expect([0, 1, 2, 3].map(lookAfterMs)).toEqual([2000, 4000, 8000, 16_000]);
    expect(lookAfterMs(1e9)).toBe(60_000);
  });

  it('loads its page anew only where the engine or storage failed, and not at once', () => {
    expect(remedyOf('E1', 0)).toBe('look');
    expect(remedyOf('E1', 2)).toBe('reload');
    expect(remedyOf('M1', 9)).toBe('look');
  });
});
