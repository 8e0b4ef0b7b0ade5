import type { HeadRecord, MessageRecord } from '../core/chat/records.ts';
import type { Client } from '../protocol/client.ts';
import type { SillConversations } from '../protocol/conversations.ts';
import type { EngineContract } from '../protocol/engine.ts';

export const createConversations = (client: Client<EngineContract>): SillConversations => ({
  async list(ids) {
    // By id: an engine that takes the place of another begins anew.
    const heads = new Map<string, HeadRecord>();
    const told = await client.call('conversations.list', ids ? { ids: [...ids] } : {}, {
      onItem: (part) => {
        for (const head of part) heads.set(head.id, head);
      },
    });
    return { heads: [...heads.values()], ...told };
  },
  async messages(ids) {
    const messages = new Map<string, MessageRecord>();
    const onItem = (part: readonly MessageRecord[]): void => {
      for (const message of part) messages.set(`${message.conversation} ${message.id}`, message);
    };
    await client.call('conversations.messages', ids ? { ids: [...ids] } : {}, { onItem });
    return [...messages.values()];
  },
  write: ({ by, vault, heads, messages, removed }) =>
    client.call('conversations.write', {
      ...{ by, vault },
      ...(heads ? { heads: [...heads] } : {}),
      ...(messages ? { messages: [...messages] } : {}),
      ...(removed ? { removed: [...removed] } : {}),
    }),
  reseal: ({ heads, messages, ...rest }) => client.call('conversations.reseal', { ...rest, heads: [...heads], messages: [...messages] }),
  async clear({ by } = {}) {
    await client.call('conversations.clear', { by });
  },
});
