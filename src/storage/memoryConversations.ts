import type { HeadRecord, MessageRecord, Vault } from '../core/chat/records.ts';
import { hasNothing, judgeChange, judgeResealing, mayRestore } from '../core/chat/writing.ts';
import type { ConversationStore, KeptConversations } from '../ports/conversations.ts';

export function memoryConversations(): ConversationStore & { restore(copy: KeptConversations): boolean } {
  const heads = new Map<string, HeadRecord>();
  const messages = new Map<string, MessageRecord>();
  let vault: Vault | undefined;
  let sequence = 0;

  const put = (records: Pick<KeptConversations, 'heads' | 'messages'>): void => {
    for (const head of records.heads) heads.set(head.id, structuredClone({ ...head, version: head.version + 1 }));
    for (const message of records.messages) messages.set(`${message.conversation} ${message.id}`, structuredClone(message));
    sequence++;
  };
  const remove = (conversation: string): void => {
    heads.delete(conversation);
    for (const [key, message] of messages) if (message.conversation === conversation) messages.delete(key);
  };
  const listed = (conversations?: readonly string[]): MessageRecord[] =>
    structuredClone([...messages.values()].filter(({ conversation }) => !conversations || conversations.includes(conversation)));
  const overview = (ids?: readonly string[]) => ({
    heads: structuredClone([...heads.values()].filter(({ id }) => !ids || ids.includes(id))),
    sequence,
    ...(vault ? { vault } : {}),
  });

  return {
    overview: async (ids) => overview(ids),
    messages: async (conversations) => listed(conversations),
    everything: async () => ({ ...overview(), messages: listed() }),
    async write(change) {
      const outcome = judgeChange(change, { vault, sequence, versionOf: (id) => heads.get(id)?.version });
      if (outcome !== 'written') return outcome;
      for (const id of change.removed ?? []) remove(id);
      put({ heads: change.heads ?? [], messages: change.messages ?? [] });
      return outcome;
    },
    async reseal(resealing) {
      const outcome = judgeResealing(resealing, { vault, sequence });
      if (outcome !== 'written') return outcome;
      heads.clear();
      messages.clear();
      vault = resealing.vault;
      put(resealing);
      return outcome;
    },
    async clear() {
      heads.clear();
      messages.clear();
      vault = undefined;
      sequence++;
    },
    restore(copy) {
      if (hasNothing(copy)) return true;
      if (!mayRestore(copy.vault, { vault, isEmpty: heads.size === 0 })) return false;
      vault = copy.vault;
      put({ ...copy, heads: copy.heads.map((head) => ({ ...head, version: heads.get(head.id)?.version ?? 0 })) });
      return true;
    },
  };
}
