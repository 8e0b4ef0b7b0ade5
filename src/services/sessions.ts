import { runtimeBuildFor, threadsFor } from '../core/builds.ts';
import { SillError } from '../core/errors.ts';
import type { ModelId } from '../core/ids.ts';
import { filesOf, type Manifest, type Variant, variantOf } from '../core/manifest.ts';
import type { InstalledRevision } from '../core/slots.ts';
import type { Locks } from '../ports/browser.ts';
import type { Clock } from '../ports/clock.ts';
import type { LoadedModel, LoadSpec, Runtime } from '../ports/runtime.ts';
import type { Store } from '../ports/store.ts';
import { ANSWERING_LOCK, loadedLock } from '../protocol/locks.ts';
import type { DeviceService } from './device.ts';
import type { Hub } from './hub.ts';
import type { Repairs } from './repair.ts';
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
}

export interface Sessions {
  /**
   * Runs `work` with the loaded model: a few requests to one model together, the next ones wait their turn. `loadMs` is given when this
   * request had to load it. Which revision answers is read when the turn comes: an update, also of another tab, takes over when the requests
   * that are under way have ended.
   * @param alone what is measured waits until no other request is under way, and lets none begin
   * @throws SillError `model_not_installed` | `installation_damaged` | `busy` | `aborted` | what the runtime throws
   */
  use<T>(id: ModelId, signal: AbortSignal, work: (session: Session, loadMs: number | undefined) => Promise<T>, alone?: boolean): Promise<T>;
  loaded(): ReadonlyArray<{ readonly id: ModelId; readonly session: Session }>;
  unload(id: ModelId): boolean;
  /** Runs `work` between two requests, with the model out of memory. @throws SillError `aborted` | what `work` throws */
  between<T>(id: ModelId, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Since the last request to any model ended; 0 while there is one. */
  idleMs(): number;
}

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
  readonly device: DeviceService;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly hub: Hub;
  /** For a load that fails because of what the device has lost. */
  readonly repairs: Pick<Repairs, 'damageBehind' | 'mendUnasked'>;
  readonly usage: Pick<Usage, 'note'>;
}

export function createSessions({ store, runtime, device, locks, clock, hub, repairs, usage }: SessionsDeps): Sessions {
  const lines = new Map<ModelId, Line>();
  let lastEndMs = clock.monotonicMs();

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
    const model = await runtime.load(await loadSpecOf({ store, device }, manifest, variant), {});
    return { model, manifest, variant, installed };
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

  const obtain = async (id: ModelId, line: Line): Promise<{ session: Session; loadMs?: number }> => {
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
        let obtained = await orAbort(obtain(id, line), signal);
        // Another one may have found it outdated before it was held here.
        while (line.session !== obtained.session) obtained = await orAbort(obtain(id, line), signal);
        const { session, loadMs } = obtained;
        line.users += 1;
        return locks
          .share(ANSWERING_LOCK, () => work(session, loadMs))
          .finally(() => {
            line.users -= 1;
            tellEnd(line);
            usage.note(id);
          });
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
      if (session) drop(id, session);
      return session !== undefined;
    },
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

/** Everything that a runtime needs to load a revision. @throws SillError `installation_damaged` when a part of it is gone from the device */
export async function loadSpecOf(
  { store, device }: Pick<SessionsDeps, 'store' | 'device'>,
  manifest: Manifest,
  variant: Variant,
): Promise<LoadSpec> {
  const report = await device.report();
  return {
    modelId: manifest.id,
    task: manifest.task,
    dtype: variant.dtype,
    device: variant.device,
    files: await openFiles(store, manifest, variant),
    build: runtimeBuildFor(variant.device, report),
    threads: threadsFor(report),
    ...(manifest.contextLength === undefined ? {} : { contextLength: manifest.contextLength }),
    ...(manifest.generation === undefined ? {} : { generation: manifest.generation }),
    ...(manifest.chatTemplate === undefined ? {} : { chatTemplate: manifest.chatTemplate }),
    ...(manifest.sinkTokens === undefined ? {} : { sinkTokens: manifest.sinkTokens }),
  };
}

/** The variant's files as Blobs joined of stored chunks: nothing is read until the runtime does. */
async function openFiles(store: Store, manifest: Manifest, variant: Variant): Promise<Array<{ path: string; blob: Blob }>> {
  return Promise.all(
    filesOf(manifest, variant).map(async (file) => {
      const chunks = await store.chunks.getMany(file.chunks.map((chunk) => chunk.digest));
      const present = chunks.filter((chunk) => chunk !== undefined);
      const blob = new Blob(present);
      if (present.length === chunks.length && blob.size === file.sizeBytes) return { path: file.path, blob };
      throw new SillError(
        'installation_damaged',
        `A part of ${manifest.name} is missing on this device (${file.path}); the browser may have evicted it. Repair the model: only the missing part is fetched.`,
        { details: { id: manifest.id, path: file.path } },
      );
    }),
  );
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
