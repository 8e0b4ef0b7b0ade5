import { toSillError } from '../core/errors.ts';
import type { ModelId } from '../core/ids.ts';
import { isFirstUse } from '../core/sources.ts';
import type { EngineEvent } from '../protocol/engineReports.ts';
import type { InstallProgress, ModelSummary } from '../protocol/modelReports.ts';
import { exportBundle } from '../services/bundleExport.ts';
import type { DeviceService } from '../services/device.ts';
import type { Engine } from '../services/engine.ts';
import { healthOf } from '../services/health.ts';
import type { Lifecycle } from '../services/lifecycle.ts';
import { memoryReport } from '../services/memoryReport.ts';
import { metricsText } from '../services/metricsText.ts';
import { exportOwnData, importOwnData } from '../services/ownData.ts';
import { placeModel, setPreferCpu } from '../services/placement.ts';
import { storageReport } from '../services/storage.ts';
import { assertPassed } from '../services/trials.ts';
import { prepareRuntime } from '../services/upkeep.ts';
import { verifyModel } from '../services/verify.ts';
import { diffOf, versionsOf } from '../services/versions.ts';
import { askedOf } from './asked.ts';
import type { Asker } from './asker.ts';
import { createChatCompletion, createCompletion } from './completions.ts';
import { createEmbeddings } from './embeddings.ts';
import { guestHandlers } from './guestHandlers.ts';
import type { SchemaCheck } from './heldForm.ts';
import type { EngineHandlers } from './http/ask.ts';
import { modelfileHandlers } from './modelfileHandlers.ts';
import { runModel } from './run.ts';
import { createTranscription } from './transcriptions.ts';
import { createUpstreams, type Upstreams } from './upstreams.ts';

export interface HandlersDeps {
  readonly engine: () => Promise<Engine>;
  readonly device: DeviceService;
  readonly lifecycle: Lifecycle;
  /** The engine's name, once the lock of that name is held. */
  readonly identify: () => Promise<string>;
  /** Names the tab that asks. */
  readonly connection: string;
  readonly asker: Asker;
  readonly loadSchemaCheck: () => Promise<SchemaCheck>;
}

/**
 * The engine's contract, answered by its services to one connection; `withHttp` adds the rest. `engine` may reject (storage refused) and is asked again by each call, so that an
 * engine which could not start answers every request with the reason; the device report needs no engine.
 */
export function createHandlers({ engine, device, lifecycle, identify, connection, asker, loadSchemaCheck }: HandlersDeps): EngineHandlers {
  return {
    hello: async () => ({ engine: await identify() }),
    'models.list': async (_, { signal }) => asker.list(await (await engine()).models.list(signal)),
    'models.install': async ({ id: asked, revision, variant }, { signal, emit }) => {
      const running = await engine();
      const { installs } = running;
      // What a model that was made here lacks is its base.
      const id = await running.derived.baseOf(asked);
      // Progress is a report, not a stream: the install does not wait for its reader.
      const onProgress = (progress: InstallProgress) => void emit(progress).catch(() => undefined);
      // By name alone, as from a terminal: what is not listed yet is looked for where the policy allows it.
      if (isFirstUse(id) && revision === undefined && (await running.adoptions.isUnknown(id))) {
        return settled(
          running,
          await running.adoptions.install(id, { signal, onProgress, ...(variant === undefined ? {} : { variant }) }),
          { signal, onProgress },
          asked,
        );
      }
      const role = await installs.install(id, {
        signal,
        onProgress,
        ...(revision === undefined ? {} : { revision }),
        ...(variant === undefined ? {} : { variant }),
      });
      return settled(running, { id, role }, { signal, onProgress }, asked);
    },
    'models.versions': async ({ id }, { signal }) => versions(await engine(), id, signal),
    'models.activate': async ({ id, revision }, { signal, emit }) =>
      (await engine()).updates.activate(id, revision, {
        signal,
        onProgress: (_, progress) => void emit(progress).catch(() => undefined),
      }),
    'models.rollback': async ({ id, reason }, { signal }) => {
      const running = await engine();
      await running.updates.rollBack(id, reason);
      return versions(running, id, signal);
    },
    'models.pin': async ({ id, revision }, { signal }) => {
      const running = await engine();
      await running.updates.pin(id, revision);
      return versions(running, id, signal);
    },
    'models.diff': async ({ id, from, to }, { signal }) => diffOf(versionsDeps(await engine()), id, { from, to }, signal),
    'models.inspectBundle': async ({ files }, { signal }) => (await engine()).bundleImport.inspect(files, signal),
    'models.import': async ({ files, ids }, { signal, emit }) =>
      (await engine()).bundleImport.import(files, {
        signal,
        ...(ids ? { ids } : {}),
        onProgress: (progress) => void emit(progress).catch(() => undefined),
      }),
    'models.export': async ({ models, volumeBytes }, { signal }) => {
      const wishes = models.map(({ id, revision, variants }) => ({
        id,
        ...(revision ? { revision } : {}),
        ...(variants ? { variants } : {}),
      }));
      return exportBundle((await engine()).deps, wishes, { signal, ...(volumeBytes === undefined ? {} : { volumeBytes }) });
    },
    'updates.check': async (_, { signal }) => (await engine()).updates.check({ askedByPerson: true, signal }),
    'updates.apply': async ({ id }, { signal, emit }) =>
      (await engine()).updates.apply(id, {
        signal,
        askedByPerson: true,
        onProgress: (model, progress) => void emit({ id: model, progress }).catch(() => undefined),
      }),
    'updates.status': async (_, { signal }) => (await engine()).updates.status(signal),
    'updates.setDeviceId': async ({ id }, { signal }) => {
      const { identity, updates, hub } = await engine();
      await identity.rename(id);
      hub.tell({ type: 'updates' });
      return updates.status(signal);
    },
    'updates.setPolicy': async ({ policy }, { signal }) => {
      const { updates } = await engine();
      await updates.setPolicy(policy);
      return updates.status(signal);
    },
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
    'models.stop': async ({ id }) => (await engine()).installs.stop(id),
    'sources.list': async () => (await engine()).adoptions.sources(),
    'sources.find': async ({ model, source, task }, { signal }) =>
      (await engine()).adoptions.find(model, {
        signal,
        ...(source === undefined ? {} : { source }),
        ...(task === undefined ? {} : { task }),
      }),
    'sources.add': async ({ model, source, variant, task }, { signal, emit }) => {
      const running = await engine();
      const onProgress = (progress: InstallProgress) => void emit(progress).catch(() => undefined);
      const added = await running.adoptions.add(model, {
        signal,
        onProgress,
        ...(source === undefined ? {} : { source }),
        ...(variant === undefined ? {} : { variant }),
        ...(task === undefined ? {} : { task }),
      });
      return settled(running, added, { signal, onProgress });
    },
    'sources.forget': async ({ id }) => (await engine()).adoptions.forget(id),
    'models.remove': async ({ id, revision }) => (await engine()).models.remove(id, revision),
    'models.verify': async ({ id, revision }, { signal, emit }) => {
      const { hub, deps, inspection } = await engine();
      const report = await verifyModel({ store: deps.store, digests: deps.digests }, id, {
        signal,
        ...(revision === undefined ? {} : { revision }),
        onProgress: (progress) => void emit(progress).catch(() => undefined),
      });
      if (report.ok) await inspection.noteVerified(report.revision);
      else hub.tell({ type: 'models' });
      return report;
    },
    'models.repair': async ({ id, metered }, { signal, emit }) =>
      (await engine()).repairs.repair(id, {
        signal,
        meteredAllowed: metered === 'allow',
        onProgress: (progress) => void emit(progress).catch(() => undefined),
      }),
    'models.load': async ({ id, keep_alive }, { signal }) => {
      const { sessions, models, derived } = await engine();
      const base = (await derived.resolve(id))?.base ?? id;
      await sessions.forgive(base);
      await sessions.use(base, signal, async () => undefined, askedOf(asker.bounded({ keep_alive }), asker.client));
      return models.summary(id, signal);
    },
    'models.place': async ({ id, device: place }) => {
      const { deps, sessions, hub } = await engine();
      await placeModel(deps.store.settings, id, place);
      await sessions.forgive(id);
      await sessions.between(id, new AbortController().signal, async () => undefined);
      hub.tell({ type: 'models' });
      return null;
    },
    'models.unload': async ({ id }) => {
      const { sessions, derived } = await engine();
      return sessions.unload(await derived.baseOf(id));
    },
    ...modelfileHandlers(engine),
    'completions.create': async (params, call) => {
      const running = await engine();
      const { inference, deps } = running;
      const completions = { inference, clock: deps.clock, random: deps.random, loadSchemaCheck };
      return asker.generate(params, (bounded) =>
        upstreamsOf(running).complete(bounded, call, (own, to) => createCompletion(completions, own, { ...to, client: asker.client })),
      );
    },
    'chat.completions.create': async (params, call) => {
      const running = await engine();
      const { inference, deps } = running;
      const completions = { inference, clock: deps.clock, random: deps.random, loadSchemaCheck };
      return asker.generate(params, (bounded) =>
        upstreamsOf(running).chat(bounded, call, (own, to) => createChatCompletion(completions, own, { ...to, client: asker.client })),
      );
    },
    'embeddings.create': async (params, { signal }) =>
      asker.embed(params, async (bounded) =>
        createEmbeddings((await engine()).inference, bounded, { signal, ...askedOf(bounded, asker.client) }),
      ),
    'audio.transcriptions.create': async (params, { signal, emit }) =>
      createTranscription((await engine()).inference, params, {
        signal,
        ...askedOf(asker.bounded(params), asker.client),
        emit: (progress) => void emit(progress).catch(() => undefined),
      }),
    run: async (params, { signal, emit }) =>
      runModel((await engine()).inference, params, {
        signal,
        ...askedOf(asker.bounded(params), asker.client),
        emit: (progress) => void emit(progress).catch(() => undefined),
      }),
    'documents.list': async ({ model }) => (await engine()).documents.list(model),
    'documents.add': async (request, { signal, emit }) =>
      (await engine()).documents.add(request, {
        signal,
        client: connection,
        onProgress: (donePassages, totalPassages) => emit({ donePassages, totalPassages }),
      }),
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
    'events.list': async () => (await engine()).deps.store.events.list(),
    storage: async ({ remembered }) => {
      const { deps, usage, inspection } = await engine();
      return storageReport({ ...deps, usage, inspection }, remembered);
    },
    'storage.erase': async () => {
      await (await engine()).deps.store.erase();
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
    upstreams: async () => upstreamsOf(await engine()).list(),
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

/** Other computers, where the operator's policy allows them. */
const upstreamsOf = ({ deps, derived }: Engine): Upstreams =>
  createUpstreams({
    ...{ allowed: deps.upstreams.allowed, server: deps.upstreams.server, clock: deps.clock, random: deps.random },
    isHere: async (id) => Boolean((await deps.store.models.slots(id))?.active) || (await derived.baseOf(id)) !== id,
  });

const versionsDeps = ({ deps, offers, updates }: Engine) => ({ store: deps.store, source: deps.source, offers, updates });
const versions = (running: Engine, id: ModelId, signal: AbortSignal) => versionsOf(versionsDeps(running), id, signal);

const ownDataDeps = async (engine: () => Promise<Engine>) => {
  const { deps, hub } = await engine();
  return { store: deps.store, clock: deps.clock, hub };
};

/** @throws SillError `revision_refused` when the version that was just fetched fails its trial, whoever runs it */
async function tryOut({ deps, trials }: Engine, id: ModelId, signal: AbortSignal, onProgress: (progress: InstallProgress) => void) {
  const { active, candidate } = (await deps.store.models.slots(id)) ?? {};
  const revision = candidate?.revision ?? active?.revision;
  assertPassed(revision && (await trials.settle(id, revision, signal, onProgress)));
}

/** What came beside a running version is tried before it is told of. */
async function settled(
  running: Engine,
  { id, role }: { readonly id: ModelId; readonly role: 'active' | 'candidate' },
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: InstallProgress) => void },
  asked = id,
): Promise<ModelSummary> {
  if (role === 'candidate') await tryOut(running, id, signal, onProgress);
  return running.models.summary(asked, signal);
}

const untilAborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', resolve, { once: true });
  });
