import type { Page } from '@playwright/test';
import * as v from 'valibot';

/** Later than this, a frame at 60 a second was left out. */
const LATE_MS = 25;

const DurationsSchema = v.array(v.number());

/**
 * Longest of the events that an interaction was made of, and of the tasks that it set off, in milliseconds; and how long `act` took, which ends with what
 * a person waits for.
 */
export async function timed(page: Page, act: () => Promise<unknown>): Promise<{ readonly ms: number; readonly untilMs: number }> {
  await page.evaluate(() => {
    const durations: number[] = [];
    const observer = new PerformanceObserver((list) => durations.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    // What comes later, as thousands of results from the engine, holds up whatever is done next.
    observer.observe({ type: 'longtask' });
    Object.assign(globalThis, { benchDurations: durations, benchObserver: observer });
  });
  const startMs = performance.now();
  await act();
  const untilMs = performance.now() - startMs;
  // Until what it set off is drawn, and told.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300))));
  const durations = await page.evaluate(() => {
    Reflect.get(globalThis, 'benchObserver').disconnect();
    return Reflect.get(globalThis, 'benchDurations');
  });
  return { ms: Math.max(0, ...v.parse(DurationsSchema, durations)), untilMs };
}

/** Share of the frames that were left out while the wheel turned. */
export async function droppedWhile(
  page: Page,
  act: () => Promise<unknown>,
): Promise<{ readonly frames: number; readonly dropped: number }> {
  await page.evaluate(() => {
    // A method, because the TypeScript loader wraps named functions in a call of its own helper, which the page lacks.
    const watch = {
      frames: [0].slice(1),
      isOn: true,
      look(atMs: number): void {
        watch.frames.push(atMs);
        if (watch.isOn) requestAnimationFrame(watch.look);
      },
    };
    requestAnimationFrame(watch.look);
    Object.assign(globalThis, { benchWatch: watch });
  });
  await act();
  const frames = v.parse(
    DurationsSchema,
    await page.evaluate(() => {
      const watch = Reflect.get(globalThis, 'benchWatch');
      watch.isOn = false;
      return watch.frames;
    }),
  );
  const gaps = frames.slice(1).map((at, i) => at - (frames[i] ?? at));
  const dropped = gaps.filter((gap) => gap > LATE_MS).reduce((sum, gap) => sum + Math.round(gap / (1000 / 60)) - 1, 0);
  return { frames: gaps.length, dropped: dropped / Math.max(1, gaps.length + dropped) };
}
