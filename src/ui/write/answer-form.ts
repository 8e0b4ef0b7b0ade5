import * as v from 'valibot';
import type { CompletionRequest } from '../../protocol/openaiRequests.ts';

/** Whether an answer is to be JSON, and under which schema; an empty one is any object. */
export const AnswerFormSchema = v.object({ json: v.boolean(), schema: v.string() });
export type AnswerForm = v.InferOutput<typeof AnswerFormSchema>;

export const NO_FORM: AnswerForm = { json: false, schema: '' };

/** As a request has it. The schema's text may be no JSON yet: whoever writes it is told. */
export function responseFormat({
  json,
  schema,
}: AnswerForm): { readonly format?: CompletionRequest['response_format'] } | { readonly wrong: string } {
  if (!json) return {};
  if (schema.trim() === '') return { format: { type: 'json_object' } };
  try {
    const parsed = v.parse(v.record(v.string(), v.unknown()), JSON.parse(schema));
    return { format: { type: 'json_schema', json_schema: { name: 'answer', schema: parsed } } };
  } catch (reason) {
    // Told beside the field.
    return { wrong: reason instanceof Error ? reason.message : String(reason) };
  }
}
