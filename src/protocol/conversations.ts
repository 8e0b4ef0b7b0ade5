import * as v from 'valibot';
import {
  type ConversationChange,
  type HeadRecord,
  HeadRecordSchema,
  type MessageRecord,
  MessageRecordSchema,
  RecordIdSchema,
  type Resealing,
  type Vault,
  VaultSchema,
  type WriteOutcome,
} from '../core/chat/records.ts';
import { method } from './contract.ts';

const ids = v.pipe(v.array(RecordIdSchema), v.maxLength(100_000));
/** Names the tab that writes, so that it need not read its own writing again. */
const by = v.optional(v.pipe(v.string(), v.maxLength(100)));

/** The part of the engine's contract that keeps conversations. What they say is not its business: a page may have sealed it. */
export const conversationContract = {
  /** Heads of these conversations or of all, in parts: a thousand at once would hold up the page that reads them. */
  'conversations.list': method<readonly HeadRecord[], { readonly vault?: Vault; readonly sequence: number }>()(
    v.strictObject({ ids: v.optional(ids) }),
  ),
  /** Of these conversations or of all, in parts. */
  'conversations.messages': method<readonly MessageRecord[], null>()(v.strictObject({ ids: v.optional(ids) })),
  'conversations.write': method<never, WriteOutcome>()(
    v.strictObject({
      by,
      vault: v.optional(RecordIdSchema),
      heads: v.optional(v.array(HeadRecordSchema)),
      messages: v.optional(v.array(MessageRecordSchema)),
      removed: v.optional(ids),
    }),
  ),
  'conversations.reseal': method<never, WriteOutcome>()(
    v.strictObject({
      by,
      from: v.strictObject({ vault: v.optional(RecordIdSchema), sequence: v.pipe(v.number(), v.integer()) }),
      vault: v.optional(VaultSchema),
      heads: v.array(HeadRecordSchema),
      messages: v.array(MessageRecordSchema),
    }),
  ),
  'conversations.clear': method<never, null>()(v.strictObject({ by })),
};

/** Names the tab that writes. */
interface By {
  readonly by?: string;
}

/**
 * The public surface's part: `sill.conversations`. It keeps records; their bodies are the app's own page's (docs/decisions/0057), and sealed where
 * a person set a passphrase. Pages of other origins are refused.
 */
export interface SillConversations {
  /** Heads of these conversations or of all, with how the passphrase becomes the key where one is set. */
  list(ids?: readonly string[]): Promise<{ readonly heads: readonly HeadRecord[]; readonly vault?: Vault; readonly sequence: number }>;
  /** Messages of these conversations, or of all. */
  messages(ids?: readonly string[]): Promise<readonly MessageRecord[]>;
  /** All of it, or nothing, and then why. @throws SillError `quota_exceeded` | `storage_unavailable` */
  write(change: ConversationChange & By): Promise<WriteOutcome>;
  /** Puts these records in place of all, under another key or none. @throws SillError `quota_exceeded` | `storage_unavailable` */
  reseal(resealing: Resealing & By): Promise<WriteOutcome>;
  /** Deletes all of them, and the passphrase with them. Cannot be taken back. */
  clear(options?: By): Promise<void>;
}
