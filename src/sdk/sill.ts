import { SillError } from '../core/errors.ts';
import type { CallOptions } from '../protocol/callOptions.ts';
import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import type { EnginePlace } from '../protocol/enginePlace.ts';
import type { MemorySettingsData } from '../protocol/memoryReports.ts';
import type { ExportWish } from '../protocol/models.ts';
import type { Sill } from '../protocol/sill.ts';
import type { FreeStep, LostModel, StorageReport } from '../protocol/storageReports.ts';
import { createBenchmarks } from './benchmarks.ts';
import { createConversations } from './conversations.ts';
import { createEvaluations } from './evaluations.ts';
import { guestsOver } from './guests.ts';
import { createImporter } from './imports.ts';
import { createInference, telling } from './inference.ts';
import { askToKeep } from './keep.ts';
import { createKiosk } from './kiosk.ts';
import { createLog } from './log.ts';
import { derivedModels } from './modelfiles.ts';
import { createRequests } from './requests.ts';

/** What only a page can do, lent to the surface. */
export interface PagePowers {
  /**
   * The way to the engine, as far as it has led. Absent in a page that embeds Sill: for it the engine is always elsewhere, and nothing tells when
   * it moves.
   */
  readonly link?: { place(): EnginePlace | undefined; watch(listener: (place: EnginePlace) => void): () => void };
  /** Asks the browser to keep this site's data under pressure. Never rejects. */
  persist(): Promise<boolean>;
  /** Choices in the views, each as JSON by its name. */
  readonly preferences: { read(): Record<string, string>; write(preferences: Readonly<Record<string, string>>): void };
  /** What was seen installed, kept where it outlives the database. */
  readonly note: { open(): { readonly models: readonly LostModel[]; keep(models: readonly LostModel[]): void } };
  /** Deletes what is kept outside of the database, and opens the page as if for the first time. */
  beginAnew(): Promise<void>;
  /** Mono samples, at 16 kHz by default. @throws SillError `audio_undecodable` | `empty_input` */
  decodeAudio(file: Blob, sampleRate?: number): Promise<Float32Array<ArrayBuffer>>;
}

/** The public surface over a client of the engine. The same in the app's own page and in one that embeds it and may manage it. */
export function createSill(client: Client<EngineContract>, page: PagePowers): Sill {
  const inference = createInference(client, page);
  const importer = createImporter(client, page);
  return {
    ...inference,
    ...importer,
    engine: {
      async place() {
        for (;;) {
          // Whoever is answered is connected.
          const { sinceMs } = await client.call('hello', {});
          const place = page.link ? page.link.place() : { here: false, sinceMs };
          if (place) return place;
        }
      },
      watch: (listener) => page.link?.watch(listener) ?? (() => undefined),
    },
    models: {
      ...inference.models,
      ...derivedModels(client),
      ...importer.models,
      remove: (id, { revision } = {}) => client.call('models.remove', { id, revision }),
      verify: (id, { revision, signal, onProgress } = {}) =>
        client.call('models.verify', { id, revision }, telling({ signal, onProgress })),
      repair: (id, { metered, signal, onProgress } = {}) => client.call('models.repair', { id, metered }, telling({ signal, onProgress })),
      versions: (id, options = {}) => client.call('models.versions', { id }, options),
      activate: (id, revision, { signal, onProgress } = {}) =>
        client.call('models.activate', { id, revision }, telling({ signal, onProgress })),
      rollback: (id, { reason } = {}) => client.call('models.rollback', { id, reason }),
      pin: (id, revision) => client.call('models.pin', { id, revision }),
      diff: (id, from, to, options = {}) => client.call('models.diff', { id, from, to }, options),
      async export(ids, options = {}) {
        const [file] = await client.call('models.export', { models: wishesOf(ids) }, options);
        if (file) return file.blob;
        throw new SillError('internal', 'The export made no file.');
      },
      exportVolumes: (ids, { volumeBytes, ...options } = {}) =>
        client.call('models.export', { models: wishesOf(ids), volumeBytes }, options),
      inspect: (files, options = {}) => client.call('models.inspectBundle', { files: listOf(files) }, options),
      async import(files, { ids, signal, onProgress } = {}) {
        askToKeep(page);
        return client.call('models.import', { files: listOf(files), ids: ids && [...ids] }, telling({ signal, onProgress }));
      },
      unload: (id) => client.call('models.unload', { id }),
      async place(id, device) {
        await client.call('models.place', { id, ...(device === undefined ? {} : { device }) });
      },
    },
    downloads: {
      list: () => client.call('downloads.list', {}),
      pause: (id) => client.call('downloads.pause', { id }),
      resume: async (id) => void (await client.call('downloads.resume', { id })),
      cancel: (id) => client.call('downloads.cancel', { id }),
      prioritise: async (id) => void (await client.call('downloads.prioritise', { id })),
      settings: () => client.call('downloads.settings', {}),
      setSettings: (settings) => client.call('downloads.setSettings', { settings }),
    },
    guests: guestsOver(client),
    sources: {
      list: () => client.call('sources.list', {}),
      find: (model, { source, task, signal } = {}) => client.call('sources.find', { model, source, task }, signal ? { signal } : {}),
      async add(model, { source, variant, task, signal, onProgress } = {}) {
        askToKeep(page);
        return client.call('sources.add', { model, source, variant, task }, telling({ signal, onProgress }));
      },
      forget: (id) => client.call('sources.forget', { id }),
    },
    updates: {
      check: (options = {}) => client.call('updates.check', {}, options),
      apply: (id, { signal, onProgress } = {}) =>
        client.call(
          'updates.apply',
          { id },
          { ...(signal ? { signal } : {}), ...(onProgress ? { onItem: (item) => onProgress(item.id, item.progress) } : {}) },
        ),
      policy: () => client.call('updates.status', {}),
      setDeviceId: (id) => client.call('updates.setDeviceId', { id }),
      setPolicy: (policy) => client.call('updates.setPolicy', { policy }),
    },
    documents: {
      list: (request) => client.call('documents.list', request),
      add: (request, { signal, onProgress } = {}) => client.call('documents.add', request, telling({ signal, onProgress })),
      copy: (id) => client.call('documents.copy', { id }),
      remove: (id) => client.call('documents.remove', { id }),
      search: (request, options = {}) => client.call('documents.search', request, options),
    },
    data: {
      export: ({ deviceId = false, ...options } = {}) =>
        client.call('data.export', { preferences: page.preferences.read(), deviceId }, options),
      async import(file, options = {}) {
        askToKeep(page);
        const { preferences, ...report } = await client.call('data.import', { file }, options);
        page.preferences.write(preferences);
        return report;
      },
    },
    device: Object.assign((options: { readonly refresh?: boolean; readonly test?: boolean } = {}) => client.call('device', options), {
      preferCpu: (preferCpu: boolean) => client.call('device.preferCpu', { preferCpu }),
      preferQuality: (preferQuality: boolean) => client.call('device.preferQuality', { preferQuality }),
    }),
    memory: Object.assign(() => client.call('memory', {}), {
      settings: () => client.call('memory.settings', {}),
      setSettings: (settings: MemorySettingsData) => client.call('memory.setSettings', { settings }),
    }),
    events: { list: () => client.call('events.list', {}) },
    trust: {
      async accept() {
        await client.call('trust.accept', {});
      },
    },
    storage: Object.assign(
      async () => {
        const note = page.note.open();
        const report = await client.call('storage', { remembered: [...note.models] });
        note.keep(worthRemembering(report));
        return report;
      },
      {
        propose: (bytes: number, { keep }: { readonly keep?: string } = {}) => client.call('storage.propose', { bytes, keep }),
        free: (steps: readonly FreeStep[]) =>
          client.call('storage.free', { steps: steps.map(({ kind, modelId, revision }) => ({ kind, modelId, revision })) }),
        async prepare(options: CallOptions = {}) {
          await client.call('storage.prepare', {}, options);
        },
        persist: () => page.persist(),
        forget: () => page.note.open().keep([]),
        async erase() {
          await client.call('storage.erase', {});
          await page.beginAnew();
        },
      },
    ),
    upstreams: () => client.call('upstreams', {}),
    requests: createRequests(client),
    benchmarks: createBenchmarks(client),
    ...createLog(client),
    conversations: createConversations(client),
    evaluations: createEvaluations(client),
    kiosk: createKiosk(client),
    operator: () => client.call('operator', {}),
    metrics: () => client.call('metrics', {}),
  };
}

/** What of a report to remember, for the day on which the database is gone. */
const worthRemembering = ({ models, lost }: Pick<StorageReport, 'models' | 'lost'>): LostModel[] => [
  ...lost,
  ...models.flatMap(({ role, id, name, variant, sizeBytes }) => (role === 'active' ? [{ id, name, variant, sizeBytes }] : [])),
];
const listOf = (files: Blob | readonly Blob[]): Blob[] => (files instanceof Blob ? [files] : [...files]);

const wishesOf = (ids: string | readonly (string | ExportWish)[]) =>
  (typeof ids === 'string' ? [ids] : ids).map((wish) => {
    const { id, revision, variants }: ExportWish = typeof wish === 'string' ? { id: wish } : wish;
    return { id, revision, variants: variants && [...variants] };
  });
