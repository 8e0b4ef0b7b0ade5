import { SillError } from '../core/errors.ts';
import { addressLock, hostLock, newestHost } from '../protocol/hosting.ts';
import type { Broker } from './broker.ts';

export interface EngineHostOptions {
  /** Names the build: only tabs of the same one share an engine. */
  readonly app: string;
  readonly spawn: () => Worker;
  readonly broker: Broker | undefined;
  /** It dies each time it is started: this tab tries no more. */
  readonly onBroken: (reason: SillError) => void;
}

/** Runs the engine of all tabs in this one, while it is this tab's turn. */
export interface EngineHost {
  /** Hands the port to this tab's engine; false while another tab has it. */
  accept(connection: string, port: MessagePort): boolean;
  /** Resolves when it is known whether this tab hosts at its start. */
  readonly settled: Promise<void>;
  /** Told when this tab begins to host. */
  onElected(listener: () => void): void;
  /** Takes the place of a host that does not answer any more. */
  depose(): void;
  /** Starts an engine although another tab may have one: where nobody can introduce this tab to that one. */
  startOwn(): void;
  /** Leaves the place to another tab. Who is connected to this tab's engine stays so. */
  retire(): void;
  /** Ends this tab's engine for good. */
  end(): void;
}

/** An engine that dies so often within this time will die again. */
const MOST_CRASHES = 3;
const CRASHES_WITHIN_MS = 60_000;

export function createEngineHost({ app, spawn, broker, onBroken }: EngineHostOptions): EngineHost {
  const listeners = new Set<() => void>();
  const crashes: number[] = [];
  let worker: Worker | undefined;
  let hosting = false;
  let ended = false;
  /** Gives the lock back, while this tab holds it. */
  let resign = () => {};

  const stop = () => {
    hosting = false;
    worker?.terminate();
    worker = undefined;
  };
  const retire = () => {
    ended = true;
    hosting = false;
    resign();
  };
  const end = () => {
    retire();
    stop();
  };

  const start = (): Worker => {
    const started = spawn();
    started.addEventListener('error', (event) => {
      event.preventDefault();
      // Whoever was connected learns of it by the engine's lock, and the next connection starts another.
      if (worker !== started) return;
      started.terminate();
      worker = undefined;
      crashes.push(performance.now());
      if (crashes.length < MOST_CRASHES || performance.now() - (crashes.at(-MOST_CRASHES) ?? 0) > CRASHES_WITHIN_MS) return;
      const reason = event.message === '' ? 'its script could not be loaded' : event.message;
      end();
      onBroken(
        new SillError('worker_lost', 'The engine of this page stopped several times. Reload the page; what is installed is safe.', {
          details: { reason },
        }),
      );
    });
    return started;
  };

  const begin = () => {
    if (hosting) return;
    hosting = true;
    worker ??= start();
    for (const listener of listeners) listener();
  };

  /** Tells the service worker where the engine is, until `over`. */
  const publish = async (over: Promise<void>) => {
    const clientId = await broker?.clientId();
    if (clientId === undefined) return;
    const names = ((await navigator.locks.query()).held ?? []).map(({ name }) => name);
    const term = (newestHost(names, app)?.term ?? 0) + 1;
    if (hosting) await navigator.locks.request(addressLock({ app, term, clientId }), () => over);
  };

  const serveTerm = (): Promise<void> => {
    if (ended) return Promise.resolve();
    const over = new Promise<void>((resolve) => {
      resign = resolve;
    });
    begin();
    void publish(over);
    return over;
  };
  /** Another tab found this one silent (it was suspended, say) and took its place. */
  const deposed = () => {
    resign();
    stop();
    if (!ended) stand();
  };

  let waiting = new AbortController();
  /** In line until its turn comes. */
  const stand = (): void => {
    const { signal } = waiting;
    navigator.locks.request(hostLock(app), { signal }, serveTerm).catch(() => signal.aborted || deposed());
  };
  const depose = (): void => {
    waiting.abort();
    waiting = new AbortController();
    navigator.locks.request(hostLock(app), { steal: true }, serveTerm).catch(deposed);
  };
  const settled = new Promise<void>((settle) => {
    // A tab that is alone has its engine at once, and asks nobody.
    const first = (lock: Lock | null): Promise<void> | undefined => {
      const term = lock ? serveTerm() : undefined;
      if (!lock) stand();
      settle();
      return term;
    };
    navigator.locks.request(hostLock(app), { ifAvailable: true }, first).catch(deposed);
  });

  const accept = (connection: string, port: MessagePort): boolean => {
    if (!hosting) return false;
    worker ??= start();
    worker.postMessage({ type: 'sill-connect', app, connection }, [port]);
    return true;
  };
  broker?.onIntroduced((connect, port) => {
    // One that comes too late: whoever sent it asks again.
    if (connect.app !== app || !accept(connect.connection, port)) port.postMessage({ type: 'sill-unhosted' });
  });

  return {
    accept,
    settled,
    onElected: (listener) => void listeners.add(listener),
    depose,
    startOwn: begin,
    retire,
    end,
  };
}
