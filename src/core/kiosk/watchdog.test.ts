import { describe, expect, it } from 'vitest';
import { judgeMemory, type MemoryFigures, type Restart, type Watch } from './watchdog.ts';

const MIB = 2 ** 20;

function sessions(figures: (session: number) => MemoryFigures, count: number, of: (session: number) => string = () => 'a') {
  let watch: Watch = { sessions: 0 };
  const restarts: Array<readonly [session: number, what: Restart]> = [];
  for (let session = 1; session <= count; session++) {
    const judged = judgeMemory(watch, figures(session), of(session));
    watch = judged.watch;
    if (judged.restart) restarts.push([session, judged.restart]);
  }
  return { watch, restarts };
}

describe('memory between sessions', () => {
  it('that goes up and down is let be', () => {
    const { restarts, watch } = sessions((session) => ({ workers: (100 + (session % 7) * 6) * MIB }), 500);
    expect(restarts).toEqual([]);
    expect(watch.sessions).toBe(500);
  });

  it('that grows past the bound of the tenth session is given back by ending the worker', () => {
    let leaked = 0;
    const { restarts } = sessions(() => {
      leaked += MIB;
      return { workers: 100 * MIB + leaked };
    }, 60);
    expect(restarts[0]).toEqual([59, 'worker']);
  });

  it('of the page is given back by loading it anew', () => {
    const { restarts } = sessions((session) => ({ workers: MIB, ...(session > 9 ? { page: session * 10 * MIB } : {}) }), 30);
    expect(restarts[0]?.[1]).toBe('page');
  });

  it('that a restart did not give back is not chased after each session', () => {
    const { restarts } = sessions((session) => ({ workers: (session > 10 ? 500 : 100) * MIB }), 60);
    expect(restarts.map(([session]) => session)).toEqual([11, 31, 51]);
  });

  it('of another model is compared with that model', () => {
    const of = (session: number) => (session % 50 === 7 ? '' : session > 100 ? 'larger' : 'a');
    const figures = (session: number) => ({ workers: (of(session) === 'larger' ? 900 : of(session) === 'a' ? 100 : 0) * MIB });
    const { restarts, watch } = sessions(figures, 200, of);
    expect(restarts).toEqual([]);
    expect(watch).toMatchObject({ sessions: 200, base: { workers: 900 * MIB } });
  });

  it('is compared with the first figure of the page that there was', () => {
    const { watch } = sessions((session) => ({ workers: MIB, ...(session === 14 ? { page: 7 } : {}) }), 20);
    expect(watch.base).toEqual({ workers: MIB, page: 7 });
  });
});
