import { SillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import { admit, type Resident } from '../../core/residency.ts';
import type { Locks } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MemoryUse } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import { loadedLock } from '../../protocol/locks.ts';
import type { Hub } from '../hub.ts';
import type { TakeNote } from '../log/log.ts';
import { createChanges } from './changes.ts';
import { createExpiry, type Expiry } from './expiry.ts';
import { createGuests, type Guests } from './guests.ts';
import type { Ticket } from './lines.ts';
import type { Loading } from './loading.ts';
import type { Memory } from './memory.ts';
import { createRoom, type Waiter } from './room.ts';
import type { Session } from './session.ts';

export interface Obtained {
  readonly session: Session;
  /** Absent when it was in memory. */
  readonly loadMs?: number;
}

/** A model in memory or on its way there, as it is now. */
export interface ResidentState {
  readonly id: ModelId;
  readonly phase: 'waiting' | 'loading' | 'loaded';
  /** Absent until it is loaded. */
  readonly session?: Session;
  readonly use?: MemoryUse;
  /** Measured where it is loaded, expected before. */
  readonly bytes: number;
  /** When it goes if nobody asks for it again; Infinity for never. Absent until it is loaded. */
  readonly expiresAtMs?: number;
}

/** Which models are in memory. */
export interface Residency extends Guests {
  /**
   * The model of a request, loaded if it has to be: once there is room, for which those that are idle are unloaded. A revision that was replaced meanwhile
   * goes when the requests that hold it have ended; a lighter form whose time is over goes when nobody holds it.
   * @throws SillError `model_too_large` | what `Loading.load` throws
   */
  obtain(ticket: Ticket, keepAliveMs: number | undefined): Promise<Obtained>;
  /** Counts a request as holding a session that is still the one in memory. Returns the way to let go of it; undefined where it is not. */
  hold(session: Session): (() => void) | undefined;
  /** To be told after each request, whether it began or not. */
  left(id: ModelId): void;
  /** False while a request that came earlier waits for the memory of this model. */
  mayBegin(ticket: Ticket): boolean;
  /** Whether another model waits for the memory of this one. */
  isAwaited(id: ModelId): boolean;
  drop(session: Session): void;
  /** Whatever it is doing. False where it is not in memory. */
  unload(id: ModelId): Session | undefined;
  /** Another revision is active than the one in memory. */
  isOutdated(id: ModelId, session: Session): Promise<boolean>;
  /** Whether it would be loaded without anybody having to go. */
  hasRoomFor(id: ModelId): Promise<boolean>;
  list(): ResidentState[];
  /** Asks the workers anew what they take. Those that answer grow meanwhile. */
  measure(): void;
  heldBytes(): number;
  /** What requests may take beside a model as it was when it had just started, and beside all others that are in use. */
  roomBytes(session: Session): Promise<number>;
  /** After the settings were changed. */
  refresh(): Promise<void>;
}

interface Entry {
  readonly id: ModelId;
  readonly waiter: Waiter;
  readonly abort: AbortController;
  readonly expiry: Expiry;
  phase: ResidentState['phase'];
  readonly loading: Promise<Session>;
  session?: Session;
  use?: MemoryUse;
  /** Its worker was asked and has not answered yet. */
  isAsked: boolean;
  expectedBytes: number;
  /** What it took before anybody asked it for anything. A heap never shrinks, so later figures say nothing of what is free in it. */
  startedBytes: number;
  /** Requests that hold the session. */
  users: number;
  lastUsedMs: number;
  /** Lets go of the lock that tells other tabs of the session. */
  letGo?: () => void;
}

export interface ResidencyDeps {
  readonly store: Pick<Store, 'models'>;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
  readonly memory: Memory;
  readonly loading: Pick<Loading, 'load' | 'expectedBytes' | 'isDue'>;
  /** A request is under way for it, or waits. */
  readonly isInUse: (id: ModelId) => boolean;
  readonly isWanted: (id: ModelId) => boolean;
  /** Requests that had to wait may begin now. */
  readonly onRoom: () => void;
  /** Absent where no log is kept. */
  readonly note?: TakeNote;
}

export function createResidency(deps: ResidencyDeps): Residency {
  const { store, locks, clock, hub, memory, loading, isInUse, isWanted } = deps;
  const entries = new Map<ModelId, Entry>();
  const wishes = new Map<ModelId, number | undefined>();
  const changes = createChanges();
  const isThere = (entry: Entry) => entries.get(entry.id) === entry;
  const entryOf = (session: Session) => [...entries.values()].find((entry) => entry.session === session);
  const bytesOf = ({ use, expectedBytes }: Entry) => use?.totalBytes ?? expectedBytes;

  const residents = (except?: ModelId): Resident[] =>
    [...entries.values()]
      .filter((entry) => entry.phase !== 'waiting' && entry.id !== except)
      .map((entry) => ({
        id: entry.id,
        bytes: bytesOf(entry),
        inUse: isInUse(entry.id),
        lastUsedMs: entry.lastUsedMs,
        kept: entry.expiry.isNever,
      }));

  const dropEntry = (entry: Entry) => {
    if (!isThere(entry)) return;
    entries.delete(entry.id);
    entry.expiry.stop();
    entry.abort.abort(new SillError('aborted', `${entry.id} was unloaded.`));
    entry.letGo?.();
    if (entry.session) {
      entry.session.model.unload();
      deps.note?.({ code: 'model-unloaded', model: entry.id });
      hub.tell({ type: 'models' });
    }
    changes.tell();
  };
  /** As `dropEntry`, of one that is to be started anew: that one stays as long as this was to. */
  const replace = (entry: Entry) => {
    if (isThere(entry)) wishes.set(entry.id, entry.expiry.wishedMs);
    dropEntry(entry);
  };
  const dropAll = (ids: readonly ModelId[]) => {
    for (const id of ids) {
      const entry = entries.get(id);
      if (entry) dropEntry(entry);
    }
  };

  const room = createRoom({ memory, changes, residents, unload: dropAll, onRoom: deps.onRoom });
  const { idleFor, makeRoom, forget } = createGuests({ memory, residents, unload: dropAll, isThere: (id) => entries.has(id) });

  /** More than it was said to take is found out when it runs: then the idle ones make room for those that run. */
  const trim = async (newest: Entry): Promise<void> => {
    const going = await idleFor(bytesOf(newest), () => residents(newest.id));
    if (isThere(newest)) dropAll(going);
  };

  const measure = async (entry: Entry): Promise<void> => {
    const { session } = entry;
    if (!session || entry.isAsked) return;
    entry.isAsked = true;
    // One that is lost meanwhile takes nothing any more.
    const use = await session.model.memory().catch(() => undefined);
    entry.isAsked = false;
    if (!use || !isThere(entry)) return;
    const before = bytesOf(entry);
    entry.use = use;
    if (use.totalBytes <= before && entry.phase === 'loaded') return;
    await memory.noteUsed(entry.id, session.installed, use.totalBytes);
    await trim(entry);
  };

  const start = async (entry: Entry): Promise<Session> => {
    const { signal } = entry.abort;
    entry.expectedBytes = await loading.expectedBytes(entry.id);
    await room.wait(entry.waiter, entry.expectedBytes, signal, () => {
      entry.phase = 'loading';
    });
    const startedMs = clock.monotonicMs();
    const session = await loading.load(entry.id, signal);
    if (!isThere(entry)) {
      session.model.unload();
      throw new SillError('aborted', `${entry.id} was unloaded while it was loading.`);
    }
    entry.session = session;
    void session.model.lost.then(() => replace(entry));
    const ended = new Promise<void>((resolve) => {
      entry.letGo = resolve;
    });
    void locks.share(loadedLock(entry.id), () => ended);
    await measure(entry).catch(() => undefined);
    entry.startedBytes = bytesOf(entry);
    entry.phase = 'loaded';
    hub.tell({ type: 'models' });
    const { form, variant } = session;
    const loadMs = Math.round(clock.monotonicMs() - startedMs);
    deps.note?.({ code: 'model-loaded', model: entry.id, details: { ...form, variant: variant.id, loadMs, bytes: bytesOf(entry) } });
    if (!isWanted(entry.id)) entry.expiry.rest();
    return session;
  };

  const isOutdated: Residency['isOutdated'] = async (id, { installed: { revision, variant } }) => {
    const active = (await store.models.slots(id))?.active;
    // A model that was removed stays with whoever removed it to unload.
    return active !== undefined && (active.revision !== revision || active.variant !== variant);
  };

  const begin = ({ id, number, priority }: Ticket): Entry => {
    let settle: (session: Promise<Session>) => void = () => undefined;
    const entry: Entry = {
      ...{ id, waiter: { id, number, priority, on: new Set<ModelId>() }, abort: new AbortController() },
      loading: new Promise((resolve) => {
        settle = resolve;
      }),
      expiry: createExpiry(clock, memory, wishes.get(id), () => {
        if (!isWanted(id)) dropEntry(entry);
      }),
      ...{ phase: 'waiting', isAsked: false, expectedBytes: 0, startedBytes: 0, users: 0, lastUsedMs: clock.monotonicMs() },
    };
    entries.set(id, entry);
    wishes.delete(id);
    settle(start(entry));
    // Whoever waits for it is told why; maybe nobody does any more.
    entry.loading.catch(() => dropEntry(entry));
    return entry;
  };

  return {
    async obtain(ticket, keepAliveMs) {
      const { id } = ticket;
      const there = entries.get(id);
      if (there?.phase === 'loaded' && there.session) {
        const isActive = !(await isOutdated(id, there.session));
        const isDue = isActive && (await loading.isDue(id, there.session));
        // Whoever comes while others hold a lighter form is better served by that than by waiting for their end.
        if (isActive && !(isDue && there.users === 0)) {
          await there.expiry.set(keepAliveMs);
          return { session: there.session };
        }
        await changes.until(() => there.users === 0 || !isThere(there));
        replace(there);
      }
      const startedMs = clock.monotonicMs();
      const entry = entries.get(id) ?? begin(ticket);
      room.join(entry.waiter, ticket);
      const session = await entry.loading;
      await entry.expiry.set(keepAliveMs);
      return { session, loadMs: clock.monotonicMs() - startedMs };
    },
    hold(session) {
      const entry = entryOf(session);
      if (!entry) return undefined;
      entry.users += 1;
      entry.expiry.stop();
      return () => {
        entry.users -= 1;
        entry.lastUsedMs = clock.monotonicMs();
        changes.tell();
        void measure(entry).catch(() => undefined);
      };
    },
    left(id) {
      const entry = entries.get(id);
      if (entry && !isWanted(id)) {
        if (entry.phase === 'waiting') dropEntry(entry);
        else if (entry.phase === 'loaded') entry.expiry.rest();
      }
      changes.tell();
    },
    mayBegin: room.mayBegin,
    isAwaited: room.isAwaited,
    drop(session) {
      const entry = entryOf(session);
      if (entry) replace(entry);
    },
    isOutdated,
    makeRoom,
    unload(id) {
      forget(id);
      const entry = entries.get(id);
      if (!entry?.session) return undefined;
      dropEntry(entry);
      return entry.session;
    },
    async hasRoomFor(id) {
      const [bytes, budget] = await Promise.all([loading.expectedBytes(id), memory.budget()]);
      const admission = admit(bytes, residents(id), { ...budget, isFirm: true });
      return admission.verdict === 'fits' && admission.unload.length === 0;
    },
    list: () =>
      [...entries.values()].map((entry) => ({
        ...{ id: entry.id, phase: entry.phase, bytes: bytesOf(entry) },
        ...(entry.session ? { session: entry.session } : {}),
        ...(entry.use ? { use: entry.use } : {}),
        ...(entry.phase === 'loaded' ? { expiresAtMs: entry.expiry.atMs } : {}),
      })),
    measure() {
      for (const entry of entries.values()) void measure(entry).catch(() => undefined);
    },
    heldBytes: () => residents().reduce((sum, { bytes }) => sum + bytes, 0),
    async roomBytes(session) {
      const entry = entryOf(session);
      const others = residents(entry?.id).filter(({ inUse }) => inUse);
      return (await memory.budget()).bytes - (entry?.startedBytes ?? 0) - others.reduce((sum, { bytes }) => sum + bytes, 0);
    },
    async refresh() {
      const loaded = [...entries.values()].filter(({ phase }) => phase === 'loaded');
      for (const { expiry } of loaded) await expiry.set(undefined);
      const newest = loaded.sort((a, b) => b.lastUsedMs - a.lastUsedMs)[0];
      if (newest) await trim(newest);
      changes.tell();
    },
  };
}
