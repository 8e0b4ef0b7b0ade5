import { describe, expect, it } from 'vitest';
import { judgeMemory, type MemoryFigures, type Restart, type Watch } from './watchdog.ts';

const MIB = 2 ** 20;

function sessions(figures: (session: number) => MemoryFigures, count: number) {
  let watch: Watch = { sessions: 0 };
  const restarts: Array<readonly [session: number, what: Restart]> = [];
  for (let session = 1; session <= count; session++) {
    const judged = judgeMemory(watch, figures(session));
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

  it('is compared with the first figure of the page that there was', () => {
    const { watch } = sessions((session) => ({ workers: MIB, ...(session === 14 ? { page: 7 } : {}) }), 20);
    expect(watch.base).toEqual({ workers: MIB, page: 7 });
  });
});
