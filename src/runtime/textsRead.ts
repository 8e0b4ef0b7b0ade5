import type { PreTrainedTokenizer } from '@huggingface/transformers';
import * as v from 'valibot';

/** What the library joins for the model: one text, or two that it reads as a pair. */
const GivenSchema = v.union([
  v.pipe(
    v.string(),
    v.transform((text) => ({ text, pair: undefined })),
  ),
  v.pipe(
    v.object({ question: v.string(), context: v.string() }),
    v.transform(({ question, context }) => ({ text: question, pair: context })),
  ),
  v.pipe(
    v.object({ text: v.string(), candidate_labels: v.array(v.string()) }),
    v.transform(({ text, candidate_labels: labels }) => ({ text, pair: labels.toSorted((a, b) => b.length - a.length)[0] })),
  ),
]);

const Length = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/**
 * Whether the model reads only the beginning of what it is given: the library cuts texts at the length that the model's tokenizer states, and says
 * nothing. A tokenizer that states none, as some say by an absurd number, has nothing cut.
 */
export function isCut(tokenizer: Pick<PreTrainedTokenizer, 'encode' | 'model_max_length'> | undefined, input: unknown): boolean {
  const given = v.safeParse(GivenSchema, input);
  const most = v.safeParse(Length, tokenizer?.model_max_length);
  if (!tokenizer || !given.success || !most.success) return false;
  const { text, pair } = given.output;
  return tokenizer.encode(text, pair === undefined ? {} : { text_pair: pair }).length > most.output;
}
