import * as v from 'valibot';
import { answeredOtherwise } from '../../protocol/httpErrors.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const UsageSchema = v.object({
  ...{ prompt_tokens: count, completion_tokens: count, total_tokens: count },
  prompt_tokens_details: v.object({ cached_tokens: count }),
});
const list = <S extends v.GenericSchema>(schema: S) => v.pipe(v.array(schema), v.readonly());
const logprob = { token: v.string(), logprob: v.number(), bytes: list(count) };
const SaidSchema = v.object({
  text: v.string(),
  logprobs: list(v.object({ ...logprob, top_logprobs: list(v.object(logprob)) })),
  calls: list(
    v.object({
      index: count,
      id: v.exactOptional(v.string()),
      type: v.exactOptional(v.literal('function')),
      function: v.object({ name: v.exactOptional(v.string()), arguments: v.string() }),
    }),
  ),
});

const MarkSchema = v.object({
  /** Nothing comes after it. */
  over: v.exactOptional(v.literal(true)),
  /** Of several prompts: about which of them this is. */
  at: v.exactOptional(count),
  /** With the first piece of a text: by what it is known and drawn. `startMs` and `writingMs` are of the wall's clock, which all engines have. */
  begun: v.exactOptional(v.object({ id: v.string(), created: count, seed: v.exactOptional(count), startMs: v.number() })),
  /** Tokens, each row behind the number of its choice. */
  ids: v.exactOptional(list(list(count))),
  /** How long the text was being written until then. */
  writingMs: v.exactOptional(v.number()),
  /** Of one of several prompts nothing more comes. */
  ended: v.exactOptional(v.literal(true)),
  usage: v.exactOptional(UsageSchema),
  /** Of what is no text of a model: what was told last, or further. */
  told: v.exactOptional(v.string()),
  /** Of a response, whose later events repeat what the earlier ones said: its names, and what was said. */
  response: v.exactOptional(v.object({ suffix: v.string(), created_at: count })),
  said: v.exactOptional(SaidSchema),
});

/** What a piece of a stream tells the next engine, should this one not live to send the rest. */
export type Mark = v.InferOutput<typeof MarkSchema>;

export const OVER: Mark = { over: true };

export const writeMark = (mark: Mark): string => `${JSON.stringify(mark)}\n`;

/**
 * The marks of all that a reader has, in their order.
 * @throws SillError `worker_lost` for what another version of Sill wrote: nobody here can go on with that
 */
export function readMarks(joined: string): readonly Mark[] {
  try {
    return joined.split('\n').flatMap((line) => (line === '' ? [] : [v.parse(MarkSchema, JSON.parse(line))]));
  } catch (cause) {
    throw answeredOtherwise(cause);
  }
}
