import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import { lostPart } from '../core/lostPart.ts';
import { addressLock, type Begin, type Connect, engineLock, hostLock, IdentifiedSchema, newestHost } from '../protocol/hosting.ts';
import type { Broker } from './broker.ts';

export interface EngineHostOptions {
  /** Names the build: only tabs of the same one share an engine. */
  readonly app: string;
  readonly spawn: () => Worker;
  readonly broker: Broker | undefined;
  /** Before this resolves none is started. */
  readonly after: Promise<void>;
  /** It dies each time it is started: this tab tries no more. */
  readonly onBroken: (reason: SillError) => void;
}

/** Runs the engine of all tabs in this one, while it is this tab's turn. */
export interface EngineHost {
  /**
   * Hands the port to this tab's engine; false while another tab has it.
   * @throws SillError `worker_lost` once it died each time that it was started
   */
  accept(wanted: Omit<Connect, 'type' | 'app'>, port: MessagePort): boolean;
  /** Resolves when the engine that this tab runs now has ended: one that dies before it answered anybody holds no lock that would tell. */
  ended(): Promise<void>;
  /** Resolves when it is known whether this tab hosts at its start. */
  readonly settled: Promise<void>;
  /** Told when this tab begins to host. */
  onElected(listener: () => void): void;
  /** Ends an engine that does not answer any more, where it is this tab's own. False where it is not. */
  endSilent(engine: string): boolean;
  /** Takes the place of a host that does not answer any more, and whatever its engine holds. */
  depose(engine: string | undefined): void;
  /** Starts an engine although another tab may have one: where nobody can introduce this tab to that one. */
  startOwn(): void;
  /** Leaves the place to another tab. Who is connected to this tab's engine stays so. */
  retire(): void;
}

/** An engine that dies so often within this time will die again. */
const MOST_CRASHES = 3;
const CRASHES_WITHIN_MS = 60_000;

interface Running {
  readonly engine: string;
  readonly worker: Worker;
  readonly over: Promise<void>;
  /** It ended or is to end, as nobody wished: the next connection starts another, unless too many went this way. */
  die(what: string): void;
  /** Ends the worker, and what was told of it. */
  end(): void;
}

export function createEngineHost({ app, spawn, broker, after, onBroken }: EngineHostOptions): EngineHost {
  const listeners = new Set<() => void>();
  const crashes: number[] = [];
  let running: Running | undefined;
  let hosting = false;
  let ended = false;
  let broken: SillError | undefined;
  /** Gives the lock back, while this tab holds it. */
  let resign = () => {};
  /** The engine whose place this tab takes. */
  let deposes: string | undefined;

  const retire = () => {
    ended = true;
    hosting = false;
    resign();
  };
  const stop = () => {
    hosting = false;
    running?.end();
  };
  const breakOff = (reason: SillError) => {
    broken = reason;
    retire();
    stop();
    onBroken(reason);
  };

  /** Tells the service worker where an engine is, until `over`. */
  const publish = async (engine: string, over: Promise<void>) => {
    const clientId = await broker?.clientId();
    if (clientId === undefined) return;
    const term = (newestHost((await navigator.locks.query()).held ?? [], app)?.term ?? 0) + 1;
    await navigator.locks.request(addressLock({ app, engine, term, clientId }), () => over);
  };

  const start = (): Running => {
    const worker = spawn();
    const engine = crypto.randomUUID();
    const begin: Begin = { type: 'sill-begin', engine, ...(deposes === undefined ? {} : { deposes }) };
    deposes = undefined;
    worker.postMessage(begin);
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    // No locks and no service worker: there is nobody to tell.
    publish(engine, over).catch(() => undefined);
    const watching = new AbortController();
    const started: Running = {
      engine,
      worker,
      over,
      die(reason) {
        if (watching.signal.aborted) return;
        // Whoever was connected learns of it by the engine's lock.
        started.end();
        crashes.push(performance.now());
        if (crashes.length < MOST_CRASHES || performance.now() - (crashes.at(-MOST_CRASHES) ?? 0) > CRASHES_WITHIN_MS) return;
        breakOff(
          new SillError('worker_lost', 'The engine of this page stopped several times. Reload the page; what is installed is safe.', {
            details: { reason, ...lostPart('engine') },
          }),
        );
      },
      end() {
        watching.abort();
        worker.terminate();
        end();
        if (running === started) running = undefined;
      },
    };
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      // Of a script that was not there a browser says nothing at all.
      started.die(event.message || 'its script could not be loaded');
    });
    worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!v.is(IdentifiedSchema, data)) return;
      // A browser tells nobody of a worker that ends without a word, but gives its lock to whoever asked for it.
      navigator.locks
        .request(engineLock(engine), { mode: 'shared', signal: watching.signal }, () => started.die('it was ended'))
        .catch(() => undefined);
    });
    running = started;
    return started;
  };

  const begin = () => {
    if (hosting || broken) return;
    hosting = true;
    if (!running) start();
    for (const listener of listeners) listener();
  };
  const serveTerm = (): Promise<void> => {
    if (ended) return Promise.resolve();
    const over = new Promise<void>((resolve) => {
      resign = resolve;
    });
    begin();
    return over;
  };
  /** Another tab found this one silent (it was suspended, say) and took its place. */
  const deposed = () => {
    resign();
    stop();
    if (!ended) stand();
  };
  /** A browser that may store nothing gives no locks either: no tab knows of another then. */
  const onRejected = (reason: unknown) => (isStolen(reason) ? deposed() : begin());

  let waiting = new AbortController();
  /** In line until its turn comes. */
  const stand = (): void => {
    const { signal } = waiting;
    navigator.locks.request(hostLock(app), { signal }, serveTerm).catch((reason: unknown) => signal.aborted || onRejected(reason));
  };
  const stood = (): Promise<void> =>
    new Promise((settle) => {
      // A tab that is alone has its engine at once, and asks nobody.
      const first = (lock: Lock | null): Promise<void> | undefined => {
        const term = lock ? serveTerm() : undefined;
        if (!lock) stand();
        settle();
        return term;
      };
      navigator.locks.request(hostLock(app), { ifAvailable: true }, first).catch((reason: unknown) => {
        onRejected(reason);
        settle();
      });
    });
  const settled = after.then(stood);

  const accept: EngineHost['accept'] = ({ connection, guest }, port) => {
    if (broken) throw broken;
    if (!hosting) return false;
    const connect: Connect = { type: 'sill-connect', app, connection, ...(guest === undefined ? {} : { guest }) };
    (running ?? start()).worker.postMessage(connect, [port]);
    return true;
  };
  broker?.onIntroduced((connect, port) => {
    // One that comes too late: whoever sent it asks again.
    if (connect.app !== app || broken || !accept(connect, port)) port.postMessage({ type: 'sill-unhosted' });
  });

  return {
    accept,
    ended: () => running?.over ?? Promise.resolve(),
    settled,
    onElected: (listener) => void listeners.add(listener),
    endSilent(engine) {
      if (running?.engine !== engine) return false;
      running.die('it did not answer');
      return true;
    },
    depose(engine) {
      deposes = engine;
      waiting.abort();
      waiting = new AbortController();
      navigator.locks.request(hostLock(app), { steal: true }, serveTerm).catch(onRejected);
    },
    startOwn: begin,
    retire,
  };
}

const isStolen = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'AbortError';
