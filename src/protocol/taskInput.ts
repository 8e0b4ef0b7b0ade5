import * as v from 'valibot';
import { SillError } from '../core/errors.ts';
import { INPUT_WORDS, type InputShape, TASK_INPUTS, type Task } from '../core/tasks.ts';
import type { AnyInput, InputByShape, TaskInput } from '../ports/task.ts';

/** A photograph of a hundred megapixels; more is a mistake, and would end the tab. */
const MAX_PIXELS = 100_000_000;
const MAX_LABELS = 1000;

const text = v.pipe(v.string(), v.nonEmpty('is empty'));
const side = v.pipe(v.number(), v.integer(), v.minValue(1));
const pixels = v.pipe(
  v.object({ width: side, height: side, data: v.instance(Uint8ClampedArray) }),
  v.check(({ width, height }) => width * height <= MAX_PIXELS, 'has too many pixels'),
  v.check(
    ({ width, height, data }) => [1, 3, 4].includes(data.length / (width * height)),
    'has another number of bytes than its size asks for',
  ),
);
const image = v.union([v.blob(), pixels], 'is neither a file (Blob) nor pixels { width, height, data }');
const audio = v.pipe(
  v.instance(Float32Array, 'is not mono samples (Float32Array)'),
  v.check((samples) => samples.length > 0, 'is empty'),
);
const candidate_labels = v.pipe(v.array(text), v.minLength(1, 'name at least one label'), v.maxLength(MAX_LABELS));

const message = v.object({ role: v.picklist(['system', 'user', 'assistant', 'tool']), content: v.string() });

const SHAPES: { readonly [S in InputShape]: v.GenericSchema<unknown, InputByShape[S]> } = {
  prompt: v.union([text, v.pipe(v.array(message), v.minLength(1))]),
  texts: v.union([text, v.pipe(v.array(text), v.minLength(1))]),
  text,
  'text-labels': v.strictObject({ text, candidate_labels }),
  'question-context': v.strictObject({ question: text, context: text }),
  image: v.strictObject({ image }),
  'image-labels': v.strictObject({ image, candidate_labels }),
  'image-question': v.strictObject({ image, question: text }),
  audio: v.strictObject({ audio }),
  'audio-labels': v.strictObject({ audio, candidate_labels }),
};

/** Whatever some task takes; which one it has to be is known once the model is. */
export const AnyInputSchema = v.custom<AnyInput>(
  (input) => Object.values(SHAPES).some((schema) => v.is(schema, input)) || input === '',
  'is not what any task takes: a text, or an object with text, image, audio or question',
);

/** @throws SillError `empty_input` | `invalid_request` that says what the task wants */
export function parseTaskInput<T extends Task>(task: T, input: unknown): TaskInput<T> {
  const shape: (typeof TASK_INPUTS)[T] = TASK_INPUTS[task];
  const schema: v.BaseSchema<unknown, TaskInput<T>, v.BaseIssue<unknown>> = SHAPES[shape];
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const isEmpty = (issue.type === 'non_empty' || issue.type === 'check') && issue.message === 'is empty';
  const where = v.getDotPath(issue);
  throw new SillError(
    isEmpty ? 'empty_input' : 'invalid_request',
    `${task} works on ${INPUT_WORDS[shape]}. ${isEmpty ? 'What was given is empty' : `What was given does not fit: ${issue.message}`}${where ? ` (at ${where})` : ''}.`,
    { details: { task, wanted: INPUT_WORDS[shape], ...(where ? { path: where } : {}) } },
  );
}
