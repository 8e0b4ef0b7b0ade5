import type { ModelId } from '../core/ids.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';
import { diffOf, versionsOf } from '../services/updates/versions.ts';

/** What is asked about the versions of a model, and how this device comes to newer ones. */
export const updateHandlers = (engine: () => Promise<Engine>) =>
  ({
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
  }) satisfies Partial<Handlers<EngineContract>>;

const versionsDeps = ({ deps, offers, updates }: Engine) => ({ store: deps.store, source: deps.source, offers, updates });
const versions = (running: Engine, id: ModelId, signal: AbortSignal) => versionsOf(versionsDeps(running), id, signal);
