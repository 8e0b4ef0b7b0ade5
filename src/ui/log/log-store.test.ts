import { expect, it } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { type LogEvent, logLine } from '../../core/log.ts';
import type { Sill } from '../../protocol/sill.ts';
import { LogStore } from './log-store.ts';

const LINE: LogEvent = { id: 1, ...logLine({ code: 'engine-started' }, 0) };

/** A device whose log is asked for; it tells of something new each time that it refuses, as one would that writes its refusals down. */
function device() {
  const state = { locked: true, asked: 0 };
  let hear: Parameters<Sill['watch']>[0] = () => undefined;
  const never = (): never => {
    throw new Error('Nobody asks for this.');
  };
  const sill: Pick<Sill, 'watch' | 'log'> = {
    watch(listener) {
      hear = listener;
      return () => undefined;
    },
    log: {
      ...{ list: never, export: never, clear: never, settings: never, setSettings: never },
      async after() {
        state.asked += 1;
        if (!state.locked) return { events: [LINE], count: 1 };
        setTimeout(() => hear({ type: 'log' }));
        throw new SillError('forbidden', 'Locked.', { details: { reason: 'locked' } });
      },
    },
  };
  return { state, sill, tell: (type: 'log' | 'kiosk') => hear({ type }) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

it('a log that is refused while the device is locked is not asked for again until the lock changes', async () => {
  const { state, sill, tell } = device();
  const store = new LogStore(sill);
  store.connect();
  await settled();
  tell('log');
  await settled();
  // The refusal itself told of something new while it was under way: once more, and no more.
  expect(state.asked).toBeLessThanOrEqual(2);
  expect(store.events).toBeUndefined();

  state.locked = false;
  tell('kiosk');
  await settled();
  expect(store.events).toEqual([LINE]);

  state.locked = true;
  tell('kiosk');
  await settled();
  expect(store.events).toBeUndefined();
});
