import * as v from 'valibot';
import { RecordIdSchema } from './records.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(4_000_000));
const name = v.pipe(v.string(), v.maxLength(1000));

/** A text file that a person asks about. It lies in the message that brought it, so that it is sealed, copied and deleted as that is. */
export const AttachedFileSchema = v.object({ id: RecordIdSchema, name, text });
export type AttachedFile = v.InferOutput<typeof AttachedFileSchema>;

/** Where passages for a question are looked for: in files of its branch, and in the documents of this device. */
export const SourcesSchema = v.object({ files: v.pipe(v.array(RecordIdSchema), v.maxLength(1000)), documents: v.boolean() });
export type Sources = v.InferOutput<typeof SourcesSchema>;

/** A piece of a text that was chosen for a question, as it was then: what becomes of the document later does not change what was said. */
export const PieceSchema = v.object({
  /** Of its file or document. */
  name,
  text,
  /** Which passage it is, from 0. Absent where it is the file from its beginning on. */
  index: v.exactOptional(count),
  /** The file has more than this. */
  isCut: v.exactOptional(v.boolean()),
  /** Cosine similarity to the question, -1 to 1. Absent where nothing was compared. */
  score: v.exactOptional(v.number()),
});
export type Piece = v.InferOutput<typeof PieceSchema>;

/** Which of a question's pieces stood before it, and how many letters of each. */
const GivenPieceSchema = v.object({ at: count, letters: count });
export type GivenPiece = v.InferOutput<typeof GivenPieceSchema>;

/** What an answer's model was given of them, and about how many tokens that took. */
export const GivenSchema = v.object({ pieces: v.pipe(v.array(GivenPieceSchema), v.maxLength(1000)), tokens: count });
