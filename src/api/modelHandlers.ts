import { isFirstUse } from '../core/sources.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { InstallProgress } from '../protocol/modelReports.ts';
import type { Handlers } from '../protocol/server.ts';
import { exportBundle } from '../services/bundles/bundleExport.ts';
import { placeModel } from '../services/device/placement.ts';
import type { Engine } from '../services/engine.ts';
import { verifyModel } from '../services/upkeep/verify.ts';
import { askedOf } from './asked.ts';
import type { Asker } from './asker.ts';
import { settled } from './settled.ts';

/** What is asked about the models of this device, and where others come from. */
export const modelHandlers = (engine: () => Promise<Engine>, asker: Asker) =>
  ({
    'models.list': async ({ recent = false }, { signal }) => asker.list(await (await engine()).models.list(signal, { recent })),
    'models.install': async ({ id: asked, revision, variant }, { signal, emit }) => {
      const running = await engine();
      const { installs } = running;
      // What a model that was made here lacks is its base.
      const id = await running.derived.baseOf(asked);
      // Progress is a report, not a stream: the install does not wait for its reader.
      const onProgress = (progress: InstallProgress) => void emit(progress).catch(() => undefined);
      // By name alone, as from a terminal: what is not listed yet is looked for where the policy allows it.
      if (isFirstUse(id) && revision === undefined) {
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
      const { sessions, models, derived, deps } = await engine();
      const base = (await derived.resolve(id))?.base ?? id;
      await sessions.forgive(base);
      // The browser counts what is stored meanwhile, which takes it 50 ms of a gigabyte, and loading does not change it.
      const report = deps.device.report();
      report.catch(() => undefined);
      await sessions.use(base, signal, async () => undefined, askedOf(asker.bounded({ keep_alive }), asker.client));
      return models.summary(id, signal, report);
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
  }) satisfies Partial<Handlers<EngineContract>>;
