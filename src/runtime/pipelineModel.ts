import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import type { Task } from '../core/tasks.ts';
import type { LoadSpec } from '../ports/runtime.ts';
import type { PipelineRequest, PipelineResult, PipelineTask, RunProgress } from '../ports/task.ts';
import { guarded, runtimeFailure } from './failures.ts';
import { createBreather } from './macrotask.ts';
import type { ModelFiles } from './modelFiles.ts';
import type { Ort } from './ort.ts';
import { watchedRuntime } from './pipelineSessions.ts';
import { type Pipe, runTask } from './pipelineTasks.ts';
import { steps } from './steps.ts';
import { isCut } from './textsRead.ts';
import { FROM_FILES, loadTransformers, MODEL_NAME } from './transformers.ts';

export interface RunCall {
  readonly signal: AbortSignal;
  /** Called as it comes, without waiting for its reader. */
  readonly onProgress: (progress: RunProgress) => void;
}

export interface PipelineModel {
  tokenize(text: string): number[];
  run(request: PipelineRequest, call: RunCall): Promise<PipelineResult>;
}

/** What transformers.js says of an architecture that it has no code for. */
const UNKNOWN_TYPE = /Unsupported model type/i;

const unknownType = ({ modelId }: LoadSpec, task: Task, cause: unknown): SillError =>
  new SillError(
    'unsupported_task',
    `${modelId} has an architecture that this version of Sill cannot run for ${task}. Add it again for another task, or choose another model.`,
    { details: { task, reason: cause instanceof Error ? cause.message : String(cause) }, cause },
  );

/** What the library itself throws, before or after the graph runs, is about this input or this model: the runtime is as good as it was. */
function refusedInput(reason: unknown): SillError {
  const failure = runtimeFailure(reason, 'running the model');
  if (failure.code !== 'runtime_failed') return failure;
  const text = reason instanceof Error ? reason.message : String(reason);
  return new SillError(
    'invalid_request',
    `The model cannot work on this: ${text} Try another input; if none works, its export was not made for its task.`,
    { details: { reason: text }, cause: reason },
  );
}

const ConfigSchema = v.looseObject({ model_type: v.nullish(v.string()) });

/**
 * A pipeline of transformers.js over the model's Blobs.
 * @throws SillError `installation_damaged` | `runtime_failed` | `out_of_memory`
 */
export async function loadPipeline(ort: Ort, files: ModelFiles, spec: LoadSpec, task: Task) {
  const breathe = createBreather();
  const calls: RunCall[] = [];
  let runs = 0;
  let beganMs = 0;
  let isLoading = true;
  const failures: unknown[] = [];
  const transformers = await loadTransformers(
    watchedRuntime(ort, task, {
      async before() {
        await breathe();
        for (const { signal } of calls) signal.throwIfAborted();
        // The library has one run after the other.
        beganMs = performance.now();
      },
      after() {
        runs += 1;
        steps.note(performance.now() - beganMs);
      },
      failed(reason) {
        failures.push(reason);
      },
      isLoading: () => isLoading,
    }),
    files,
  );
  // What fails is thrown and told by whoever asked; the library would print a whole picture beside it.
  transformers.env.logLevel = transformers.LogLevel.NONE;
  const loaded: unknown = await guarded('loading the model', () =>
    transformers
      .pipeline(task, MODEL_NAME, {
        ...{ device: spec.device, dtype: spec.dtype, ...FROM_FILES },
      })
      .catch((reason: unknown) => {
        throw UNKNOWN_TYPE.test(String(reason)) ? unknownType(spec, task, reason) : reason;
      }),
  );
  isLoading = false;
  if (typeof loaded !== 'function') throw new SillError('runtime_failed', `transformers.js made no pipeline for ${task}.`);
  const tokenizer: unknown = Reflect.get(loaded, 'tokenizer');
  const pipe: Pipe = (...args) =>
    guarded('running the model', async () => {
      failures.length = 0;
      try {
        const answer: unknown = await Reflect.apply(loaded, undefined, args);
        if (failures.length === 0) return answer;
      } catch (reason) {
        // Without an output the library stumbles over what is missing.
        if (failures.length === 0) throw refusedInput(reason);
      }
      throw failures[0];
    });
  return {
    transformers,
    pipe,
    tokenizer: tokenizer instanceof transformers.PreTrainedTokenizer ? tokenizer : undefined,
    /** Ends the runs of `work` with the call's signal, and counts them. */
    async watching<T>(call: RunCall, work: (runsDone: () => number) => Promise<T>): Promise<T> {
      const before = runs;
      calls.push(call);
      try {
        return await work(() => runs - before);
      } finally {
        calls.splice(calls.indexOf(call), 1);
      }
    },
  };
}
export type LoadedPipeline = Awaited<ReturnType<typeof loadPipeline>>;

/** A model whose task has no loader of its own. */
export async function loadPipelineModel(ort: Ort, files: ModelFiles, spec: LoadSpec, task: PipelineTask): Promise<PipelineModel> {
  const loaded = await loadPipeline(ort, files, spec, task);
  const { model_type } = await files.json('config.json', ConfigSchema);
  const { tokenizer } = loaded;
  return {
    tokenize: (text) => tokenizer?.encode(text) ?? [],
    async run({ input, options }, call) {
      const startMs = performance.now();
      call.signal.throwIfAborted();
      const answer = await loaded.watching(call, (runsDone) =>
        runTask(task, { ...loaded, files, call, runsDone, modelType: model_type ?? undefined }, input, options),
      );
      return { ...answer, runMs: performance.now() - startMs, truncated: isCut(tokenizer, input) };
    },
  };
}
