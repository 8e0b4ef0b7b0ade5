import { beforeEach, describe, expect, it } from 'vitest';
import { waitAfter } from '../../core/kiosk/backOff.ts';
import { PIN_ITERATIONS, pinHashOf } from '../../core/kiosk/pin.ts';
import { parsePolicy } from '../../core/policy.ts';
import { createPins } from '../../platform/pins.ts';
import type { Pins } from '../../ports/pins.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { createHub } from '../hub.ts';
import { createFakeLocks } from '../testing/storeFixture.ts';
import { createKiosk } from './kiosk.ts';

const CHAT = { task: 'chat' } as const;
const MINUTE_MS = 60_000;

let store: Store;
let wallMs: number;
let runMs: number;
/** The real derivation takes a third of a second: here it is told how often it was asked. */
let derived: number;
const pins: Pins = {
  async derive(pin, salt) {
    derived += 1;
    return Uint8Array.from({ length: 32 }, (_, i) => (pin.charCodeAt(i % pin.length) + (salt[i % salt.length] ?? 0)) % 256);
  },
  salt: () => new Uint8Array(16).fill(7),
};

beforeEach(() => {
  store = createMemoryStore();
  wallMs = Date.UTC(2026, 10, 26);
  runMs = 0;
  derived = 0;
});

/** An engine that has just started. */
function start() {
  runMs = 0;
  const clock = { now: () => wallMs, monotonicMs: () => runMs };
  const hub = createHub({ send: () => undefined, listen: () => undefined }, clock);
  const kiosk = createKiosk({ settings: store.settings, pins, locks: createFakeLocks(), clock, hub });
  const say = async (kioskOf: unknown) => {
    const { kiosk: isKiosk, held, devices } = parsePolicy({ schema: 1, kiosk: kioskOf });
    await store.settings.set('operator-rules', { kiosk: isKiosk, ...(held ? { held } : {}), devices });
    hub.tell({ type: 'kiosk' });
  };
  return { kiosk, say };
}
const wrong = (kiosk: ReturnType<typeof start>['kiosk'], pin = '0000') => kiosk.unlock(pin).catch((error) => error.details);

describe('a device that was locked with a PIN', () => {
  it('is open to the staff until they went away, and locked again by each start', async () => {
    const { kiosk } = start();
    await kiosk.assertOpen();
    await kiosk.lock('setting', CHAT, '2580');
    await expect(kiosk.assertOpen()).rejects.toMatchObject({ code: 'forbidden', details: { reason: 'locked' } });
    await kiosk.unlock('2580');
    await kiosk.assertOpen();
    runMs += 11 * MINUTE_MS;
    await expect(kiosk.assertOpen()).rejects.toMatchObject({ code: 'forbidden' });
    await kiosk.unlock('2580');
    // Asleep for the night, in which the other clock stands still.
    wallMs += 8 * 60 * MINUTE_MS;
    expect(await kiosk.report()).toMatchObject({ locked: true });
    await kiosk.unlock('2580');
    const next = start();
    expect(await next.kiosk.report()).toMatchObject({ locked: true, by: 'setting', screen: CHAT, hasPin: true });
    await next.kiosk.unlock('2580');
    await next.kiosk.leave();
    expect(await start().kiosk.report()).toMatchObject({ locked: false });
  });

  it('is locked again ten minutes after the staff did something, whatever pages asked for by themselves meanwhile', async () => {
    const { kiosk } = start();
    const pass = (): void => {
      runMs += 6 * MINUTE_MS;
      wallMs += 6 * MINUTE_MS;
    };
    await kiosk.lock('setting', CHAT, '2580');
    await kiosk.unlock('2580');
    pass();
    await kiosk.assertOpen();
    pass();
    await kiosk.assertOpen('page');
    pass();
    await expect(kiosk.assertOpen('page')).rejects.toMatchObject({ details: { reason: 'locked' } });
  });

  it('keeps its PIN to itself', async () => {
    const { kiosk } = start();
    await kiosk.lock('setting', CHAT, '2580');
    const kept = JSON.stringify([await store.settings.get('kiosk-pin'), await store.settings.get('kiosk-lock')]);
    expect(kept).not.toContain('2580');
    expect(JSON.stringify(await kiosk.report())).not.toContain('2580');
  });

  it('makes of one what the operator writes into the file, and is opened by it from there', async () => {
    const { kiosk, say } = start();
    const pin = await kiosk.pinHash('lighthouse-9');
    expect(pin).not.toContain('lighthouse');
    expect(await kiosk.report()).toMatchObject({ locked: false, hasPin: false });
    await say({ task: 'chat', pin });
    expect(await wrong(kiosk)).toMatchObject({ reason: 'wrong-pin' });
    await kiosk.unlock('lighthouse-9');
    await kiosk.assertOpen();
  });

  it('answers wrong ones ever more slowly, over reloads and whatever its clock says', async () => {
    let { kiosk } = start();
    await kiosk.lock('setting', CHAT, '2580');
    derived = 0;
    for (let failure = 1; failure <= 3; failure++)
      expect(await wrong(kiosk)).toEqual({ reason: 'wrong-pin', retryAfterMs: waitAfter(failure) });
    expect(await wrong(kiosk, '2580')).toEqual({ reason: 'too-early', retryAfterMs: 5000 });
    expect(derived).toBe(3);

    for (const shiftMs of [-365 * 24 * 60 * MINUTE_MS, 365 * 24 * 60 * MINUTE_MS]) {
      wallMs += shiftMs;
      expect(await wrong(kiosk, '2580')).toEqual({ reason: 'too-early', retryAfterMs: 5000 });
      ({ kiosk } = start());
      expect(await wrong(kiosk, '2580')).toEqual({ reason: 'too-early', retryAfterMs: 5000 });
    }
    runMs += 5000;
    expect(await wrong(kiosk)).toEqual({ reason: 'wrong-pin', retryAfterMs: 10_000 });
    runMs += 10_000;
    await kiosk.unlock('2580');
    await kiosk.relock();
    expect(await wrong(kiosk)).toEqual({ reason: 'wrong-pin', retryAfterMs: 0 });
  });

  it('counts a try that was cut off as a wrong one', async () => {
    const { kiosk } = start();
    await kiosk.lock('setting', CHAT, '2580');
    const ask = pins.derive;
    Object.assign(pins, { derive: () => new Promise(() => undefined) });
    void kiosk.unlock('2580');
    await expect.poll(() => store.settings.get('kiosk-tries')).toBe(1);
    Object.assign(pins, { derive: ask });
    expect(await wrong(start().kiosk, '1111')).toMatchObject({ reason: 'wrong-pin' });
    expect(await store.settings.get('kiosk-tries')).toBe(2);
  });

  it('takes no PIN where the try cannot be written down', async () => {
    const { kiosk } = start();
    await kiosk.lock('setting', CHAT, '2580');
    derived = 0;
    const { set } = store.settings;
    Object.assign(store.settings, { set: () => Promise.reject(new Error('full')) });
    await expect(kiosk.unlock('2580')).rejects.toThrow();
    expect(derived).toBe(0);
    Object.assign(store.settings, { set });
  });

  it('is locked again where its database is gone, with the same PIN', async () => {
    const { kiosk } = start();
    await kiosk.lock('setting', CHAT, '2580');
    for (let failure = 0; failure < 4; failure++) await wrong(kiosk);
    const { seal } = await kiosk.report();
    store = createMemoryStore();
    const next = start();
    if (!seal) throw new Error('a locked device has a seal');
    await next.kiosk.restore(seal);
    expect(await next.kiosk.report()).toMatchObject({ locked: true, by: 'setting', screen: CHAT, hasPin: true });
    expect((await wrong(next.kiosk, '2580')).reason).toBe('too-early');
    runMs += MINUTE_MS;
    await next.kiosk.unlock('2580');
    await next.kiosk.leave();
  });

  it('by the operator stays so where its database is gone, until the file is read', async () => {
    const { kiosk, say } = start();
    await say({ task: 'chat' });
    const { seal } = await kiosk.report();
    store = createMemoryStore();
    const next = start();
    if (!seal) throw new Error('a locked device has a seal');
    await next.kiosk.restore(seal);
    expect(await next.kiosk.report()).toMatchObject({ locked: true, by: 'policy', screen: CHAT });
    await next.say(false);
    expect(await next.kiosk.report()).toMatchObject({ locked: false });
  });

  it('whose PIN was forgotten is opened by one that the operator serves', async () => {
    const { kiosk, say } = start();
    await kiosk.lock('setting', CHAT, '2580');
    const salt = new Uint8Array(16).fill(9);
    await say({ pin: pinHashOf({ iterations: PIN_ITERATIONS, salt, hash: await pins.derive('new-one', salt, PIN_ITERATIONS) }) });
    expect(await wrong(kiosk, '2580')).toMatchObject({ reason: 'wrong-pin' });
    await kiosk.unlock('new-one');
    await kiosk.leave();
    expect(await kiosk.report()).toMatchObject({ locked: false, by: 'policy' });
    await say(false);
    expect(await kiosk.report()).toMatchObject({ locked: false, hasPin: true });
  });
});

describe('a device that the operator locked', () => {
  it('without a PIN is opened by the file alone', async () => {
    const { kiosk, say } = start();
    await say(true);
    expect(await wrong(kiosk)).toEqual({ reason: 'no-pin' });
    await expect(kiosk.assertOpen()).rejects.toMatchObject({ code: 'forbidden' });
    await say(false);
    await kiosk.assertOpen();
  });

  it('says what it is for', async () => {
    const { kiosk, say } = start();
    await say({ task: 'chat', instructions: 'Be kind.' });
    expect(await kiosk.report()).toMatchObject({ by: 'policy', screen: { task: 'chat' }, hasPin: false });
    expect(await kiosk.instructions()).toEqual({ locked: true, text: 'Be kind.' });
  });
});

it('a PIN is derived as RFC 8018 says, and slowly enough', async () => {
  const { derive } = createPins(crypto);
  // Of PBKDF2-HMAC-SHA256 test vectors: P = "password", S = "salt", c = 4096.
  const hash = await derive('password', new TextEncoder().encode('salt'), 4096);
  expect(Buffer.from(hash).toString('hex')).toBe('c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a');
});
