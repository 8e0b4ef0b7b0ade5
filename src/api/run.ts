import { SillError } from '../core/errors.ts';
import { type ParsedTaskOptions, parseTaskOptions } from '../core/taskOptions.ts';
import type { Task } from '../core/tasks.ts';
import type { RunProgress } from '../ports/task.ts';
import { parseTaskInput } from '../protocol/taskInput.ts';
import type { RunResult } from '../protocol/tasks.ts';
import type { GenerateOptions, Inference, InferenceCall, TaskInference } from '../services/inference/inference.ts';
import { parseModelRef } from './modelRef.ts';

export interface RunParams {
  readonly model: string;
  readonly task?: Task | undefined;
  readonly input: unknown;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly keep_alive?: number | null | undefined;
  readonly service_tier?: 'auto' | 'default' | 'flex' | 'priority' | null | undefined;
}

interface RunCall extends InferenceCall {
  emit(progress: RunProgress): void;
}

/**
 * One door for all tasks. Which task it is, the model says; those that have a door of their own go through it.
 * @throws SillError `unsupported_task` when another task is named than the model's | `invalid_request` | `empty_input` | what the services throw
 */
export async function runModel(inference: Inference & TaskInference, params: RunParams, call: RunCall): Promise<RunResult<Task>> {
  const id = parseModelRef(params.model);
  const task = await inference.taskOf(id);
  if (params.task !== undefined && params.task !== task) {
    throw new SillError('unsupported_task', `${params.model} is a model for ${task}, not for ${params.task}.`, { details: { task } });
  }
  const { model, input, options = {} } = params;
  const { emit, ...asked } = call;
  if (task === 'text-generation') {
    const { max_new_tokens, ...sampling } = parseTaskOptions(task, options);
    return { model, task, ...(await generate(inference, id, parseTaskInput(task, input), { ...sampling, max_new_tokens }, call)) };
  }
  if (task === 'feature-extraction') {
    parseTaskOptions(task, options);
    const texts = [parseTaskInput(task, input)].flat();
    const { vectors, dimensions, embedMs, truncated = false, run } = await inference.embed(id, texts, asked);
    return { model, task, output: { dims: [texts.length, dimensions], data: vectors }, sill: { ...run, truncated, run_ms: embedMs } };
  }
  if (task === 'automatic-speech-recognition') {
    const { language, task: wish } = parseTaskOptions(task, options);
    const { audio } = parseTaskInput(task, input);
    const request = { audio, ...(language === undefined ? {} : { language }), ...(wish === 'translate' ? { translate: true } : {}) };
    const heard = await inference.transcribe(id, request, {
      ...asked,
      onProgress: ({ segments, doneSeconds, totalSeconds }) =>
        emit({
          text: segments
            .map(({ text }) => text)
            .join('')
            .trim(),
          done: doneSeconds,
          total: totalSeconds,
        }),
    });
    const chunks = heard.segments.map(({ text, fromSeconds, toSeconds }) => ({ text, timestamp: [fromSeconds, toSeconds] as const }));
    return { model, task, output: { text: heard.text, chunks }, sill: { ...heard.run, truncated: false, run_ms: heard.transcribeMs } };
  }
  const { run, runMs, truncated, ...answer } = await inference.run(id, { task, input, options }, { ...asked, onProgress: emit });
  return { model, ...answer, sill: { ...run, truncated, run_ms: runMs } };
}

async function generate(
  inference: Inference,
  id: ReturnType<typeof parseModelRef>,
  input: string | ReadonlyArray<Extract<GenerateOptions['input'], { kind: 'chat' }>['messages'][number]>,
  {
    max_new_tokens: maxTokens,
    top_p: topP,
    top_k: topK,
    repetition_penalty: repetitionPenalty,
    ...rest
  }: ParsedTaskOptions<'text-generation'>,
  { emit, ...asked }: RunCall,
) {
  let text = '';
  const wanted: GenerateOptions['input'] = typeof input === 'string' ? { kind: 'text', text: input } : { kind: 'chat', messages: input };
  const result = await inference.generate(
    id,
    { input: wanted, maxTokens, topP, topK, repetitionPenalty, ...rest },
    {
      ...asked,
      async onPiece(piece) {
        text += piece.text;
        emit({ text });
      },
    },
  );
  return {
    output: { generated_text: result.text, finish_reason: result.finishReason },
    sill: { ...result.run, truncated: result.truncated ?? false, run_ms: result.prefillMs + result.decodeMs },
  };
}
