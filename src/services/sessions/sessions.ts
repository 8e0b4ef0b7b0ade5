import type { SillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import type { Locks } from '../../ports/browser.ts';
import { ANSWERING_LOCK } from '../../protocol/locks.ts';
import type { TakeNote } from '../log/log.ts';
import { orAbort } from '../orAbort.ts';
import { type Asked, createLines, type Place, type Ticket } from './lines.ts';
import { createLoading, type LoadingDeps } from './loading.ts';
import type { Reading } from './reading.ts';
import { createResidency, type Obtained, type ResidentState } from './residency.ts';
import type { Session } from './session.ts';
import { isLoss } from './troubles.ts';
import type { Usage } from './usage.ts';

export interface UseOptions extends Asked {
  /** How long the model stays after this request; 0 for not at all, Infinity for ever. Absent: as it was, by default as the settings say. */
  readonly keepAliveMs?: number | undefined;
}

/** A model in memory, on its way there, or for which requests wait. */
export interface ModelState extends Partial<Omit<ResidentState, 'id'>> {
  readonly id: ModelId;
  /** Requests. */
  readonly underWay: number;
  readonly waiting: number;
}

export interface Sessions {
  /**
   * Runs `work` with the loaded model: a few requests to one model together, the next ones wait their turn. `loadMs` is given when this
   * request had to load it. Which revision answers is read when the turn comes: an update, also of another tab, takes over when the requests
   * that are under way have ended. Work that gives its pieces through `reading` may lose its turn to others, see `Lines.run`. A model that is lost under the work, or while it starts, is started once more in a lighter form, and
   * `work` begins again with that.
   * @throws SillError `model_not_installed` | `installation_damaged` | `busy` | `model_too_large` | `crash_loop` | `aborted` | what the runtime throws
   */
  use<T>(
    id: ModelId,
    signal: AbortSignal,
    work: (session: Session, loadMs: number | undefined, reading: Reading) => Promise<T>,
    options?: UseOptions,
  ): Promise<T>;
  loaded(): ReadonlyArray<{ readonly id: ModelId; readonly session: Session }>;
  /** Every model that is in memory or wanted, as it was when it was last measured. */
  states(): ModelState[];
  /** How many turns have begun since the start, of all models. */
  begun(): number;
  /** Has what is in memory measured again. */
  measure(): void;
  unload(id: ModelId): boolean;
  /** Loads it for those who may ask, if nobody has to go for it. It stays until its room is needed. False where there is none. */
  preload(id: ModelId, signal: AbortSignal): Promise<boolean>;
  /** Starts anew those that are to stay and are of a revision that was replaced, or run lighter or without their GPU for something that may be over by now, so that nobody who asks has to wait for it. Never rejects. */
  renew(signal: AbortSignal): Promise<void>;
  /**
   * Unloads idle models, but for this one, where a guest of so many bytes would not fit beside them.
   * @returns for when the guest is gone: loads again, as `preload`, what was to stay and had to go for it
   */
  makeRoom(bytes: number, beside: ModelId): Promise<() => void>;
  /** What requests may take of memory with this model, beside itself and the models that answer, in bytes. */
  roomBytes(session: Session): Promise<number>;
  /** After the settings of memory were changed. */
  refresh(): Promise<void>;
  /** Lets a model be tried again at once, as it was meant to run, whatever happened to it. */
  forgive(id: ModelId): Promise<void>;
  /** Runs `work` between two requests, with the model out of memory. @throws SillError `busy` | `aborted` | what `work` throws */
  between<T>(id: ModelId, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Lets a model that is in memory forget every beginning, between two requests. One that is not done in time is unloaded. */
  forgetBeginnings(id: ModelId, timeoutMs: number): Promise<void>;
  /** As `Lines.placeOf`. */
  placeOf(signal: AbortSignal): Place | undefined;
  /** Since the last request to any model ended; 0 while there is one. */
  idleMs(): number;
}

export interface SessionsDeps extends Omit<LoadingDeps, 'heldBytes'> {
  readonly locks: Locks;
  readonly usage: Pick<Usage, 'note'>;
  /** What is done while nobody asks: it is to stop when a request comes, and may go on when one has left. */
  readonly between?: { stop(): void; look(): void };
  /** Absent where no log is kept. */
  readonly note?: TakeNote;
}

/** Requests in their lines (`lines`), models in memory (`residency`), and what happens when one is lost under a request. */
export function createSessions(deps: SessionsDeps): Sessions {
  const { locks, usage } = deps;
  const lines = createLines({
    clock: deps.clock,
    mayBegin: (ticket) => residency.mayBegin(ticket),
    isAwaited: (id) => residency.isAwaited(id),
    onArrive: () => deps.between?.stop(),
    onLeave(id) {
      residency.left(id);
      deps.between?.look();
    },
  });
  const isWanted = (id: ModelId) => lines.underWay(id) > 0 || lines.waiting(id) > 0;
  const loading = createLoading({ ...deps, heldBytes: () => residency.heldBytes() });
  const residency = createResidency({
    ...{ ...deps, loading, isWanted },
    isInUse: (id) => lines.underWay(id) > 0,
    onRoom: () => lines.look(),
  });
  /** Those that somebody unloaded, maybe in the middle of an answer: they are not lost. */
  const ended = new WeakSet<Session>();

  /** With the session in hand, so that neither an update nor the end of its time takes it away. */
  const holding = async <T>(ticket: Ticket, keepAliveMs: number | undefined, work: (obtained: Obtained) => Promise<T>): Promise<T> => {
    for (;;) {
      const obtained = await orAbort(residency.obtain(ticket, keepAliveMs), ticket.signal);
      const letGo = residency.hold(obtained.session);
      // Another one may have found it outdated before it was held here.
      if (letGo) return work(obtained).finally(letGo);
    }
  };

  /** Once more after a loss. */
  const insisting = async <T>(ticket: Ticket, { keepAliveMs }: UseOptions, work: (obtained: Obtained) => Promise<T>): Promise<T> => {
    const { id, signal } = ticket;
    const attempt = async (): Promise<{ readonly answer: T } | { readonly lost: SillError }> => {
      let session: Session | undefined;
      try {
        const answer = await holding(ticket, keepAliveMs, (obtained) => {
          session = obtained.session;
          return work(obtained);
        });
        return { answer };
      } catch (reason) {
        if (signal.aborted) throw reason;
        if (session) {
          if (ended.has(session) || !isLoss(reason, session.form.device)) throw reason;
          // While what it held still counts.
          await loading.noteLoss(id, session, reason);
          residency.drop(session);
          return { lost: reason };
        }
        // What a start fails with was noted there.
        if (loading.isNoted(reason)) return { lost: reason };
        throw reason;
      }
    };
    const first = await attempt();
    if ('answer' in first) return first.answer;
    deps.note?.({ code: 'request-retried', model: ticket.id, details: { error: first.lost.code } });
    const second = await attempt();
    if ('answer' in second) return second.answer;
    throw second.lost;
  };

  const unload = (id: ModelId): boolean => {
    const session = residency.unload(id);
    if (session) ended.add(session);
    return session !== undefined;
  };

  const use: Sessions['use'] = (id, signal, work, options = {}) =>
    lines.run(id, { ...options, signal }, async (ticket, reading) => {
      const answered = await insisting(ticket, options, ({ session, loadMs }) =>
        locks.share(ANSWERING_LOCK, () => work(session, loadMs, reading)).finally(() => usage.note(id)),
      );
      await loading.noteAnswer(id);
      return answered;
    });

  /** Of those that had to go for guests that are gone. */
  let returning = Promise.resolve();

  const preload: Sessions['preload'] = async (id, signal) => {
    if (!(await residency.hasRoomFor(id))) return false;
    await use(id, signal, async () => undefined, { priority: 'background', keepAliveMs: Number.POSITIVE_INFINITY });
    return true;
  };

  return {
    use,
    between: (id, signal, work) =>
      lines.run(id, { signal, alone: true }, async () => {
        unload(id);
        return work();
      }),
    async forgetBeginnings(id, timeoutMs) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), timeoutMs);
      try {
        await lines.run(id, { signal: abort.signal, alone: true }, async ({ signal }) => {
          const session = residency.list().find((each) => each.id === id)?.session;
          if (session) await orAbort(session.model.forgetBeginnings(), signal);
        });
      } catch {
        // Whatever kept it from that: with its worker everything goes.
        unload(id);
      } finally {
        clearTimeout(timer);
      }
    },
    placeOf: (signal) => lines.placeOf(signal),
    idleMs: () => lines.idleMs(),
    loaded: () => residency.list().flatMap(({ id, session }) => (session ? [{ id, session }] : [])),
    begun: lines.begun,
    states() {
      const resident = residency.list();
      const others = lines.ids().filter((id) => isWanted(id) && !resident.some((each) => each.id === id));
      return [...resident, ...others.map((id) => ({ id }))].map((each) => ({
        ...each,
        underWay: lines.underWay(each.id),
        waiting: lines.waiting(each.id),
      }));
    },
    measure: () => residency.measure(),
    unload,
    preload,
    async renew(signal) {
      for (const { id, session, expiresAtMs } of residency.list()) {
        if (!session || expiresAtMs !== Number.POSITIVE_INFINITY) continue;
        // Where storage fails now the next request tells.
        const isToGo = async () => (await residency.isOutdated(id, session)) || (await loading.isDue(id, session));
        if (!(await isToGo().catch(() => false))) continue;
        // Why it does not start is told to whoever asks for it.
        await use(id, signal, async () => undefined, { priority: 'background' }).catch(() => undefined);
      }
    },
    async makeRoom(bytes, beside) {
      // What comes back after the guest before is in use as long as it loads, and could not make room.
      await returning;
      const leave = await residency.makeRoom(bytes, beside);
      return () => {
        returning = returning.then(async () => {
          // Why one does not load is told to whoever asks for it.
          for (const id of leave()) await preload(id, new AbortController().signal).catch(() => false);
        });
      };
    },
    roomBytes: (session) => residency.roomBytes(session),
    refresh: () => residency.refresh(),
    forgive: (id) => loading.forgive(id),
  };
}
