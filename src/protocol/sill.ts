import type { Task } from '../core/tasks.ts';
import type { SillBenchmarks } from './benchmarks.ts';
import type { CallOptions } from './callOptions.ts';
import type { SillConversations } from './conversations.ts';
import type { DownloadSettings, DownloadSettingsData, DownloadSummary } from './downloadReports.ts';
import type { EngineAccess } from './enginePlace.ts';
import type { DeviceEvent, DeviceReport, DocumentSummary, EngineEvent, Health, OperatorReport, SearchHit } from './engineReports.ts';
import type { SillEvaluations } from './evaluations.ts';
import type { GuestsSurface } from './guests.ts';
import type { Importer } from './imports.ts';
import type { SillKiosk } from './kiosk.ts';
import type { SillLog } from './log.ts';
import type { MemoryReport, MemorySettings, MemorySettingsData } from './memoryReports.ts';
import type { DerivedModels } from './modelfiles.ts';
import type { InstallProgress, ModelSummary } from './modelReports.ts';
import type { SillModels } from './models.ts';
import type { ChatCompletion, ChatCompletionChunk, Completion, EmbeddingResponse, Transcription, TranscriptionProgress } from './openai.ts';
import type { ChatRequest, CompletionRequest, EmbeddingRequest, TranscriptionParams } from './openaiRequests.ts';
import type { SillRequests } from './requests.ts';
import type { FoundModel, SourcesReport } from './sourceReports.ts';
import type { FreePlan, FreeReport, FreeStep, OwnDataReport, StorageReport } from './storageReports.ts';
import type { RunDoor } from './tasks.ts';
import type { UpdateOutcome, UpdatePolicyData, UpdateReport, UpdateStatus } from './updateReports.ts';
import type { UpstreamSummary } from './upstreams.ts';

/** Streams in the order of generation. Leaving the loop early cancels the generation. */
export type Streamed<Request, Whole, Chunk> = {
  (request: Request & { readonly stream: true }, options?: CallOptions): Promise<AsyncIterable<Chunk>>;
  (request: Request & { readonly stream?: false | null }, options?: CallOptions): Promise<Whole>;
};

/**
 * The public surface: `globalThis.sill`. Names and shapes follow the `openai` client where it has one.
 * Everything rejects with a SillError: `{ code, message, details }`.
 */
export interface Sill extends Importer, SillLog {
  readonly engine: EngineAccess;
  readonly models: SillModels & DerivedModels & Importer['models'];
  /** The queue: one download at a time on the whole device, carried by one tab, seen and steered from all. Survives the browser's end. */
  readonly downloads: {
    /** Queued, under way, paused and failed ones in their order, then what was finished of late. */
    list(): Promise<readonly DownloadSummary[]>;
    /** What was stored stays. False when the model is neither queued nor under way. */
    pause(id: string): Promise<boolean>;
    /**
     * Lets a paused or failed one go on. Of one that waits it is a person's word: for a metered connection, that this one may cost; for a
     * network that is away, to try it now. Rejects with `invalid_request` when nothing of the model is unfinished.
     */
    resume(id: string): Promise<void>;
    /** Gives it up and frees what was stored of it alone. @throws SillError `invalid_request` when nothing of the model is unfinished */
    cancel(id: string): Promise<{ readonly freedBytes: number }>;
    /** Before all others, at once. @throws SillError as `cancel` */
    prioritise(id: string): Promise<void>;
    settings(): Promise<DownloadSettings>;
    /**
     * Replaces the settings of this device; they hold at once, in every tab. `bytesPerSecond` limits all downloads together, absent is no
     * limit; `metered: 'allow'` does not wait on a connection that costs by the byte.
     * @throws SillError `forbidden` where the operator of the site decides
     */
    setSettings(settings: DownloadSettingsData): Promise<DownloadSettings>;
  };
  readonly guests: GuestsSurface;
  /**
   * Models from elsewhere. What is signed (mirrors, other catalogs) is in `models.list`; a server in Hugging Face's layout is asked by name, and
   * what it has is trusted on first use: its commit and the digests of its files are recorded, and other bytes are refused from then on.
   */
  readonly sources: {
    /** What the policy of this site allows. */
    list(): Promise<SourcesReport>;
    /**
     * What a server says of a model. None of its weights is fetched.
     * @param model `owner/name`, `hf:owner/name@revision`, or the address of its page
     * @param options `source`: the address of the server, by default the first that the policy names; `task`: see `add`
     * @throws SillError `source_not_allowed` | `unknown_model` | `invalid_request` | `network_unavailable`
     */
    find(model: string, options?: CallOptions & { readonly source?: string; readonly task?: Task }): Promise<FoundModel>;
    /**
     * Puts the model into the queue, and resolves when it is recorded and on the device, whichever tab carried it: as `models.install`, and seen and
     * steered as it is, see `downloads`. Goes on from what an earlier try stored.
     * @throws SillError as `find` and `models.install` | `source_changed` where its files are others than were recorded
     */
    add(
      model: string,
      options?: CallOptions & {
        readonly source?: string;
        readonly variant?: string;
        /** What it is for, where its server and its configuration do not say, or not what is meant. */
        readonly task?: Task;
        readonly onProgress?: (progress: InstallProgress) => void;
      },
    ): Promise<ModelSummary>;
    /** Drops what was recorded of a model, with an unfinished download, so that it may be added anew as it is then. An installed one runs on. */
    forget(id: string): Promise<boolean>;
  };
  readonly updates: {
    /**
     * What the installed models may become, and why not more. As a person's wish it goes before the phases of a rollout.
     * @throws SillError `catalog_unavailable` | `network_unavailable` | `invalid_catalog` | `aborted`
     */
    check(options?: CallOptions): Promise<UpdateReport>;
    /**
     * Fetches, tries out and activates what is offered, of one model or of all, one after another. What fails is an outcome like any other.
     * @throws SillError as `check`
     */
    apply(
      id?: string,
      options?: CallOptions & { readonly onProgress?: (id: string, progress: InstallProgress) => void },
    ): Promise<readonly UpdateOutcome[]>;
    /** The policy, why it waits at this moment, and what was found last. */
    policy(): Promise<UpdateStatus>;
    /**
     * Names this device, which decides when the phases of a rollout reach it; the name is never sent. A random one is drawn at the first start,
     * so that only cloned images and fleets need this. `undefined` draws another one.
     */
    setDeviceId(id: string | undefined): Promise<UpdateStatus>;
    /**
     * What this device does about updates by itself: `off`, `notify`, `idle`, or a `window` of local time.
     * @throws SillError `forbidden` where the operator of the site decides
     */
    setPolicy(policy: UpdatePolicyData): Promise<UpdateStatus>;
  };
  readonly completions: { readonly create: Streamed<CompletionRequest, Completion, Completion> };
  readonly chat: { readonly completions: { readonly create: Streamed<ChatRequest, ChatCompletion, ChatCompletionChunk> } };
  readonly embeddings: { create(request: EmbeddingRequest, options?: CallOptions): Promise<EmbeddingResponse> };
  readonly audio: {
    readonly transcriptions: {
      /** @param request `file`: anything that the browser can decode, or mono samples at 16 kHz. */
      create(
        request: { readonly model: string; readonly file: Blob | Float32Array } & Omit<TranscriptionParams, 'model' | 'audio'>,
        options?: CallOptions & { readonly onProgress?: (progress: TranscriptionProgress) => void },
      ): Promise<Transcription>;
    };
  };
  /**
   * Runs a model by its task: classification, translation, object detection and all others of transformers.js (docs/tasks.md). The task is the
   * model's; naming it types input and answer.
   * @throws SillError `invalid_request` that says what the task wants | `empty_input` | `unsupported_task` | `image_undecodable` |
   *   `audio_undecodable` | `model_not_installed` | `busy` | `aborted` | what the runtime throws
   */
  readonly run: RunDoor;
  /** Texts of a person, cut into passages that are found by meaning. `model` embeds: what another model or revision embedded is not found. */
  readonly documents: {
    /** All of them; `outdated` ones were embedded by another model or revision than `model` is now. */
    list(request: { readonly model: string }): Promise<readonly DocumentSummary[]>;
    /**
     * Stores nothing where it is cancelled or fails.
     * @param request `text`: 5,000,000 characters at most
     * @throws SillError `empty_input` | `invalid_request` | `busy` where the model was updated meanwhile | `quota_exceeded` | what `embeddings` throws
     */
    add(
      request: { readonly model: string; readonly name: string; readonly text: string },
      options?: CallOptions & {
        readonly onProgress?: (progress: { readonly donePassages: number; readonly totalPassages: number }) => void;
      },
    ): Promise<DocumentSummary>;
    /** The document alone, as `data.import` takes it. @throws SillError `invalid_request` */
    copy(id: string): Promise<Blob>;
    /** False where there was none. */
    remove(id: string): Promise<boolean>;
    /** The passages nearest to the query, best first. @param request `top`: how many, 1 to 100, 10 by default @throws SillError `empty_input` | as `add` */
    search(
      request: { readonly model: string; readonly query: string; readonly top?: number },
      options?: CallOptions,
    ): Promise<readonly SearchHit[]>;
  };
  readonly data: {
    /**
     * A copy of what a person made here, as one JSON file: documents with their passages, conversations, Modelfiles, evaluation suites, settings,
     * choices in the views. Neither weights nor keys.
     * @param options `deviceId`: also this device's place in rollouts, for a device that takes the place of this one
     */
    export(options?: CallOptions & { readonly deviceId?: boolean }): Promise<Blob>;
    /**
     * Takes such a copy: all of it, or nothing where anything in it is wrong. Documents of the same id are replaced, all others stay. Conversations that
     * another passphrase locks are left out where there are some already.
     * @throws SillError `invalid_backup` | `quota_exceeded`
     */
    import(file: Blob, options?: CallOptions): Promise<OwnDataReport>;
  };
  /**
   * What this device can do. Probed once for each browser, adapter and version of the runtime, then remembered.
   * @param options `refresh` asks the browser again; `test` also runs the self-test of the graphics processor again, which fetches the
   *   runtime for it where it is not kept
   */
  readonly device: {
    (options?: { readonly refresh?: boolean; readonly test?: boolean }): Promise<DeviceReport>;
    /** Whether models run on the processor wherever there is a choice. @returns the device as it is judged from now on */
    preferCpu(preferCpu: boolean): Promise<DeviceReport>;
    /**
     * Whether models are installed in the form that is closest to the original, in place of the fastest: 16 bits, on a graphics processor that computes
     * in them. @returns as `preferCpu` @throws SillError `forbidden` where the operator of the site decides
     */
    preferQuality(preferQuality: boolean): Promise<DeviceReport>;
  };
  /**
   * Models in memory: how much each takes, when it leaves, how many requests wait for it, and what all may take together. Each request says with
   * `keep_alive` how long its model stays after it, as in Ollama: a duration such as "5m" or "1h30m", a number of seconds, 0 for not at all, -1
   * for ever. A model that does not fit has those unloaded that are idle, the one that was used longest ago first.
   */
  readonly memory: {
    (): Promise<MemoryReport>;
    settings(): Promise<MemorySettings>;
    /**
     * Replaces the settings of this device: `budgetBytes` for all models, `keepAlive` of requests that say nothing, `preload` at the start.
     * @throws SillError `forbidden` where the operator of the site decides
     */
    setSettings(settings: MemorySettingsData): Promise<MemorySettings>;
  };
  /** What went wrong while models ran here and what came of it, oldest first. */
  readonly events: { list(): Promise<readonly DeviceEvent[]> };
  readonly trust: {
    /**
     * Trusts the root that this version of the app was shipped with in place of the one that this device knew. Only for a person who was told
     * that the publisher's keys have changed.
     */
    accept(): Promise<void>;
  };
  readonly storage: {
    (): Promise<StorageReport>;
    /**
     * What could be given up for so many bytes: unfinished downloads, earlier versions, then models by their last use. Changes nothing.
     * @param options `keep`: the model for which room is sought, so that what was downloaded of it is not proposed
     */
    propose(bytes: number, options?: { readonly keep?: string }): Promise<FreePlan>;
    /** Gives up exactly these steps of a proposal; what is in use or pinned stays. */
    free(steps: readonly FreeStep[]): Promise<FreeReport>;
    /**
     * Fetches the model runtime, so that a model which comes from a file starts without a network. Done by itself where the connection costs nothing.
     * @throws SillError `network_unavailable` | `quota_exceeded` | `storage_unavailable` | `aborted`
     */
    prepare(options?: CallOptions): Promise<void>;
    /** Asks the browser to keep this site's data when space gets short. @returns whether it does */
    persist(): Promise<boolean>;
    /**
     * Erases everything that Sill keeps on this device: models, documents, settings, the app itself. Other tabs are told and end; this page
     * is opened anew. Cannot be taken back.
     */
    erase(): Promise<void>;
    /** Stops speaking of models that vanished with the database. */
    forget(): void;
  };
  /**
   * Names under which another computer answers, by the policy of this site (docs/operate.md); empty where there are none. `sill.computed_by` of each
   * answer says where it was computed.
   */
  upstreams(): Promise<readonly UpstreamSummary[]>;
  /** Who asks the models of this device for what, at this moment. */
  readonly requests: SillRequests;
  readonly benchmarks: SillBenchmarks;
  readonly conversations: SillConversations;
  readonly evaluations: SillEvaluations;
  readonly kiosk: SillKiosk;
  /** What the operator of this site wants of every device, and what therefore cannot be set here. */
  operator(): Promise<OperatorReport>;
  /** Whether models answer, and what is wrong where something is. Never rejects for what it finds. */
  health(options?: CallOptions): Promise<Health>;
  /**
   * Counters and times of this engine since it started, in Prometheus' text format (docs/api.md). Names are vLLM's where it has one, with `sill:`
   * in place of `vllm:`.
   */
  metrics(): Promise<string>;
  /** Calls back on every change, from any tab. Returns the way to stop. */
  watch(listener: (event: EngineEvent) => void): () => void;
}

declare global {
  /** The public surface in the app's own page. Absent where nothing can run (an insecure context). */
  var sill: Sill | undefined;
}
