import * as v from 'valibot';
import type { TaskOptions } from '../core/taskOptions.ts';
import { TASKS, type Task } from '../core/tasks.ts';
import type { InputByShape, Pixels, RunProgress, TaskInput, TaskOutput } from '../ports/task.ts';
import type { RunInfo } from './engineReports.ts';
import { scheduling } from './openaiRequests.ts';
import { AnyInputSchema } from './taskInput.ts';

export type {
  Answer,
  Box,
  Detection,
  Entity,
  Filled,
  Label,
  Pixels,
  PlainTensor,
  RunProgress,
  Segment,
  TaskOutput,
} from '../ports/task.ts';

/** As it reaches the engine: pictures as files or pixels, recordings as samples. */
export const RunParamsSchema = v.object({
  ...scheduling,
  model: v.string('name the model, for example "stories15m"'),
  task: v.optional(v.picklist(TASKS)),
  input: AnyInputSchema,
  options: v.optional(v.record(v.string(), v.unknown())),
});

/** A picture as a page has it: a file, ImageData or pixels, or an ImageBitmap. */
export type PictureInput = Blob | Pixels | ImageBitmap;
/** A recording as a page has it: anything that the browser can decode, or mono samples at the rate that the task works at. */
export type SoundInput = Blob | Float32Array;

type Widened<I> = I extends string | readonly unknown[]
  ? I
  : { readonly [K in keyof I]: K extends 'image' ? PictureInput : K extends 'audio' ? SoundInput : I[K] };
/** What a page may give for a task. */
export type RunInput<T extends Task> = Widened<TaskInput<T>>;
export type PageInput = Widened<InputByShape[keyof InputByShape]>;

export interface RunRequest<T extends Task> {
  readonly model: string;
  /** Types the input and the answer, and is held against the model's; absent takes the model's. */
  readonly task?: T;
  readonly input: RunInput<T>;
  readonly options?: TaskOptions<T>;
  readonly keep_alive?: string | number;
  readonly service_tier?: 'auto' | 'default' | 'flex' | 'priority';
}

/** Which task it was tells which answer it is. */
export type RunResult<T extends Task> = {
  readonly [K in T]: {
    readonly model: string;
    readonly task: K;
    readonly output: TaskOutput<K>;
    /** Where and by what it was computed. `run_ms`: the model's own time, loading and waiting left out; `truncated`: of a text it read only the beginning. */
    readonly sill: RunInfo & { readonly run_ms: number; readonly truncated: boolean };
  };
}[T];

/** Runs a model by its task. */
export type RunDoor = <T extends Task = Task>(
  request: RunRequest<T>,
  options?: { readonly signal?: AbortSignal; readonly onProgress?: (progress: RunProgress) => void },
) => Promise<RunResult<T>>;
