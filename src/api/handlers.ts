import { toSillError } from '../core/errors.ts';
import type { EngineEvent } from '../protocol/engineReports.ts';
import type { StorageReport } from '../protocol/storageReports.ts';
import type { DeviceService } from '../services/device/device.ts';
import { setPreferCpu, setPreferQuality } from '../services/device/placement.ts';
import type { Engine } from '../services/engine.ts';
import { healthOf } from '../services/health.ts';
import type { Lifecycle } from '../services/lifecycle.ts';
import { metricsText } from '../services/metricsText.ts';
import { copyDocument, exportOwnData, importOwnData } from '../services/ownData/ownData.ts';
import { memoryReport } from '../services/sessions/memoryReport.ts';
import { storageReport } from '../services/upkeep/storage.ts';
import { prepareRuntime } from '../services/upkeep/upkeep.ts';
import { answerHandlers } from './answerHandlers.ts';
import type { Asker } from './asker.ts';
import { benchmarkHandlers } from './benchmarkHandlers.ts';
import { conversationHandlers } from './conversationHandlers.ts';
import { evaluationHandlers } from './evaluationHandlers.ts';
import { guestHandlers } from './guestHandlers.ts';
import type { SchemaCheck } from './heldForm.ts';
import type { EngineHandlers } from './http/ask.ts';
import { importHandlers } from './importHandlers.ts';
import { kioskHandlers } from './kioskHandlers.ts';
import { logHandlers } from './logHandlers.ts';
import { modelfileHandlers } from './modelfileHandlers.ts';
import { modelHandlers } from './modelHandlers.ts';
import { requestHandlers } from './requestHandlers.ts';
import { updateHandlers } from './updateHandlers.ts';

export interface HandlersDeps {
  readonly engine: () => Promise<Engine>;
  readonly device: DeviceService;
  readonly lifecycle: Lifecycle;
  /** The engine's name, once the lock of that name is held. */
  readonly identify: () => Promise<string>;
  /** When the engine began. */
  readonly sinceMs: number;
  /** Names the tab that asks. */
  readonly connection: string;
  readonly asker: Asker;
  readonly loadSchemaCheck: () => Promise<SchemaCheck>;
}

/**
 * The engine's contract, answered by its services to one connection; `withHttp` adds the rest. `engine` may reject (storage refused) and is asked
 * again by each call, so that an engine which could not start answers every request with the reason; the device report needs no engine.
 */
export function createHandlers({
  engine,
  device,
  lifecycle,
  identify,
  sinceMs,
  connection,
  asker,
  loadSchemaCheck,
}: HandlersDeps): EngineHandlers {
  return {
    hello: async () => ({ engine: await identify(), sinceMs }),
    ...modelHandlers(engine, asker),
    ...updateHandlers(engine),
    ...answerHandlers(engine, asker, loadSchemaCheck),
    ...importHandlers(engine),
    'downloads.list': async () => (await engine()).downloads.list(),
    'downloads.pause': async ({ id }) => (await engine()).installs.stop(id),
    'downloads.resume': async ({ id }) => {
      await (await engine()).downloads.resume(id);
      return null;
    },
    'downloads.cancel': async ({ id }) => (await engine()).downloads.cancel(id),
    'downloads.prioritise': async ({ id }) => {
      await (await engine()).downloads.prioritise(id);
      return null;
    },
    'downloads.settings': async () => (await engine()).downloads.settings(),
    'downloads.setSettings': async ({ settings }) => {
      const { downloads } = await engine();
      await downloads.setSettings(settings);
      return downloads.settings();
    },
    ...modelfileHandlers(engine),
    'documents.list': async ({ model }) => (await engine()).documents.list(model),
    'documents.add': async (request, { signal, emit }) =>
      (await engine()).documents.add(request, {
        signal,
        client: connection,
        onProgress: (donePassages, totalPassages) => emit({ donePassages, totalPassages }),
      }),
    'documents.copy': async ({ id }) => copyDocument(await ownDataDeps(engine), id),
    'documents.remove': async ({ id }) => (await engine()).documents.remove(id),
    'documents.search': async (request, { signal }) => (await engine()).documents.search(request, { signal, client: connection }),
    'data.export': async (options) => exportOwnData(await ownDataDeps(engine), options),
    'data.import': async ({ file }) => importOwnData(await ownDataDeps(engine), file),
    device: ({ refresh, test }) => (test ? device.test() : device.report(refresh)),
    'device.preferCpu': async ({ preferCpu }) => {
      const { deps, hub } = await engine();
      await setPreferCpu(deps.store.settings, preferCpu);
      hub.tell({ type: 'models' });
      return device.report();
    },
    'device.preferQuality': async ({ preferQuality }) => {
      const { deps, hub } = await engine();
      await setPreferQuality(deps.store.settings, preferQuality);
      hub.tell({ type: 'models' });
      return device.report();
    },
    'events.list': async () => (await engine()).deps.store.events.list(),
    storage: async ({ remembered }) => {
      const running = await engine();
      const report = await storageReport({ ...running.deps, usage: running.usage, inspection: running.inspection }, remembered);
      noteVanished(running, report.lost);
      return report;
    },
    'storage.erase': async () => {
      const { deps } = await engine();
      await deps.network.clear().catch(() => undefined);
      await deps.store.erase();
      lifecycle.set('erased');
      return null;
    },
    'storage.propose': async ({ bytes, keep }) => (await engine()).freeing.propose(bytes, keep),
    'storage.free': async ({ steps }) => (await engine()).freeing.free(steps),
    'storage.prepare': async (_, { signal }) => {
      await prepareRuntime(await engine(), { asked: true, signal });
      return null;
    },
    'trust.accept': async () => {
      const { deps, hub } = await engine();
      await deps.store.trust.clear();
      hub.tell({ type: 'models' });
      hub.tell({ type: 'updates' });
      return null;
    },
    conditions: async (conditions, { signal }) => {
      (await engine()).conditions.set(connection, conditions);
      await untilAborted(signal);
      return null;
    },
    memory: async () => memoryReport(await engine()),
    'memory.settings': async () => (await engine()).memory.settings(),
    'memory.setSettings': async ({ settings }) => {
      const { memory } = await engine();
      await memory.setSettings(settings);
      return memory.settings();
    },
    ...guestHandlers(async () => (await engine()).guests),
    ...benchmarkHandlers(engine, asker.client),
    ...logHandlers(engine),
    ...requestHandlers(engine),
    ...conversationHandlers(engine),
    ...evaluationHandlers(engine, asker.client),
    ...kioskHandlers(engine),
    operator: async () => (await engine()).operator.report(),
    health: async () => {
      try {
        const { sessions, deps } = await engine();
        return await healthOf({ store: deps.store, sessions, device });
      } catch (reason) {
        // An engine that cannot start is the worst health, not a failure to tell it.
        return { status: 'degraded', loaded: [], problems: [toSillError(reason).toData()] };
      }
    },
    metrics: async () => metricsText(await engine()),
    lifecycle: async (_, { signal, emit }) => {
      const stop = lifecycle.listen((state) => void emit(state).catch(() => undefined));
      await untilAborted(signal);
      stop();
      return null;
    },
    watch: async (_, { signal, emit }) => {
      const { hub } = await engine();
      const stop = hub.listen((event: EngineEvent) => asker.hears(event) && void emit(event).catch(() => undefined));
      await untilAborted(signal);
      stop();
      return null;
    },
  };
}

/** Each report tells of it again until somebody has taken note; the log says it once. */
const vanishedNoted = new WeakSet<Engine>();
function noteVanished(engine: Engine, lost: StorageReport['lost']): void {
  if (lost.length === 0 || vanishedNoted.has(engine)) return;
  vanishedNoted.add(engine);
  engine.log.note({ code: 'models-vanished', details: { models: lost.map(({ id }) => id) } });
}

const ownDataDeps = async (engine: () => Promise<Engine>) => {
  const { deps, hub } = await engine();
  return { store: deps.store, clock: deps.clock, hub };
};

const untilAborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', resolve, { once: true });
  });
