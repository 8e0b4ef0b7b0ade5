import * as v from 'valibot';
import { RecordIdSchema } from './records.ts';

/** Bytes as Base64 (RFC 4648). */
const bytes = v.pipe(v.string(), v.base64());
/** JSON text as it is, what is sealed as its bytes. */
const body = v.union([v.string(), v.object({ sealed: bytes })]);

/** Conversations in a copy of own data. */
export const CopiedConversationsSchema = v.object({
  vault: v.exactOptional(v.object({ id: RecordIdSchema, salt: bytes, iterations: v.number(), check: bytes })),
  heads: v.pipe(v.array(v.object({ id: RecordIdSchema, version: v.number(), body })), v.maxLength(100_000)),
  messages: v.pipe(v.array(v.object({ conversation: RecordIdSchema, id: RecordIdSchema, body })), v.maxLength(10_000_000)),
});
export type CopiedConversations = v.InferOutput<typeof CopiedConversationsSchema>;
