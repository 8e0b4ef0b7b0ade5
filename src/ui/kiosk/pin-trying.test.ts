import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { PinTrying } from './pin-trying.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Draws at once. */
function trying() {
  let drawn = 0;
  const controllers: ReactiveController[] = [];
  const host: ReactiveControllerHost = {
    addController: (controller) => void controllers.push(controller),
    removeController: () => undefined,
    requestUpdate() {
      drawn += 1;
      for (const controller of controllers) controller.hostUpdated?.();
    },
    updateComplete: Promise.resolve(true),
  };
  return { pin: new PinTrying(host), drawn: () => drawn };
}
const refused = (reason: string, retryAfterMs: number) => async () => {
  throw new SillError('forbidden', 'The PIN is not right.', { details: { reason, retryAfterMs } });
};

it('a wrong PIN is called wrong, and the wait for the next try is counted down and held to', async () => {
  const { pin, drawn } = trying();
  await pin.try(refused('wrong-pin', 0));
  expect(pin.problem).toBe('The PIN is not right.');
  expect(pin.waitSeconds).toBe(0);

  await pin.try(refused('wrong-pin', 5000));
  expect(pin.problem).toContain('costs twice the time');
  expect(pin.waitSeconds).toBe(5);
  const unlock = vi.fn(async () => undefined);
  await pin.try(unlock);
  expect(unlock).not.toHaveBeenCalled();

  const before = drawn();
  vi.advanceTimersByTime(3000);
  expect(drawn() - before).toBe(3);
  expect(pin.waitSeconds).toBe(2);
  vi.advanceTimersByTime(2000);
  await pin.try(unlock);
  expect(unlock).toHaveBeenCalledOnce();
  expect(pin.problem).toBe('');
  // Nothing is counted any more.
  expect(vi.getTimerCount()).toBe(0);
});

it('a try that comes too early, and a device without a PIN, are told as what they are', async () => {
  const { pin } = trying();
  await pin.try(refused('too-early', 4000));
  expect(pin.problem).toContain('Too many wrong PINs');
  expect(pin.waitSeconds).toBe(4);
  pin.wait(0);
  await pin.try(refused('no-pin', 0));
  expect(pin.problem).toContain('without a PIN');
});
