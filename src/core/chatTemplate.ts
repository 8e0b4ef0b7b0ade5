import * as v from 'valibot';

/** As `tokenizer_config.json` has it: one template, or several by name. */
export const ChatTemplateSchema = v.nullish(v.union([v.string(), v.array(v.looseObject({ name: v.string(), template: v.string() }))]));

/** The one for a plain conversation. */
export const chatTemplateOf = (field: v.InferOutput<typeof ChatTemplateSchema>): string | undefined =>
  typeof field === 'string' ? field : field?.find((entry) => entry.name === 'default')?.template;
