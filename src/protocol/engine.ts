import * as v from 'valibot';
import { DownloadSettingsSchema } from '../core/downloadSettings.ts';
import { isModelId, isRevisionId, isVariantId, type ModelId } from '../core/ids.ts';
import { KeepAliveMsSchema } from '../core/keepAlive.ts';
import { LostModelSchema } from '../core/lostModel.ts';
import { EXECUTION_DEVICES } from '../core/manifest.ts';
import { MemorySettingsSchema } from '../core/memorySettings.ts';
import { TASKS, type Task } from '../core/tasks.ts';
import { UpdatePolicySchema } from '../core/updatePolicy.ts';
import { benchmarkContract } from './benchmarks.ts';
import type { BundleFile, BundleReport, ImportProgress, ImportReport } from './bundleReports.ts';
import { method } from './contract.ts';
import { conversationContract } from './conversations.ts';
import type { DownloadSettings, DownloadSummary } from './downloadReports.ts';
import type { DeviceEvent, DeviceReport, DocumentSummary, EngineEvent, Health, OperatorReport, SearchHit } from './engineReports.ts';
import { evaluationContract } from './evaluations.ts';
import { guestMethods } from './guests.ts';
import { type HttpItem, HttpRequestSchema } from './http.ts';
import { importMethods } from './imports.ts';
import type { RepairProgress, RepairReport, VerifyProgress, VerifyReport } from './integrityReports.ts';
import { kioskContract } from './kiosk.ts';
import { logContract } from './log.ts';
import type { MemoryReport, MemorySettings } from './memoryReports.ts';
import { modelfileContract } from './modelfiles.ts';
import type { InstallProgress, ModelList, ModelSummary } from './modelReports.ts';
import type { ChatCompletion, ChatCompletionChunk, Completion, EmbeddingResponse, Transcription, TranscriptionProgress } from './openai.ts';
import { ChatRequestSchema, CompletionRequestSchema, EmbeddingRequestSchema, TranscriptionRequestSchema } from './openaiRequests.ts';
import { requestContract } from './requests.ts';
import type { FoundModel, SourcesReport } from './sourceReports.ts';
import type { FreePlan, FreeReport, OwnDataReport, RemovalReport, StorageReport, StorageState } from './storageReports.ts';
import { RunParamsSchema, type RunProgress, type RunResult } from './tasks.ts';
import type { RevisionDiff, UpdateOutcome, UpdateReport, UpdateStatus, VersionsReport } from './updateReports.ts';
import type { UpstreamSummary } from './upstreams.ts';

const id = v.pipe(
  v.string('name the model, for example "stories15m"'),
  v.guard(isModelId, 'is not a model id; expected a name such as "stories15m"'),
);
const revision = v.pipe(v.string(), v.guard(isRevisionId, 'is not a revision'));
const variant = v.pipe(v.string(), v.guard(isVariantId, 'is not a variant'));
const files = v.pipe(v.array(v.blob()), v.minLength(1, 'choose a file'), v.maxLength(1000));
const preferences = v.record(v.string(), v.string());
/** A name, an id with its prefix, or an address: read by whoever knows the sources. */
const reference = v.pipe(v.string('name the model, for example "owner/name"'), v.minLength(1), v.maxLength(1000));
const task = v.optional(v.picklist(TASKS));
const nothing = v.strictObject({});
const FreeStepSchema = v.object({ kind: v.picklist(['derived', 'form', 'unfinished', 'previous', 'model']), modelId: id, revision });

/** Between a page and the engine: the services behind `globalThis.sill`. */
export const engineContract = {
  /** Which engine this is, by the name of its lock, and since when. Answered at once, also by one that cannot start. */
  hello: method<never, { readonly engine: string; readonly sinceMs: number }>()(nothing),
  'models.list': method<never, ModelList>()(v.strictObject({ recent: v.optional(v.boolean()) })),
  'models.install': method<InstallProgress, ModelSummary>()(
    v.object({
      id,
      revision: v.optional(revision),
      variant: v.optional(variant),
    }),
  ),
  /** Pauses an install, also one that another tab carries; what was stored stays. */
  'models.stop': method<never, boolean>()(v.object({ id })),
  'models.remove': method<never, RemovalReport>()(v.object({ id, revision: v.optional(revision) })),
  'models.verify': method<VerifyProgress, VerifyReport>()(v.object({ id, revision: v.optional(revision) })),
  'models.repair': method<RepairProgress, RepairReport>()(v.object({ id, metered: v.optional(v.literal('allow')) })),
  'models.versions': method<never, VersionsReport>()(v.object({ id })),
  'models.activate': method<InstallProgress, UpdateOutcome>()(v.object({ id, revision })),
  'models.rollback': method<never, VersionsReport>()(v.object({ id, reason: v.optional(v.pipe(v.string(), v.maxLength(500))) })),
  'models.pin': method<never, VersionsReport>()(v.object({ id, revision: v.optional(revision) })),
  'models.diff': method<never, RevisionDiff>()(v.object({ id, from: revision, to: revision })),
  /** Writes nothing. `files`: all parts of one bundle, in any order. */
  'models.inspectBundle': method<never, BundleReport>()(v.object({ files })),
  'models.import': method<ImportProgress, ImportReport>()(v.object({ files, ids: v.optional(v.array(id)) })),
  ...importMethods,
  'models.export': method<never, readonly BundleFile[]>()(
    v.object({
      models: v.pipe(
        v.array(v.object({ id, revision: v.optional(revision), variants: v.optional(v.pipe(v.array(variant), v.minLength(1))) })),
        v.minLength(1, 'name the models to export'),
      ),
      volumeBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    }),
  ),
  'updates.check': method<never, UpdateReport>()(nothing),
  'updates.apply': method<{ readonly id: ModelId; readonly progress: InstallProgress }, readonly UpdateOutcome[]>()(
    v.object({ id: v.optional(id) }),
  ),
  'updates.status': method<never, UpdateStatus>()(nothing),
  'updates.setDeviceId': method<never, UpdateStatus>()(v.object({ id: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))) })),
  'updates.setPolicy': method<never, UpdateStatus>()(v.object({ policy: UpdatePolicySchema })),
  'downloads.list': method<never, readonly DownloadSummary[]>()(nothing),
  'downloads.pause': method<never, boolean>()(v.object({ id })),
  'downloads.resume': method<never, null>()(v.object({ id })),
  'downloads.cancel': method<never, { readonly freedBytes: number }>()(v.object({ id })),
  'downloads.prioritise': method<never, null>()(v.object({ id })),
  'downloads.settings': method<never, DownloadSettings>()(nothing),
  'downloads.setSettings': method<never, DownloadSettings>()(v.object({ settings: DownloadSettingsSchema })),
  'sources.list': method<never, SourcesReport>()(nothing),
  'sources.find': method<never, FoundModel>()(v.object({ model: reference, source: v.optional(v.string()), task })),
  'sources.add': method<InstallProgress, ModelSummary>()(
    v.object({ model: reference, source: v.optional(v.string()), variant: v.optional(v.string()), task }),
  ),
  'sources.forget': method<never, boolean>()(v.object({ id })),
  'models.load': method<never, ModelSummary>()(v.object({ id, keep_alive: v.optional(KeepAliveMsSchema) })),
  'models.place': method<never, null>()(v.object({ id, device: v.optional(v.picklist(EXECUTION_DEVICES)) })),
  'models.unload': method<never, boolean>()(v.object({ id })),
  ...modelfileContract,
  'completions.create': method<Completion, Completion>()(CompletionRequestSchema),
  'chat.completions.create': method<ChatCompletionChunk, ChatCompletion>()(ChatRequestSchema),
  'embeddings.create': method<never, EmbeddingResponse>()(EmbeddingRequestSchema),
  'audio.transcriptions.create': method<TranscriptionProgress, Transcription>()(TranscriptionRequestSchema),
  run: method<RunProgress, RunResult<Task>>()(RunParamsSchema),
  'documents.list': method<never, readonly DocumentSummary[]>()(v.object({ model: id })),
  'documents.add': method<{ readonly donePassages: number; readonly totalPassages: number }, DocumentSummary>()(
    v.object({ model: id, name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)), text: v.string() }),
  ),
  'documents.copy': method<never, Blob>()(v.object({ id: v.string() })),
  'documents.remove': method<never, boolean>()(v.object({ id: v.string() })),
  'documents.search': method<never, readonly SearchHit[]>()(
    v.object({ model: id, query: v.string(), top: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 10) }),
  ),
  'data.export': method<never, Blob>()(v.object({ preferences, deviceId: v.boolean() })),
  'data.import': method<never, OwnDataReport & { readonly preferences: Readonly<Record<string, string>> }>()(v.object({ file: v.blob() })),
  device: method<never, DeviceReport>()(v.object({ refresh: v.optional(v.boolean()), test: v.optional(v.boolean()) })),
  'device.preferCpu': method<never, DeviceReport>()(v.object({ preferCpu: v.boolean() })),
  'device.preferQuality': method<never, DeviceReport>()(v.object({ preferQuality: v.boolean() })),
  'events.list': method<never, readonly DeviceEvent[]>()(nothing),
  storage: method<never, StorageReport>()(v.object({ remembered: v.optional(v.array(LostModelSchema), []) })),
  /** Deletes the database for every tab. The rest of what is kept is the page's to delete. */
  'storage.erase': method<never, null>()(nothing),
  'storage.propose': method<never, FreePlan>()(v.object({ bytes: v.pipe(v.number(), v.minValue(0)), keep: v.optional(id) })),
  'storage.free': method<never, FreeReport>()(v.object({ steps: v.pipe(v.array(FreeStepSchema), v.maxLength(1000)) })),
  /** Fetches what is missing of the runtime, at once and whatever the connection costs. */
  'storage.prepare': method<never, null>()(nothing),
  /** Forgets which root was trusted: the one that the app was shipped with takes its place. */
  'trust.accept': method<never, null>()(nothing),
  /** What only the page knows of its surroundings. Holds until it is aborted, so that the next engine is told as well. */
  conditions: method<never, null>()(v.object({ hidden: v.boolean(), lowBattery: v.boolean() })),
  /** Models in memory, and what they may take of it. */
  memory: method<never, MemoryReport>()(nothing),
  'memory.settings': method<never, MemorySettings>()(nothing),
  'memory.setSettings': method<never, MemorySettings>()(v.object({ settings: MemorySettingsSchema })),
  upstreams: method<never, readonly UpstreamSummary[]>()(nothing),
  ...benchmarkContract,
  ...logContract,
  ...requestContract,
  ...conversationContract,
  ...evaluationContract,
  ...kioskContract,
  operator: method<never, OperatorReport>()(nothing),
  /**
   * OpenAI's and Ollama's APIs (docs/api.md), whole: an answer of any status is no failure of the call. `fetchThrough` (httpFetch.ts) makes a
   * `Response` of it, for the service worker as for `fetch` across a frame. Each route asks other methods of this contract, by the same handlers.
   */
  http: method<HttpItem, null>()(HttpRequestSchema),
  health: method<never, Health>()(nothing),
  /** In Prometheus' text format. */
  metrics: method<never, string>()(nothing),
  /** How the engine stands to the database, now and at each change. Runs until it is aborted; answered also by an engine that cannot start. */
  lifecycle: method<StorageState, null>()(nothing),
  ...guestMethods,
  /** Runs until it is aborted. */
  watch: method<EngineEvent, null>()(nothing),
};
export type EngineContract = typeof engineContract;
