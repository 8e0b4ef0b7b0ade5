import * as v from 'valibot';
import { ERROR_CODES, isErrorDetails } from '../errors.ts';
import { AttachedFileSchema, GivenSchema, PieceSchema, SourcesSchema } from './attachment.ts';
import { RecordIdSchema } from './records.ts';

const range = (low: number, high: number) => v.pipe(v.number(), v.minValue(low), v.maxValue(high));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(4_000_000));

/** How the next words of an answer are chosen. `seed` is used where `fixedSeed` says so, else one is drawn for each answer. */
const ParametersSchema = v.object({
  temperature: range(0, 2),
  topP: range(0.05, 1),
  topK: v.pipe(range(0, 200), v.integer()),
  minP: range(0, 1),
  repetitionPenalty: range(1, 2),
  presencePenalty: range(-2, 2),
  frequencyPenalty: range(-2, 2),
  maxTokens: v.pipe(range(1, 4096), v.integer()),
  seed: v.pipe(range(0, 2 ** 31 - 1), v.integer()),
  fixedSeed: v.boolean(),
});
export type Parameters = v.InferOutput<typeof ParametersSchema>;

/** A conversation beside its messages. */
export const HeadSchema = v.object({
  id: RecordIdSchema,
  title: v.pipe(v.string(), v.maxLength(500)),
  createdAtMs: count,
  /** When something was said last. */
  updatedAtMs: count,
  /** Its place among all: as `updatedAtMs`, and later than all that was said before, also where a clock was set back. Absent: as `updatedAtMs`. */
  order: v.exactOptional(count),
  model: v.pipe(v.string(), v.maxLength(300)),
  system: text,
  /** It stands before all others. */
  pinned: v.exactOptional(v.boolean()),
  /** Absent: as the model's own, where it says so. */
  parameters: v.exactOptional(ParametersSchema),
  /** The last message of the branch that was looked at last. */
  leaf: v.exactOptional(RecordIdSchema),
});
export type Head = v.InferOutput<typeof HeadSchema>;

const placeOf = ({ order, updatedAtMs }: Head): number => Math.max(order ?? 0, updatedAtMs);

/** Newest first. */
export const byNewest = (a: Head, b: Head): number => placeOf(b) - placeOf(a) || (a.id < b.id ? -1 : 1);

/** The place of a conversation in which something is said at this moment. */
export const nextPlace = (heads: readonly Head[], nowMs: number): number =>
  heads.reduce((latest, head) => Math.max(latest, placeOf(head) + 1), nowMs);

/** By what an answer was computed, and how. Units as in `protocol/openai`. */
const MadeBySchema = v.object({
  model: v.string(),
  /** Absent of another computer. */
  variant: v.exactOptional(v.string()),
  device: v.exactOptional(v.picklist(['wasm', 'webgpu'])),
  threads: v.exactOptional(v.number()),
  fallback: v.exactOptional(v.string()),
  /** The computer that gave it, where that is not this device. */
  elsewhere: v.exactOptional(v.string()),
  decodeTokensPerSecond: v.exactOptional(v.number()),
  ttftMs: v.exactOptional(v.number()),
  loadMs: v.exactOptional(v.number()),
});

const AnswerSchema = v.object({
  /** `writing`: it is being written, or what wrote it is gone. */
  state: v.picklist(['writing', 'done', 'stopped', 'failed']),
  /** Why it ended, of one that is done. */
  ending: v.exactOptional(v.picklist(['stop', 'length'])),
  error: v.exactOptional(
    v.object({
      code: v.picklist(ERROR_CODES),
      message: v.string(),
      details: v.exactOptional(v.custom<Readonly<Record<string, string | number | boolean | readonly string[]>>>(isErrorDetails)),
    }),
  ),
  /** Asked for with these, so that it can be gone on with. */
  model: v.string(),
  seed: v.exactOptional(v.number()),
  requestId: v.exactOptional(v.string()),
  tokens: v.exactOptional(v.array(count)),
  /** Messages at the beginning of the branch that did not fit into the context and were not sent. */
  dropped: v.exactOptional(count),
  promptTokens: v.exactOptional(count),
  completionTokens: v.exactOptional(count),
  /** Of the pieces that were found for its question; absent where none were looked for. */
  given: v.exactOptional(GivenSchema),
  by: v.exactOptional(MadeBySchema),
});
export type Answer = v.InferOutput<typeof AnswerSchema>;

/** What was said. Messages of one parent are branches. */
export const MessageSchema = v.object({
  id: RecordIdSchema,
  /** Absent of a first message. */
  parent: v.exactOptional(RecordIdSchema),
  role: v.picklist(['user', 'assistant']),
  text,
  createdAtMs: count,
  /** Attached to a person's message, for it and for what is asked after it. */
  files: v.exactOptional(v.pipe(v.array(AttachedFileSchema), v.maxLength(100))),
  sources: v.exactOptional(SourcesSchema),
  /** Found in the sources, best first. Absent until it was looked for. */
  given: v.exactOptional(v.pipe(v.array(PieceSchema), v.maxLength(1000))),
  /** Of an answer. */
  answer: v.exactOptional(AnswerSchema),
});
export type Message = v.InferOutput<typeof MessageSchema>;

const TITLE_LENGTH = 60;

/** The first words of what was said first, cut between two words. Empty for nothing but marks and space. */
export function titleOf(said: string): string {
  const plain = said
    .replace(/```.*$/gm, ' ')
    .replace(/[#*_`>~|]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const letters = Array.from(plain);
  if (letters.length <= TITLE_LENGTH) return plain;
  const cut = letters.slice(0, TITLE_LENGTH).join('');
  const space = cut.lastIndexOf(' ');
  return `${space > TITLE_LENGTH / 2 ? cut.slice(0, space) : cut}…`;
}
