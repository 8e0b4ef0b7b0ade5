import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { VisitsController } from './visits-controller.ts';

const IDLE_MS = 60_000;
let page: EventTarget & { visibilityState: string };

beforeEach(() => {
  vi.useFakeTimers();
  page = Object.assign(new EventTarget(), { visibilityState: 'visible', hasFocus: () => false });
  vi.stubGlobal('document', page);
  vi.stubGlobal('getSelection', () => null);
  vi.stubGlobal('navigator', { locks: { request: () => undefined } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A device at which somebody is. */
async function visited() {
  const controllers: ReactiveController[] = [];
  const host: ReactiveControllerHost = {
    addController: (controller) => void controllers.push(controller),
    removeController: () => undefined,
    requestUpdate: () => undefined,
    updateComplete: Promise.resolve(true),
  };
  let deleted = 0;
  const visits = new VisitsController(host, {
    pace: () => ({ idleSeconds: IDLE_MS / 1000 }),
    isBusy: () => false,
    health: () => ({ fault: undefined, deleted: () => undefined, failed: () => undefined }),
    isFresh: () => false,
    endSession: () => async () => {
      deleted += 1;
      return { sessions: deleted, memory: { workers: 0 } };
    },
    onWiped: () => false,
  });
  visits.hostConnected();
  await vi.advanceTimersByTimeAsync(1000);
  visits.step({ type: 'touch' });
  expect(visits.phase).toBe('here');
  return { visits, end: () => visits.hostDisconnected(), deletedSince: () => deleted - 1 };
}

/** The clock of the wall goes on, or is set; timers and the other clock stand still. */
const jump = (ms: number): unknown => vi.setSystemTime(Date.now() + ms);

it('a device that slept in a visit begins with the next person, whose touch does not make it theirs', async () => {
  const { visits, end, deletedSince } = await visited();
  jump(8 * 3_600_000);
  visits.step({ type: 'touch' });
  expect(visits.phase).toBe('wiping');
  await vi.advanceTimersByTimeAsync(1000);
  expect(deletedSince()).toBe(1);
  expect(visits.phase).toBe('attract');
  end();
});

it('it does so as soon as it is looked at again, also where its clock was set back meanwhile', async () => {
  for (const ms of [10 * IDLE_MS, -10 * IDLE_MS]) {
    const { visits, end } = await visited();
    jump(ms);
    page.dispatchEvent(new Event('visibilitychange'));
    expect(visits.phase).toBe('wiping');
    end();
  }
});

it('a short sleep counts as time without a touch', async () => {
  const { visits, end } = await visited();
  jump(IDLE_MS / 2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(visits.phase).toBe('here');
  jump(IDLE_MS / 4);
  await vi.advanceTimersByTimeAsync(1000);
  expect(visits.phase).toBe('warning');
  expect(visits.leftMs).toBeLessThan(IDLE_MS / 4);
  visits.step({ type: 'touch' });
  expect(visits.phase).toBe('here');
  expect(visits.leftMs).toBe(IDLE_MS);
  end();
});
