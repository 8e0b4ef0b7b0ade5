import type { HeadRecord, MessageRecord } from '../../core/chat/records.ts';
import { judgeChange } from '../../core/chat/writing.ts';
import type { SillConversations } from '../../protocol/conversations.ts';

/**
 * Conversations of whoever is at a locked device just now, in the memory of this page and nowhere else: what the device keeps is its owner's, and the
 * next person reads nothing of the last one. No passphrase: there is nothing on the disk to lock.
 */
export function passingConversations(): SillConversations {
  const heads = new Map<string, HeadRecord>();
  const messages = new Map<string, MessageRecord>();
  let sequence = 0;

  const remove = (conversation: string): void => {
    heads.delete(conversation);
    for (const [key, message] of messages) if (message.conversation === conversation) messages.delete(key);
  };
  const isAsked = (id: string, ids: readonly string[] | undefined): boolean => ids === undefined || ids.includes(id);

  return {
    list: async (ids) => ({ heads: [...heads.values()].filter(({ id }) => isAsked(id, ids)), sequence }),
    messages: async (ids) => [...messages.values()].filter(({ conversation }) => isAsked(conversation, ids)),
    async write(change) {
      const outcome = judgeChange(change, { vault: undefined, sequence, versionOf: (id) => heads.get(id)?.version });
      if (outcome !== 'written') return outcome;
      for (const id of change.removed ?? []) remove(id);
      for (const head of change.heads ?? []) heads.set(head.id, { ...head, version: head.version + 1 });
      for (const message of change.messages ?? []) messages.set(`${message.conversation} ${message.id}`, message);
      sequence++;
      return outcome;
    },
    reseal: async () => 'vault_changed',
    async clear() {
      heads.clear();
      messages.clear();
      sequence++;
    },
  };
}
