import * as v from 'valibot';
import { judgeMemory, type MemoryFigures, type Restart, type Watch } from '../../core/kiosk/watchdog.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import type { SessionEnd } from '../../protocol/kiosk.ts';
import { SESSION_END_LOCK } from '../../protocol/locks.ts';
import type { Hub } from '../hub.ts';
import type { Preload } from '../sessions/preload.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { eraseTraces, type SessionTrace } from './sessionTraces.ts';

const WATCH_KEY = 'kiosk-watch';
const bytes = v.pipe(v.number(), v.minValue(0));
const WatchSchema = v.object({
  sessions: v.pipe(v.number(), v.integer(), v.minValue(0)),
  base: v.exactOptional(v.object({ workers: bytes, page: v.exactOptional(bytes) })),
  of: v.exactOptional(v.string()),
  since: v.exactOptional(v.number()),
  restartedAfter: v.exactOptional(v.number()),
});

/** Sessions of persons at a kiosk: deleted at their end, and between them memory is looked at. */
export interface KioskSessions {
  /** How many ended. */
  count(): Promise<number>;
  /** @param pageBytes of the page with its workers, where the browser tells @throws SillError `storage_unavailable`: then not everything is gone */
  end(pageBytes: number | undefined): Promise<SessionEnd>;
}

export interface KioskSessionsDeps {
  readonly store: Pick<Store, 'settings' | 'events'>;
  readonly sessions: Sessions;
  readonly preload: Pick<Preload, 'look'>;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
  readonly traces: readonly SessionTrace[];
}

export function createKioskSessions({ store, sessions, preload, locks, clock, hub, traces }: KioskSessionsDeps): KioskSessions {
  const readWatch = async (): Promise<Watch> => {
    const stored = v.safeParse(WatchSchema, await store.settings.get(WATCH_KEY));
    return stored.success ? stored.output : { sessions: 0 };
  };
  const measure = async (pageBytes: number | undefined): Promise<MemoryFigures> => {
    // One that is lost meanwhile takes nothing any more.
    const uses = await Promise.all(sessions.loaded().map(({ session }) => session.model.memory().catch(() => undefined)));
    return {
      workers: uses.reduce((sum, use) => sum + (use?.totalBytes ?? 0), 0),
      ...(pageBytes === undefined ? {} : { page: pageBytes }),
    };
  };
  const inMemory = (): string =>
    sessions
      .loaded()
      .map(({ id, session }) => `${id} ${session.installed.revision} ${session.variant.id}`)
      .sort()
      .join();
  /** Another tab, or a client of the HTTP door, may be in the middle of an answer. */
  const isIdle = () => sessions.states().every(({ underWay, waiting }) => underWay + waiting === 0);

  const note = async (what: Restart, count: number, now: MemoryFigures, base: MemoryFigures | undefined) => {
    const of = (figures: MemoryFigures | undefined) => (what === 'page' ? figures?.page : figures?.workers) ?? 0;
    await store.events
      .add({ type: 'restart', what, atMs: clock.now(), sessions: count, bytes: of(now), baseBytes: of(base) })
      // A log that cannot be written must not cost the next session.
      .catch(() => undefined);
    hub.tell({ type: 'events' });
  };

  return {
    count: async () => (await readWatch()).sessions,
    end: (pageBytes) =>
      locks.hold(SESSION_END_LOCK, async () => {
        await eraseTraces(traces);
        const memory = await measure(pageBytes);
        const { watch, restart } = judgeMemory(await readWatch(), memory, inMemory());
        const held = restart !== undefined && !isIdle();
        // Put off: the next session looks again.
        const { restartedAfter: _, ...unrestarted } = watch;
        await store.settings.set(WATCH_KEY, held ? unrestarted : watch);
        if (restart === undefined || held) return { sessions: watch.sessions, memory };
        await note(restart, watch.sessions, memory, watch.base);
        if (restart === 'worker') {
          for (const { id } of sessions.loaded()) sessions.unload(id);
          preload.look();
        }
        return { sessions: watch.sessions, memory, restart };
      }),
  };
}
