import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import { FALLBACK_CONTEXT } from '../core/fallbackContext.ts';
import type { Digest } from '../core/ids.ts';
import type { SinkQuestion, TokenHarm } from '../core/sinkSearch.ts';
import type { Digests } from '../ports/delivery.ts';
import type { GenerateRequest, GenerateResult, ReadAheadRequest } from '../ports/generation.ts';
import type {
  EmbedResult,
  KeptBeginning,
  LoadReport,
  LoadSpec,
  ReadAs,
  ScoreResult,
  Timed,
  TimedWork,
  TranscribeRequest,
  TranscribeResult,
} from '../ports/runtime.ts';
import type { PipelineRequest, PipelineResult, PipelineTask } from '../ports/task.ts';
import { createCacheRoom } from './cacheRoom.ts';
import { embedTexts, outputOf } from './embedding.ts';
import { readEmbeddingFiles } from './embeddingFiles.ts';
import { guarded } from './failures.ts';
import type { GpuWatch } from './gpuWatch.ts';
import { createGrammars } from './grammars.ts';
import { beginningOf, exportBeginning } from './keptBeginnings.ts';
import { loadCausalModel } from './loadCausalModel.ts';
import { createBreather } from './macrotask.ts';
import { ModelFiles } from './modelFiles.ts';
import { loadOrt } from './ort.ts';
import { loadPipelineModel, type RunCall } from './pipelineModel.ts';
import { loadPlainSpeechModel } from './plainSpeech.ts';
import { createPrefixes } from './prefixes.ts';
import { readAhead } from './readAhead.ts';
import { createSealedBeginnings } from './sealedBeginnings.ts';
import { createSession } from './session.ts';
import { loadSpeechModel, type SpeechModel } from './speech.ts';
import { steps } from './steps.ts';
import { type GenerateCall, generateText } from './textGeneration.ts';
import { scoreText } from './textScore.ts';
import { measureSinks } from './textSinks.ts';
import { timeText } from './textTiming.ts';
import { loadTokenizer } from './tokenizer.ts';
import { turnLead } from './turnLead.ts';
import { createTurns } from './turns.ts';
import { warmUp } from './warmUp.ts';

/** The model of one inference worker. */
export interface WorkerModel {
  readonly report: LoadReport;
  /** Resolves when nothing is computed, and nothing will be any more. */
  stop(): Promise<void>;
  /** Of the beginnings of prompts that are kept, whether a prompt of this run had them or not. */
  prefixBytes(): number;
  /** Lets go of all of them, after the step that is under way. */
  forgetBeginnings(): Promise<void>;
  /** After the step that is under way. */
  tokenize(text: string): number[] | Promise<number[]>;
  readAhead(request: ReadAheadRequest, call: Parameters<typeof readAhead>[2]): Promise<void>;
  beginningOf(input: GenerateRequest['input']): number[];
  exportBeginning(ids: readonly number[], salt: string): Uint8Array<ArrayBuffer> | undefined;
  restoreBeginnings(kept: readonly KeptBeginning[], ground: string): Digest[];
  score(text: string, signal: AbortSignal, as?: ReadAs): Promise<ScoreResult>;
  measureSinks(text: string, question: SinkQuestion, signal: AbortSignal): Promise<TokenHarm[] | undefined>;
  time(work: TimedWork, signal: AbortSignal): Promise<Timed>;
  generate(request: GenerateRequest, call: GenerateCall): Promise<GenerateResult>;
  embed(texts: readonly string[], signal: AbortSignal): Promise<EmbedResult>;
  transcribe(request: TranscribeRequest, call: Parameters<SpeechModel['transcribe']>[1]): Promise<TranscribeResult>;
  run(request: PipelineRequest, call: RunCall): Promise<PipelineResult>;
}

interface Spawn {
  /** Holds answers to their form. */
  readonly grammars: () => Worker;
  /** Reads weights into a shared heap. */
  readonly weightReader: () => Worker;
}

type Abilities = Pick<WorkerModel, 'tokenize'> & Partial<Omit<WorkerModel, 'report'>> & Pick<LoadReport, 'weightReaders' | 'cacheType'>;

const ids = v.union([
  v.pipe(
    v.number(),
    v.transform((id) => [id]),
  ),
  v.array(v.number()),
]);
const ConfigSchema = v.looseObject({
  model_type: v.nullish(v.string()),
  max_position_embeddings: v.nullish(v.number()),
  eos_token_id: v.nullish(ids),
});

/**
 * Loads the one model of this realm.
 * @param spawn starts workers of its own
 * @param digests by which kept beginnings of prompts are found
 * @param watch has watched since before the runtime started
 * @throws SillError `runtime_failed` | `out_of_memory` | `unsupported_device` | `installation_damaged`
 */
export async function loadWorkerModel(wanted: LoadSpec, spawn: Spawn, digests: Digests, watch: GpuWatch): Promise<WorkerModel> {
  const startMs = performance.now();
  // Without isolation there is no shared memory to run threads on.
  const spec = { ...wanted, threads: crossOriginIsolated ? wanted.threads : 1 };
  const files = new ModelFiles(spec.modelId, spec.files);
  const { task } = spec;
  const gpu = spec.device === 'webgpu' ? watch.guard : undefined;
  const load = () => (isPipelineTask(task) ? loadTask(spec, files, task) : LOADERS[task](spec, files, spawn, digests));
  const { weightReaders, cacheType, ...abilities } = await (gpu ? gpu(load) : load());
  const refuse = (): never => {
    throw new SillError('unsupported_task', `${spec.modelId} is a model for ${spec.task}; it cannot do this.`, {
      details: { task: spec.task },
    });
  };
  const model: Omit<WorkerModel, 'report'> = {
    stop: async () => undefined,
    prefixBytes: () => 0,
    readAhead: refuse,
    forgetBeginnings: async () => undefined,
    beginningOf: refuse,
    exportBeginning: refuse,
    restoreBeginnings: refuse,
    generate: refuse,
    score: refuse,
    measureSinks: refuse,
    time: refuse,
    embed: refuse,
    transcribe: refuse,
    run: refuse,
    ...abilities,
  };
  return {
    ...model,
    ...(gpu
      ? {
          generate: (request, call) => gpu(() => model.generate(request, call)),
          readAhead: (request, call) => gpu(() => model.readAhead(request, call)),
          score: (text, signal, as) => gpu(() => model.score(text, signal, as)),
          measureSinks: (text, question, signal) => gpu(() => model.measureSinks(text, question, signal)),
          time: (work, signal) => gpu(() => model.time(work, signal)),
          embed: (texts, signal) => gpu(() => model.embed(texts, signal)),
          transcribe: (request, call) => gpu(() => model.transcribe(request, call)),
          run: (request, call) => gpu(() => model.run(request, call)),
        }
      : {}),
    report: {
      ...{ loadMs: performance.now() - startMs, build: spec.build, device: spec.device, threads: spec.threads },
      ...(weightReaders === undefined ? {} : { weightReaders }),
      ...(cacheType === undefined ? {} : { cacheType }),
    },
  };
}

const isPipelineTask = (task: LoadSpec['task']): task is PipelineTask => !Object.hasOwn(LOADERS, task);

async function loadTask(spec: LoadSpec, files: ModelFiles, task: PipelineTask): Promise<Abilities> {
  const ort = await guarded('starting the runtime', () => loadOrt(spec.build, spec.threads));
  return loadPipelineModel(ort, files, spec, task);
}

type Loader = (spec: LoadSpec, files: ModelFiles, spawn: Spawn, digests: Digests) => Promise<Abilities>;

const LOADERS: Record<Exclude<LoadSpec['task'], PipelineTask>, Loader> = {
  async 'text-generation'(spec, files, spawn, digests) {
    const stated = spec.contextLength !== undefined && spec.generation !== undefined;
    const config = stated ? undefined : await files.optionalJson('config.json', ConfigSchema);
    const contextLength = spec.contextLength ?? config?.max_position_embeddings ?? FALLBACK_CONTEXT;
    // The runtime starts and compiles in the background meanwhile.
    const [{ model, weightReaders, warmUpCalls }, tokenizer] = await Promise.all([
      loadCausalModel(files, { build: spec.build, threads: spec.threads, device: spec.device, contextLength }, spawn.weightReader),
      loadTokenizer(files, spec.chatTemplate),
    ]);
    const eosTokenIds = new Set(spec.generation?.eosTokenIds ?? config?.eos_token_id ?? []);
    // Where each block holds all before it, what is cut small is soon not kept at all.
    const turnEnds = model.keepsBlocksApart ? eosTokenIds : new Set<number>();
    const sealed = createSealedBeginnings(digests);
    const text = {
      model,
      sealed,
      grammars: createGrammars({
        spawn: spawn.grammars,
        tokens: () => tokenizer.letters(model.vocabularySize),
        stopTokenIds: [...eosTokenIds],
      }),
      prefixes: createPrefixes(model, contextLength),
      turns: createTurns(),
      cacheRoom: createCacheRoom(),
      tokenizer,
      breathe: createBreather(),
      contextLength,
      eosTokenIds,
      cuts: {
        // Only dynamic int8 suffers from a sink token in the same call.
        sinkTokens: new Set(spec.dtype === 'int8' ? spec.sinkTokens : []),
        turnEnds,
        lead: turnLead(tokenizer, turnEnds),
      },
    };
    // What is told to stop in its first block is given the time of one. A GPU compiles in each of these calls, which says nothing of its steps.
    const onCall = spec.device === 'wasm' ? steps.note : undefined;
    const warming = warmUpCalls && warmUp({ ...text, onCall }, warmUpCalls);
    return {
      ...(weightReaders === undefined ? {} : { weightReaders }),
      cacheType: model.cacheType,
      stop: text.turns.end,
      prefixBytes: () => text.prefixes.sizeBytes + sealed.sizeBytes,
      forgetBeginnings: () =>
        text.turns.take(async () => {
          text.prefixes.clear();
          sealed.clear();
        }),
      tokenize: (words) => text.turns.take(() => tokenizer.encode(words)),
      readAhead: (request, call) => readAhead(text, request, call),
      beginningOf: (input) => beginningOf(text, input),
      exportBeginning: (ids, salt) => exportBeginning(text, ids, salt),
      restoreBeginnings: (kept, ground) => sealed.add(model, kept, ground),
      generate: (request, call) => generateText(text, request, call),
      score: (words, signal, as) => scoreText(text, words, signal, as),
      measureSinks: (words, question, signal) => measureSinks(text, words, question, signal),
      time: (work, signal) => {
        // Nothing else may compute meanwhile.
        warming?.stop();
        return timeText(text, work, signal);
      },
    };
  },
  async 'feature-extraction'(spec, files) {
    const ort = await guarded('starting the runtime', () => loadOrt(spec.build, spec.threads));
    const [session, { poolings, ...described }] = await Promise.all([
      createSession(ort, files, { device: spec.device }),
      readEmbeddingFiles(files, spec),
    ]);
    const model = { ort, session, breathe: createBreather(), output: outputOf(spec.modelId, session, poolings), ...described };
    return { tokenize: described.tokenizer.encode, embed: (texts, signal) => embedTexts(model, texts, signal) };
  },
  async 'automatic-speech-recognition'(spec, files) {
    const ort = await guarded('starting the runtime', () => loadOrt(spec.build, spec.threads));
    const { model_type } = await files.json('config.json', ConfigSchema);
    return model_type === 'whisper' ? loadSpeechModel(ort, files, spec) : loadPlainSpeechModel(ort, files, spec);
  },
};
