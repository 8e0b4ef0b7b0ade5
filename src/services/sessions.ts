import type { DeviceEvent } from '../core/deviceEvent.ts';
import { SillError } from '../core/errors.ts';
import { type Fallback, planRun, type RunForm } from '../core/forms.ts';
import type { ModelId } from '../core/ids.ts';
import { type Manifest, type Variant, variantOf } from '../core/manifest.ts';
import type { InstalledRevision } from '../core/slots.ts';
import type { Locks, RuntimeAssets } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { LoadedModel, Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import { ANSWERING_LOCK, loadedLock } from '../protocol/locks.ts';
import type { DeviceService } from './device.ts';
import type { Hub } from './hub.ts';
import { loadSpecOf } from './loadSpec.ts';
import { readPlacement } from './placement.ts';
import type { Repairs } from './repair.ts';
import { createTroubles, isLoss } from './troubles.ts';
import type { Usage } from './usage.ts';

/** As Ollama's default `keep_alive`. */
const IDLE_UNLOAD_MS = 5 * 60 * 1000;
/**
 * Requests to one model that are under way together; they take turns with each token. More would only wait longer for their first one, each with
 * a cache of its own in memory. As llama.cpp's default number of slots.
 */
const TOGETHER = 4;
/** Requests that may wait for one model before the next is refused. */
const MAX_WAITING = 64;

export interface Session {
  readonly model: LoadedModel;
  readonly manifest: Manifest;
  readonly variant: Variant;
  readonly installed: InstalledRevision;
  readonly form: RunForm;
  /** Why it does not run as it could. */
  readonly fallback?: Fallback;
}

export interface Sessions {
  /**
   * Runs `work` with the loaded model: a few requests to one model together, the next ones wait their turn. `loadMs` is given when this
   * request had to load it. Which revision answers is read when the turn comes: an update, also of another tab, takes over when the requests
   * that are under way have ended. A model that is lost under the work, or while it starts, is started once more in a lighter form, and
   * `work` begins again with that.
   * @param alone what is measured waits until no other request is under way, and lets none begin
   * @throws SillError `model_not_installed` | `installation_damaged` | `busy` | `crash_loop` | `aborted` | what the runtime throws
   */
  use<T>(id: ModelId, signal: AbortSignal, work: (session: Session, loadMs: number | undefined) => Promise<T>, alone?: boolean): Promise<T>;
  loaded(): ReadonlyArray<{ readonly id: ModelId; readonly session: Session }>;
  unload(id: ModelId): boolean;
  /** Lets a model be tried again at once, as it was meant to run, whatever happened to it. */
  forgive(id: ModelId): Promise<void>;
  /** Runs `work` between two requests, with the model out of memory. @throws SillError `aborted` | what `work` throws */
  between<T>(id: ModelId, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Since the last request to any model ended; 0 while there is one. */
  idleMs(): number;
}

interface Obtained {
  readonly session: Session;
  readonly loadMs?: number;
}

type DeviceEventData = DeviceEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'atMs'> : never) : never;

interface Line {
  /** Settles when the one before is let in; the next waits on it. */
  tail: Promise<unknown>;
  waiting: number;
  /** Of `TOGETHER` places, how many are taken. */
  taken: number;
  /** Requests that hold the session. */
  users: number;
  /** Told whenever a request ends. */
  readonly ends: Set<() => void>;
  loading?: Promise<Session> | undefined;
  session?: Session | undefined;
  idle?: ReturnType<typeof setTimeout> | undefined;
  /** Lets go of the lock that tells other tabs of the session. */
  letGo?: (() => void) | undefined;
}

export interface SessionsDeps {
  readonly store: Store;
  readonly runtime: Runtime;
  /** For a form that needs another build than the variant was installed with. */
  readonly assets: RuntimeAssets;
  readonly device: DeviceService;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
  /** For a load that fails because of what the device has lost. */
  readonly repairs: Pick<Repairs, 'damageBehind' | 'mendUnasked'>;
  readonly usage: Pick<Usage, 'note'>;
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { store, runtime, device, locks, clock, hub, repairs, usage } = deps;
  const troubles = createTroubles({ settings: store.settings, locks, clock });
  const lines = new Map<ModelId, Line>();
  /** Those that somebody unloaded, maybe in the middle of an answer: they are not lost. */
  const ended = new WeakSet<Session>();
  /** Losses that count against their model. */
  const noted = new WeakSet<SillError>();
  let lastEndMs = clock.monotonicMs();

  /** What went wrong is told to whoever looks; a log that cannot be written must not cost the answer. */
  const log = async (event: DeviceEventData): Promise<void> => {
    await store.events.add({ ...event, atMs: clock.now() }).catch(() => undefined);
    hub.tell({ type: 'events' });
  };

  /** The form of the next start, by what is known of the device and what happened to the model of late. */
  const planOf = async (id: ModelId, installed: InstalledRevision, variant: Variant): Promise<Pick<Session, 'form' | 'fallback'>> => {
    const trouble = await troubles.admit(id, installed);
    const [report, { models }] = await Promise.all([device.proven(variant), readPlacement(store.settings)]);
    const { forms, fallback } = planRun(variant, report, models[id]);
    const [first, form] = [forms[0], forms[Math.min(trouble?.lighter ?? 0, forms.length - 1)]];
    if (!first || !form) throw new SillError('internal', 'A model has to run in some form.');
    if (form === first || !trouble) return { form: first, ...(fallback ? { fallback } : {}) };
    return { form, fallback: { from: first, reason: trouble.last.code, message: trouble.last.message } };
  };

  const loadOnce = async (id: ModelId): Promise<Session> => {
    const installed = (await store.models.slots(id))?.active;
    const manifest = installed && (await store.models.manifest(installed.revision));
    if (!installed || !manifest) {
      throw new SillError(
        'model_not_installed',
        `${id} is not installed on this device. Install it in the Models view, or with sill.models.install("${id}").`,
        {
          details: { id },
        },
      );
    }
    const variant = variantOf(manifest, installed.variant);
    const plan = await planOf(id, installed, variant);
    try {
      const spec = await loadSpecOf(deps, manifest, variant, plan.form);
      const model = await troubles.starting(id, () => runtime.load(spec, {}));
      // What somebody chose is no event.
      if (plan.fallback && plan.fallback.reason !== 'wished')
        await log({ type: 'fallback', model: id, form: plan.form, fallback: plan.fallback });
      return { model, manifest, variant, installed, ...plan };
    } catch (reason) {
      if (isLoss(reason, plan.form.device)) await noteLoss(id, installed, plan.form, reason);
      throw reason;
    }
  };

  const noteLoss = async (id: ModelId, installed: InstalledRevision, form: RunForm, reason: SillError): Promise<void> => {
    noted.add(reason);
    await troubles.noteLoss(id, installed, reason);
    await log({ type: 'loss', model: id, form, error: reason.toData() });
  };

  /** Once more after a loss. */
  const insisting = async <T>(id: ModelId, line: Line, signal: AbortSignal, work: (obtained: Obtained) => Promise<T>): Promise<T> => {
    const attempt = async (): Promise<{ readonly answer: T } | { readonly lost: SillError }> => {
      let obtained: Obtained | undefined;
      try {
        obtained = await orAbort(obtain(id, line), signal);
        // Another one may have found it outdated before it was held here.
        while (line.session !== obtained.session) obtained = await orAbort(obtain(id, line), signal);
        return { answer: await work(obtained) };
      } catch (reason) {
        if (signal.aborted) throw reason;
        if (obtained) {
          const { session } = obtained;
          if (ended.has(session) || !isLoss(reason, session.form.device)) throw reason;
          drop(id, session);
          // Requests that were under way together are lost together, and that is one loss.
          if (!noted.has(reason)) await noteLoss(id, session.installed, session.form, reason);
          return { lost: reason };
        }
        // What a start fails with was noted there.
        if (reason instanceof SillError && noted.has(reason)) return { lost: reason };
        throw reason;
      }
    };
    const first = await attempt();
    if ('answer' in first) return first.answer;
    const second = await attempt();
    if ('answer' in second) return second.answer;
    throw second.lost;
  };

  const load = async (id: ModelId): Promise<Session> => {
    try {
      return await loadOnce(id);
    } catch (reason) {
      const damage = await repairs.damageBehind(id, reason);
      if (damage && (await repairs.mendUnasked(id))) return loadOnce(id);
      throw damage ?? reason;
    }
  };

  const drop = (id: ModelId, session: Session) => {
    const line = lines.get(id);
    if (line?.session !== session) return;
    line.session = undefined;
    line.letGo?.();
    clearTimeout(line.idle);
    session.model.unload();
    hub.tell({ type: 'models' });
  };

  const rest = (id: ModelId, line: Line) => {
    clearTimeout(line.idle);
    const { session } = line;
    if (session && line.waiting === 0) line.idle = setTimeout(() => drop(id, session), IDLE_UNLOAD_MS);
  };

  const obtain = async (id: ModelId, line: Line): Promise<Obtained> => {
    if (line.session) {
      const active = (await store.models.slots(id))?.active;
      const { revision, variant } = line.session.installed;
      // A model that was removed stays with whoever removed it to unload.
      if (!active || (active.revision === revision && active.variant === variant)) return { session: line.session };
      await untilEnds(line, () => line.users === 0);
      if (line.session) drop(id, line.session);
    }
    const startedMs = clock.monotonicMs();
    line.loading ??= load(id)
      .then((session) => {
        line.session = session;
        const ended = new Promise<void>((resolve) => {
          line.letGo = resolve;
        });
        void locks.share(loadedLock(id), () => ended);
        void session.model.lost.then(() => drop(id, session));
        hub.tell({ type: 'models' });
        rest(id, line);
        return session;
      })
      .finally(() => {
        line.loading = undefined;
      });
    const session = await line.loading;
    return { session, loadMs: clock.monotonicMs() - startedMs };
  };

  const inTurn = async <T>(id: ModelId, signal: AbortSignal, places: number, work: (line: Line) => Promise<T>): Promise<T> => {
    const line = lines.get(id) ?? { tail: Promise.resolve(), waiting: 0, taken: 0, users: 0, ends: new Set() };
    lines.set(id, line);
    if (line.waiting >= MAX_WAITING) {
      throw new SillError('busy', `${id} has ${MAX_WAITING} requests waiting already. Try again when some are done.`);
    }
    line.waiting += 1;
    const turn = line.tail;
    let passOn: () => void = () => undefined;
    const passed = new Promise<void>((resolve) => {
      passOn = resolve;
    });
    // A request that gives up while it waits passes its turn on only after the one before it.
    line.tail = turn.then(() => passed);
    let taken = 0;
    try {
      await orAbort(turn, signal);
      await orAbort(
        untilEnds(line, () => line.taken + places <= TOGETHER),
        signal,
      );
      taken = places;
      line.taken += taken;
      passOn();
      clearTimeout(line.idle);
      return await work(line);
    } finally {
      line.waiting -= 1;
      line.taken -= taken;
      lastEndMs = clock.monotonicMs();
      rest(id, line);
      passOn();
      tellEnd(line);
    }
  };

  return {
    use: (id, signal, work, alone = false) =>
      inTurn(id, signal, alone ? TOGETHER : 1, async (line) => {
        const answered = await insisting(id, line, signal, async ({ session, loadMs }) => {
          line.users += 1;
          return locks
            .share(ANSWERING_LOCK, () => work(session, loadMs))
            .finally(() => {
              line.users -= 1;
              tellEnd(line);
              usage.note(id);
            });
        });
        await troubles.noteAnswer(id);
        return answered;
      }),
    between: (id, signal, work) =>
      inTurn(id, signal, TOGETHER, async (line) => {
        if (line.session) drop(id, line.session);
        return work();
      }),
    idleMs: () => ([...lines.values()].some((line) => line.waiting > 0) ? 0 : clock.monotonicMs() - lastEndMs),
    loaded: () => [...lines].flatMap(([id, line]) => (line.session ? [{ id, session: line.session }] : [])),
    unload(id) {
      const session = lines.get(id)?.session;
      if (!session) return false;
      ended.add(session);
      drop(id, session);
      return true;
    },
    forgive: (id) => troubles.forgive(id),
  };
}

/** Resolves at once or at the end of a request, as soon as it holds. */
async function untilEnds(line: Line, holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => line.ends.add(resolve));
}

function tellEnd({ ends }: Line): void {
  for (const resolve of [...ends]) resolve();
  ends.clear();
}

/** Gives up waiting when the signal says so; the work itself goes on. */
export function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new SillError('aborted', 'The request was cancelled.', { cause: signal.reason }));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
