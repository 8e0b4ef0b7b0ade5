import * as v from 'valibot';
import type { EngineContract } from '../protocol/engine.ts';
import type { Guests, Need } from '../services/guests/guests.ts';

type Method = keyof EngineContract;
type MethodNeed = Omit<Need, 'model'>;

const FREE: MethodNeed = { right: 'infer', counted: false };
const ASKED: MethodNeed = { right: 'infer', counted: true };
const INSTALLED: MethodNeed = { right: 'install', counted: true };
const MANAGED: MethodNeed = { right: 'manage', counted: false };
const NEVER: MethodNeed = { right: 'never', counted: false };

/** What each method needs of a guest's grant. Complete, so that a new method is thought about: the compiler asks for its line. */
export const METHOD_NEEDS: { readonly [M in Method]: MethodNeed } = {
  // Says which engine this is, as the frame has to know before anything else, also of an engine that cannot start: it is not even asked about.
  hello: FREE,
  // Nothing but another spelling of the other methods, which are asked about one by one.
  http: FREE,
  health: FREE,
  watch: FREE,
  'models.list': FREE,
  upstreams: FREE,
  'completions.create': ASKED,
  'chat.completions.create': ASKED,
  'embeddings.create': ASKED,
  'audio.transcriptions.create': ASKED,
  run: ASKED,
  'models.install': INSTALLED,
  'models.stop': INSTALLED,
  'models.load': INSTALLED,
  'models.unload': MANAGED,
  'models.place': MANAGED,
  'models.remove': MANAGED,
  'models.verify': MANAGED,
  'models.repair': MANAGED,
  'models.versions': MANAGED,
  'models.activate': MANAGED,
  'models.rollback': MANAGED,
  'models.pin': MANAGED,
  'models.diff': MANAGED,
  'models.inspectBundle': MANAGED,
  'models.import': MANAGED,
  'models.export': MANAGED,
  'updates.check': MANAGED,
  'updates.apply': MANAGED,
  'updates.status': MANAGED,
  'updates.setPolicy': MANAGED,
  'downloads.list': MANAGED,
  'downloads.pause': MANAGED,
  'downloads.resume': MANAGED,
  'downloads.cancel': MANAGED,
  'downloads.prioritise': MANAGED,
  'downloads.settings': MANAGED,
  'downloads.setSettings': MANAGED,
  'sources.list': MANAGED,
  'sources.find': MANAGED,
  'sources.add': MANAGED,
  'sources.forget': MANAGED,
  device: MANAGED,
  'device.preferCpu': MANAGED,
  'device.preferQuality': MANAGED,
  memory: MANAGED,
  'models.inspectFile': MANAGED,
  'models.importFile': MANAGED,
  'imports.list': MANAGED,
  'imports.pause': MANAGED,
  'imports.resume': MANAGED,
  // Of its own files a guest has the handles itself.
  'imports.handles': NEVER,
  'imports.cancel': MANAGED,
  'memory.settings': MANAGED,
  'memory.setSettings': MANAGED,
  storage: MANAGED,
  'storage.prepare': MANAGED,
  metrics: MANAGED,
  'models.checkModelfile': MANAGED,
  'models.copy': MANAGED,
  'models.create': MANAGED,
  'models.modelfile': MANAGED,
  operator: MANAGED,
  'events.list': MANAGED,
  // The person's, or what keeps the app itself.
  'updates.setDeviceId': NEVER,
  'documents.list': NEVER,
  'documents.add': NEVER,
  'documents.copy': NEVER,
  'documents.remove': NEVER,
  'documents.search': NEVER,
  'conversations.list': NEVER,
  'conversations.messages': NEVER,
  'conversations.write': NEVER,
  'conversations.reseal': NEVER,
  'conversations.clear': NEVER,
  'data.export': NEVER,
  'data.import': NEVER,
  'storage.erase': NEVER,
  'storage.propose': NEVER,
  'storage.free': NEVER,
  'trust.accept': NEVER,
  conditions: NEVER,
  lifecycle: NEVER,
  'benchmarks.run': MANAGED,
  'benchmarks.list': MANAGED,
  'benchmarks.remove': MANAGED,
  'benchmarks.export': MANAGED,
  'benchmarks.import': MANAGED,
  'log.list': MANAGED,
  'log.export': MANAGED,
  'log.settings': MANAGED,
  // What the device's owner checks is not for a guest to wipe, nor whom else the app asked.
  'log.clear': NEVER,
  'log.setSettings': NEVER,
  'network.list': NEVER,
  // Who else asks, and whom it hits, is not a guest's to know or to decide.
  'requests.list': NEVER,
  'requests.cancel': NEVER,
  'evaluations.run': MANAGED,
  'evaluations.resume': MANAGED,
  'evaluations.list': MANAGED,
  'evaluations.get': MANAGED,
  'evaluations.compare': MANAGED,
  'evaluations.setBaseline': MANAGED,
  'evaluations.remove': MANAGED,
  'evaluations.export': MANAGED,
  'evaluations.import': MANAGED,
  'evaluations.suites': MANAGED,
  'evaluations.suite': MANAGED,
  'evaluations.save': MANAGED,
  'evaluations.removeSuite': MANAGED,
  'kiosk.status': NEVER,
  'kiosk.lock': NEVER,
  'kiosk.pinHash': NEVER,
  'kiosk.restore': NEVER,
  'kiosk.unlock': NEVER,
  'kiosk.relock': NEVER,
  'kiosk.leave': NEVER,
  'kiosk.endSession': NEVER,
  'guests.admit': NEVER,
  'guests.decide': NEVER,
  'guests.list': NEVER,
  'guests.narrow': NEVER,
  'guests.withdraw': NEVER,
};

/** Where a method names the model that it is about. */
const NamedSchema = v.looseObject({ model: v.optional(v.string()), id: v.optional(v.string()) });

const needOf = (method: string): MethodNeed | undefined => {
  const needs: Readonly<Record<string, MethodNeed>> = METHOD_NEEDS;
  return Object.hasOwn(needs, method) ? needs[method] : undefined;
};

/**
 * The same handlers for a guest's connection: each asks first whether its origin was granted that. Looked up for each call, since it may have been
 * taken back meanwhile.
 * @throws SillError `forbidden` | `busy`, from the handlers
 */
export const guarded = <H extends object>(handlers: H, origin: string, guests: () => Promise<Guests>): H =>
  new Proxy(handlers, {
    get(target, name) {
      const handler: unknown = Reflect.get(target, name);
      if (typeof handler !== 'function' || typeof name !== 'string' || name === 'hello') return handler;
      return async (params: unknown, call: unknown): Promise<unknown> => {
        const named = v.safeParse(NamedSchema, params);
        await (await guests()).enter(origin, {
          ...(needOf(name) ?? NEVER),
          model: named.success ? (named.output.model ?? named.output.id) : undefined,
        });
        return handler(params, call);
      };
    },
  });
