import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KioskView } from '../../core/kiosk/recovery.ts';
import { KioskHealth } from './kiosk-health.ts';

const WELL: KioskView = { erased: false, installed: true, damaged: false, empty: false, fetching: false, lost: false, policyError: false };
const host = { addController() {}, removeController() {}, requestUpdate() {}, updateComplete: Promise.resolve(true) };
const MINUTE_MS = 60_000;

describe('the health of a kiosk', () => {
  const reload = vi.fn();
  const kept = new Map<string, string>();
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('location', { reload });
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    reload.mockClear();
    kept.clear();
  });

  const begin = async (look: () => Promise<KioskView>): Promise<KioskHealth> => {
    const health = new KioskHealth(host, look);
    health.hostConnected();
    await vi.advanceTimersByTimeAsync(0);
    return health;
  };

  it('is S1 while something of the last person cannot be deleted, however well all else is', async () => {
    const health = await begin(async () => WELL);
    const retry = vi.fn();
    health.failed('quota_exceeded', retry);
    health.look();
    await vi.advanceTimersByTimeAsync(0);
    expect([health.fault, health.reason]).toEqual(['S1', 'quota_exceeded']);
    await vi.advanceTimersByTimeAsync(2000);
    expect(retry).toHaveBeenCalledOnce();
    expect(health.fault).toBe('S1');
    health.deleted();
    await vi.advanceTimersByTimeAsync(0);
    expect(health.fault).toBeUndefined();
  });

  it('loads the page anew when deleting it again did not help, and goes on counting there', async () => {
    const first = await begin(async () => WELL);
    const fail = () => first.failed('storage_unavailable', fail);
    fail();
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(reload).toHaveBeenCalled();
    first.hostDisconnected();
    const triesBefore = Number([...kept.values()][0]);
    const second = await begin(async () => WELL);
    second.failed('storage_unavailable', () => undefined);
    expect(Number([...kept.values()][0])).toBe(triesBefore + 1);
  });

  it('is E1 without an engine, and not at the first look of a page that begins', async () => {
    const health = await begin(async () => ({ ...WELL, error: 'worker_lost' }));
    expect(health.fault).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2000);
    expect(health.fault).toBe('E1');
    health.failed('worker_lost', () => undefined);
    expect(health.fault).toBe('E1');
  });
});
