import type { Head, Message } from '../../../core/chat/conversation.ts';
import type { HeadRecord, MessageRecord, Vault } from '../../../core/chat/records.ts';
import { judgeChange, judgeResealing } from '../../../core/chat/writing.ts';
import type { Key, Sealing } from '../../../ports/sealing.ts';
import type { SillConversations } from '../../../protocol/conversations.ts';
import { Activity } from '../../activity.ts';
import { ChatState } from '../chat-state.ts';
import { Collection } from '../collection.ts';
import { Keeper } from '../keeper.ts';
import { Locking } from '../locking.ts';
import { Reading } from '../reading.ts';
import { Streaming, type StreamingDeps } from '../streaming.ts';
import { Writer } from '../writer.ts';

const never = (): never => {
  throw new Error('Nobody asks for this.');
};

export const head = (id: string): Head => ({ id, title: id, createdAtMs: 1, updatedAtMs: 1, model: 'm', system: '' });
export const said = (conversation: string, id: string): { readonly conversation: string; readonly message: Message } => ({
  conversation,
  message: { id, role: 'user', text: `said in ${conversation}`, createdAtMs: 1 },
});

/** What a device keeps, for as many tabs as there are. */
export function keptConversations(): SillConversations {
  const heads = new Map<string, HeadRecord>();
  const messages = new Map<string, MessageRecord>();
  let vault: Vault | undefined;
  let sequence = 0;
  const put = (changed: { readonly heads: readonly HeadRecord[]; readonly messages: readonly MessageRecord[] }): void => {
    for (const each of changed.heads) heads.set(each.id, { ...each, version: each.version + 1 });
    for (const each of changed.messages) messages.set(each.id, each);
    sequence++;
  };
  const clear = (next: Vault | undefined): void => {
    heads.clear();
    messages.clear();
    vault = next;
    sequence++;
  };
  return {
    list: async (ids) => ({
      ...{ heads: [...heads.values()].filter(({ id }) => ids?.includes(id) ?? true), sequence },
      ...(vault ? { vault } : {}),
    }),
    messages: async (ids) => [...messages.values()].filter(({ conversation }) => ids?.includes(conversation) ?? true),
    async write(change) {
      const outcome = judgeChange(change, { vault, sequence, versionOf: (id) => heads.get(id)?.version });
      if (outcome !== 'written') return outcome;
      const gone = change.removed ?? [];
      for (const id of gone) heads.delete(id);
      for (const { id, conversation } of [...messages.values()]) if (gone.includes(conversation)) messages.delete(id);
      put({ heads: change.heads ?? [], messages: change.messages ?? [] });
      return outcome;
    },
    async reseal(resealing) {
      const outcome = judgeResealing(resealing, { vault, sequence });
      if (outcome !== 'written') return outcome;
      clear(resealing.vault);
      put(resealing);
      return outcome;
    },
    clear: async () => clear(undefined),
  };
}

/** Bodies are told from plain ones and from those of another vault; nothing is secret. A vault is named as its passphrase. */
function openSealing(): Sealing {
  const keyOf = (id: string): Key => ({
    vault: { id, salt: new Uint8Array(16), iterations: 600_000, check: new Uint8Array(28) },
    seal: async (text) => new TextEncoder().encode(`${id} ${text}`),
    async open(sealed) {
      const text = new TextDecoder().decode(sealed);
      if (!text.startsWith(`${id} `)) throw new Error(`This is not the key: ${id}`);
      return text.slice(id.length + 1);
    },
  });
  return {
    create: async (passphrase) => keyOf(passphrase),
    unlock: async ({ id }, passphrase) => (id === passphrase ? keyOf(id) : undefined),
  };
}

/** Conversations as a tab knows them. It hears of other tabs when it is told to read. */
export async function openTab(conversations: SillConversations, create: StreamingDeps['sill']['chat']['completions']['create'] = never) {
  const keeper = new Keeper(conversations, openSealing());
  const state = new ChatState(keeper);
  const streaming: Streaming = new Streaming(state, {
    ...{ sill: { chat: { completions: { create } } }, activity: new Activity(), finding: { look: never } },
    ...{ onLocked: () => reading.all(), onEnded: () => undefined },
  });
  const reading = new Reading(state, streaming);
  const writer = new Writer(keeper, state.shelf, () => reading.all());
  await reading.all();
  return { state, streaming, reading, collection: new Collection(state, streaming, reading, writer), locking: new Locking(state, reading) };
}
