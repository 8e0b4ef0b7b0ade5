import { SillError } from '../../core/errors.ts';
import type { ModelId, RevisionId } from '../../core/ids.ts';
import type { Manifest } from '../../core/manifest.ts';
import { parseTaskOptions } from '../../core/taskOptions.ts';
import type { Task } from '../../core/tasks.ts';
import type { Random } from '../../ports/browser.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GeneratedPiece, GenerateRequest, GenerateResult, ReadAheadRequest } from '../../ports/generation.ts';
import type { EmbedResult, TranscribeProgress, TranscribeRequest, TranscribeResult } from '../../ports/runtime.ts';
import type { Store } from '../../ports/store.ts';
import type { PipelineResult, PipelineTask, RunProgress } from '../../ports/task.ts';
import type { RunInfo } from '../../protocol/engineReports.ts';
import { parseTaskInput } from '../../protocol/taskInput.ts';
import { isOfVersion } from '../models/derivedModels.ts';
import { notInstalled } from '../notInstalled.ts';
import { orAbort } from '../orAbort.ts';
import type { Reading } from '../sessions/reading.ts';
import type { Session } from '../sessions/session.ts';
import type { Sessions, UseOptions } from '../sessions/sessions.ts';
import { createEmbedding } from './embedding.ts';
import type { KeptBeginnings } from './keptBeginnings.ts';
import type { ReadAhead } from './readAhead.ts';
import { createResumable } from './resuming.ts';

/** What a caller leaves open is filled from the manifest, then from neutral values. */
export interface GenerateOptions {
  readonly input: GenerateRequest['input'];
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly minP?: number | undefined;
  readonly repetitionPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly logitBias?: GenerateRequest['logitBias'] | undefined;
  readonly seed?: number | undefined;
  /** Where nobody states one: whoever asks drew it, so that another engine goes on as this one would. */
  readonly drawnSeed?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly format?: GenerateRequest['format'] | undefined;
  readonly tools?: GenerateRequest['tools'] | undefined;
  readonly n?: number | undefined;
  readonly contextShift?: { readonly keep?: number | undefined } | undefined;
  readonly contextLength?: number | undefined;
  /** `persist`: also on the device, for the next run. */
  readonly cachePrompt?: boolean | 'persist' | undefined;
  readonly cacheSalt?: string | undefined;
  readonly given?: GenerateRequest['given'] | undefined;
  /** How many alternatives with each token's log-probability; absent for neither. */
  readonly logprobs?: number | undefined;
}

export interface Generated extends GenerateResult {
  readonly run: RunInfo;
  readonly seed: number;
  /** From the request's arrival: waiting and loading included. */
  readonly requestTtftMs: number;
}

/** Who asks, how much it matters, and how long the model is to stay. */
export interface InferenceCall extends UseOptions {
  readonly signal: AbortSignal;
}

export interface Inference {
  generate(
    id: ModelId,
    options: GenerateOptions,
    call: InferenceCall & {
      readonly onPiece?: (piece: GeneratedPiece) => Promise<void>;
      /** As `LoadedModel.generate` tells it. */
      readonly onAccepted?: (() => void) | undefined;
      /** The only version that may answer, by the first digits of its revision, and what is said of another. */
      readonly expect?: { readonly version: string; readonly refuse: (running: RevisionId) => SillError };
    },
  ): Promise<Generated>;
  embed(id: ModelId, texts: readonly string[], call: InferenceCall): Promise<EmbedResult & { readonly run: RunInfo }>;
  transcribe(
    id: ModelId,
    request: TranscribeRequest,
    call: InferenceCall & { readonly onProgress?: (progress: TranscribeProgress) => void },
  ): Promise<TranscribeResult & { readonly run: RunInfo }>;
}

/** Models by their tasks. */
export interface TaskInference {
  /**
   * Any task that has no method of its own in `Inference`.
   * @throws SillError `unsupported_task` when the model is for one of those | `empty_input` | `invalid_request` | `image_undecodable`
   */
  run(
    id: ModelId,
    request: { readonly task: PipelineTask; readonly input: unknown; readonly options?: Readonly<Record<string, unknown>> },
    call: InferenceCall & { readonly onProgress?: (progress: RunProgress) => void },
  ): Promise<PipelineResult & { readonly run: RunInfo }>;
  /** What an installed model is for. @throws SillError `model_not_installed` */
  taskOf(id: ModelId): Promise<Task>;
}

export interface InferenceDeps {
  readonly sessions: Sessions;
  readonly store: Pick<Store, 'models'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly beginnings: KeptBeginnings;
  readonly readAhead: Pick<ReadAhead, 'offer'>;
  /** Version of ONNX Runtime, for the record that each answer carries. */
  readonly runtimeVersion: string;
}

export function createInference(deps: InferenceDeps): Inference & TaskInference {
  const { sessions, store, clock, random, beginnings, readAhead, runtimeVersion } = deps;
  const runInfo = (id: ModelId, session: Session, loadMs: number | undefined): RunInfo => ({
    model: id,
    revision: session.installed.revision,
    variant: session.variant.id,
    dtype: session.variant.dtype,
    computed_by: 'device',
    device: session.model.report.device,
    build: session.model.report.build,
    threads: session.model.report.threads,
    runtime: `onnxruntime-web ${runtimeVersion}`,
    ...(loadMs === undefined ? {} : { loadMs }),
    ...(session.fallback ? { fallback: session.fallback } : {}),
  });

  const activeManifest = async (id: ModelId): Promise<Manifest | undefined> => {
    const active = (await store.models.slots(id))?.active;
    return active && (await store.models.manifest(active.revision));
  };

  /**
   * All but text is computed for one request after the other: together they would stand in the worker, first come first served, whoever waits for them.
   * A model of another task is not cleared of its answers first, to be told that it cannot do this.
   */
  const inTurn = async <T>(
    id: ModelId,
    task: Task,
    work: Parameters<typeof sessions.use<T>>[2],
    { signal, ...asked }: InferenceCall,
  ): Promise<T> => {
    const loaded = sessions.loaded().find((each) => each.id === id)?.session.manifest;
    const manifest = loaded ?? (await activeManifest(id));
    if (manifest) expectTask(manifest, task);
    const ofTask: typeof work = (session, ...rest) => {
      // It may have been replaced while this waited.
      expectTask(session.manifest, task);
      return work(session, ...rest);
    };
    return sessions.use(id, signal, ofTask, { ...asked, alone: true });
  };

  return {
    async generate(id, options, { signal, onPiece, onAccepted, expect, ...asked }) {
      refuseEmpty(options.input);
      const arrivedMs = clock.monotonicMs();
      const seed = (options.seed ?? options.drawnSeed ?? random.uint32()) >>> 0;
      let startedMs = arrivedMs;
      let generation: ReturnType<typeof createResumable> | undefined;
      const work = async (session: Session, loadMs: number | undefined, reading: Reading): Promise<Generated> => {
        expectTask(session.manifest, 'text-generation');
        const { revision } = session.installed;
        if (expect && !isOfVersion(revision, expect.version)) throw expect.refuse(revision);
        if (!generation) startedMs = clock.monotonicMs();
        const defaults = session.manifest.generation;
        const maxTokens = options.maxTokens ?? defaults?.maxTokens;
        generation ??= createResumable(
          {
            input: options.input,
            ...(maxTokens === undefined ? {} : { maxTokens }),
            temperature: options.temperature ?? defaults?.temperature ?? 1,
            topP: options.topP ?? defaults?.topP ?? 1,
            topK: options.topK ?? defaults?.topK ?? 0,
            repetitionPenalty: options.repetitionPenalty ?? defaults?.repetitionPenalty ?? 1,
            minP: options.minP ?? 0,
            presencePenalty: options.presencePenalty ?? 0,
            frequencyPenalty: options.frequencyPenalty ?? 0,
            logitBias: options.logitBias ?? [],
            seed,
            stop: options.stop ?? [],
            ...(options.format === undefined ? {} : { format: options.format }),
            ...(options.tools === undefined ? {} : { tools: options.tools }),
            ...(options.n === undefined ? {} : { n: options.n }),
            ...(options.contextShift === undefined ? {} : { contextShift: { keep: options.contextShift.keep ?? 0 } }),
            ...(options.contextLength === undefined ? {} : { contextLength: options.contextLength }),
            ...(options.cachePrompt === undefined ? {} : { cachePrompt: options.cachePrompt !== false }),
            ...(options.cacheSalt === undefined ? {} : { cacheSalt: options.cacheSalt }),
            ...(options.given === undefined ? {} : { given: options.given }),
            ...(options.logprobs === undefined ? {} : { logprobs: options.logprobs }),
          },
          onPiece,
          clock,
          onAccepted,
        );
        const beginning = options.cachePrompt === 'persist' ? beginnings.of(session, options) : undefined;
        if (beginning) await orAbort(beginning.recall(), signal);
        const roomBytes = options.n === undefined || options.n === 1 ? undefined : await sessions.roomBytes(session);
        const result = await generation(session.model, signal, reading, roomBytes);
        // The answer and its place do not wait for the disk.
        const keep = beginning && (await orAbort(beginning.take(), signal));
        void keep?.();
        const next = asked.priority === 'background' ? undefined : conversationOf(options, result);
        if (next) readAhead.offer(id, session, next);
        return { ...result, seed, requestTtftMs: startedMs - arrivedMs + result.ttftMs, run: runInfo(id, session, loadMs) };
      };
      return sessions.use(id, signal, work, asked);
    },
    embed: (id, texts, call) => {
      if (texts.some((text) => text.trim() === '')) throw emptyInput('There is nothing to embed: a text is empty.');
      const embedding = createEmbedding(texts);
      let startMs: number | undefined;
      const work = async (session: Session, loadMs: number | undefined, reading: Reading) => {
        // Of whichever turn had to load it.
        startMs = loadMs ?? startMs;
        return { ...(await embedding(session, call.signal, reading)), run: runInfo(id, session, startMs) };
      };
      return inTurn(id, 'feature-extraction', work, call);
    },
    transcribe: (id, request, { onProgress, ...call }) => {
      if (request.audio.length === 0) throw emptyInput('There is nothing to transcribe: the recording is empty.');
      const work = async (session: Session, loadMs: number | undefined) => {
        const result = await session.model.transcribe(request, { signal: call.signal, ...(onProgress ? { onProgress } : {}) });
        return { ...result, run: runInfo(id, session, loadMs) };
      };
      return inTurn(id, 'automatic-speech-recognition', work, call);
    },
    run: async (id, { task, input, options = {} }, { onProgress, ...call }) => {
      // Before a gigabyte is loaded for it.
      const request = { input: parseTaskInput(task, input), options };
      parseTaskOptions(task, options);
      const work = async (session: Session, loadMs: number | undefined) => {
        const result = await session.model.run(request, { signal: call.signal, ...(onProgress ? { onProgress } : {}) });
        return { ...result, run: runInfo(id, session, loadMs) };
      };
      return inTurn(id, task, work, call);
    },
    async taskOf(id) {
      const manifest = await activeManifest(id);
      if (manifest) return manifest.task;
      throw notInstalled(id);
    },
  };
}

/**
 * What goes on where a person reads an answer and asks again. Calls of tools are answered at once, and of several answers one is chosen by whoever
 * asked; a conversation that is longer than the context begins elsewhere next time.
 */
function conversationOf(
  { input, tools, contextLength, cachePrompt, cacheSalt }: GenerateOptions,
  { text, toolCalls = [], others, truncated }: GenerateResult,
): ReadAheadRequest | undefined {
  if (input.kind !== 'chat' || cachePrompt === false || toolCalls.length > 0 || others || truncated) return undefined;
  return {
    ...{ messages: input.messages, answer: text },
    ...(input.template === undefined ? {} : { template: input.template }),
    ...(tools === undefined ? {} : { tools }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(cacheSalt === undefined ? {} : { cacheSalt }),
  };
}

const emptyInput = (message: string): SillError => new SillError('empty_input', message);

function refuseEmpty(input: GenerateRequest['input']): void {
  if (input.kind === 'text' && input.text === '') throw emptyInput('The prompt is empty. Write a beginning for the model to go on from.');
  if (input.kind === 'tokens' && input.ids.length === 0) throw emptyInput('The prompt has no tokens.');
  if (input.kind === 'chat' && input.messages.every(({ content, toolCalls = [] }) => content.trim() === '' && toolCalls.length === 0)) {
    throw emptyInput('Every message is empty. Write something for the model to answer.');
  }
}

const DOORS: Partial<Record<Task, string>> = {
  'text-generation': 'sill.completions.create',
  'feature-extraction': 'sill.embeddings.create',
  'automatic-speech-recognition': 'sill.audio.transcriptions.create',
};

function expectTask({ name, task: own }: Manifest, task: Task): void {
  if (own === task) return;
  throw new SillError('unsupported_task', `${name} is a model for ${own}, not for ${task}. Use ${DOORS[own] ?? 'sill.run'} with it.`, {
    details: { task: own },
  });
}
