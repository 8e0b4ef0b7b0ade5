import type { EngineContract } from '../protocol/engine.ts';
import type { Kiosk } from '../services/kiosk/kiosk.ts';

type Method = keyof EngineContract;

/**
 * What a locked device answers. Everything else changes something on it, or takes something off it, and is for the staff; so is a new method,
 * until it is thought about.
 */
const OPEN: ReadonlySet<string> = new Set<Method>([
  'hello',
  'http',
  'health',
  'watch',
  'lifecycle',
  'conditions',
  'metrics',
  // Answers.
  'completions.create',
  'chat.completions.create',
  'embeddings.create',
  'audio.transcriptions.create',
  'run',
  'documents.list',
  'documents.search',
  'models.load',
  // What is on the device, and how it is.
  'models.list',
  'models.versions',
  'models.diff',
  'models.modelfile',
  'updates.status',
  'updates.check',
  'downloads.list',
  'downloads.settings',
  'imports.list',
  'sources.list',
  'benchmarks.list',
  'events.list',
  'memory',
  'memory.settings',
  'requests.list',
  'device',
  'storage',
  'storage.propose',
  'upstreams',
  'operator',
  'guests.list',
  // A frame of another site is held to its own grant.
  'guests.admit',
  // What a device does for itself.
  'models.verify',
  'models.repair',
  'storage.prepare',
  // The lock itself.
  'kiosk.status',
  'kiosk.lock',
  'kiosk.restore',
  'kiosk.unlock',
  'kiosk.relock',
  'kiosk.leave',
  'kiosk.endSession',
]);

/** Pages ask by themselves, whenever something changed on the device: nobody needs to stand before it. */
const ASKED_BY_PAGES: ReadonlySet<string> = new Set<Method>([
  'conversations.list',
  'conversations.messages',
  'evaluations.get',
  'evaluations.list',
  'evaluations.suite',
  'evaluations.suites',
  'log.list',
  'log.settings',
  'network.list',
]);

export const isOpenInKiosk = (method: string): boolean => OPEN.has(method);

/** The same handlers for a page of the app's own: while the device is locked, what only the staff may do is refused. */
export const lockable = <H extends object>(handlers: H, kiosk: () => Promise<Kiosk>): H =>
  new Proxy(handlers, {
    get(target, name) {
      const handler: unknown = Reflect.get(target, name);
      if (typeof handler !== 'function' || typeof name !== 'string' || isOpenInKiosk(name)) return handler;
      return async (params: unknown, call: unknown): Promise<unknown> => {
        await (await kiosk()).assertOpen(ASKED_BY_PAGES.has(name) ? 'page' : 'person');
        return handler(params, call);
      };
    },
  });
