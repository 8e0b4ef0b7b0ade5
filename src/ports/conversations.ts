import type { ConversationChange, HeadRecord, MessageRecord, Resealing, Vault, WriteOutcome } from '../core/chat/records.ts';

export interface ConversationOverview {
  readonly heads: readonly HeadRecord[];
  readonly vault?: Vault;
  /** Grows with each write. */
  readonly sequence: number;
}

/** Conversations of a copy. */
export interface KeptConversations {
  readonly vault?: Vault | undefined;
  readonly heads: readonly HeadRecord[];
  readonly messages: readonly MessageRecord[];
}

/** Conversations as whoever wrote them sealed them: the store reads no body. */
export interface ConversationStore {
  /** Of these conversations, or of all. */
  overview(conversations?: readonly string[]): Promise<ConversationOverview>;
  /** Of these conversations, or of all. */
  messages(conversations?: readonly string[]): Promise<MessageRecord[]>;
  /** Everything and its messages in one transaction. @throws SillError `quota_exceeded` | `storage_unavailable` */
  everything(): Promise<KeptConversations>;
  /** All of it in one transaction, or nothing. @throws SillError `quota_exceeded` | `storage_unavailable` */
  write(change: ConversationChange): Promise<WriteOutcome>;
  /** Puts these records in place of all. `head_changed` where something was written since `from.sequence`. @throws SillError `quota_exceeded` */
  reseal(resealing: Resealing): Promise<WriteOutcome>;
  /** Deletes every conversation, and the vault: the one way on without its passphrase. */
  clear(): Promise<void>;
}
