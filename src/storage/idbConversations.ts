import * as v from 'valibot';
import { HeadRecordSchema, type MessageRecord, MessageRecordSchema, type Vault, VaultSchema } from '../core/chat/records.ts';
import { hasNothing, judgeChange, judgeResealing, mayRestore } from '../core/chat/writing.ts';
import type { ConversationStore, KeptConversations } from '../ports/conversations.ts';
import type { Connection, Writing } from './connection.ts';

/** Settings: how the passphrase becomes the key, and a number that grows with each write. */
const VAULT = 'conversations-vault';
const SEQUENCE = 'conversations-sequence';

const STORES = ['conversations' as const, 'messages' as const, 'settings' as const];
/** Every message of a conversation: keys are [conversation, id], and an array sorts after every text. */
const messagesOf = (conversation: string) => IDBKeyRange.bound([conversation], [conversation, []]);

export const idbConversations = (connection: Connection): ConversationStore => ({
  overview: (ids) =>
    connection.run('readonly', ['conversations', 'settings'], async (tx) => {
      const [heads, vault, sequence] = await Promise.all([
        ids ? Promise.all(ids.map((id) => tx.objectStore('conversations').get(id))) : tx.objectStore('conversations').getAll(),
        tx.objectStore('settings').get(VAULT),
        tx.objectStore('settings').get(SEQUENCE),
      ]);
      return { heads: readAll(HeadRecordSchema, heads), sequence: readSequence(sequence), ...readVault(vault) };
    }),
  messages: (conversations) =>
    connection.run('readonly', ['messages'], async (tx) => {
      const store = tx.objectStore('messages');
      const found = conversations
        ? (await Promise.all(conversations.map((id) => store.getAll(messagesOf(id))))).flat()
        : await store.getAll();
      return readAll(MessageRecordSchema, found);
    }),
  everything: () =>
    connection.run('readonly', STORES, async (tx) => {
      const [heads, messages, vault] = await Promise.all([
        tx.objectStore('conversations').getAll(),
        tx.objectStore('messages').getAll(),
        tx.objectStore('settings').get(VAULT),
      ]);
      return { heads: readAll(HeadRecordSchema, heads), messages: readAll(MessageRecordSchema, messages), ...readVault(vault) };
    }),
  write: (change) =>
    connection.run('readwrite', STORES, async (tx) => {
      const { heads = [], messages = [], removed = [] } = change;
      const conversations = tx.objectStore('conversations');
      const touched = new Set([...heads.map(({ id }) => id), ...messages.map(({ conversation }) => conversation)]);
      const versions = new Map<string, number>();
      for (const id of touched) {
        const stored = v.safeParse(HeadRecordSchema, await conversations.get(id));
        if (stored.success) versions.set(id, stored.output.version);
      }
      const outcome = judgeChange(change, { ...(await state(tx)), versionOf: (id) => versions.get(id) });
      if (outcome !== 'written') return outcome;
      await Promise.all(removed.flatMap((id) => [conversations.delete(id), tx.objectStore('messages').delete(messagesOf(id))]));
      await Promise.all([
        ...heads.map((head) => conversations.put({ ...head, version: head.version + 1 }, head.id)),
        ...messages.map((message) => tx.objectStore('messages').put(message)),
      ]);
      await countUp(tx);
      return outcome;
    }),
  reseal: (resealing) =>
    connection.run('readwrite', STORES, async (tx) => {
      const outcome = judgeResealing(resealing, await state(tx));
      if (outcome !== 'written') return outcome;
      await empty(tx);
      await putAll(tx, resealing);
      return outcome;
    }),
  clear: () =>
    connection.run('readwrite', STORES, async (tx) => {
      await empty(tx);
      await countUp(tx);
    }),
});

/**
 * Conversations of a copy beside those that are here; of one that is in both, the messages of both.
 * @returns false where they are locked with another passphrase than those here, or only one side is: nothing was written
 */
export async function restoreConversations(tx: Writing, copy: KeptConversations): Promise<boolean> {
  if (hasNothing(copy)) return true;
  const { vault } = await state(tx);
  const conversations = tx.objectStore('conversations');
  if (!mayRestore(copy.vault, { vault, isEmpty: (await conversations.count()) === 0 })) return false;
  const heads = [];
  for (const head of copy.heads) {
    const stored = v.safeParse(HeadRecordSchema, await conversations.get(head.id));
    heads.push({ ...head, version: stored.success ? stored.output.version : 0 });
  }
  await putAll(tx, { ...copy, heads });
  return true;
}

async function putAll(tx: Writing, { vault, heads, messages }: KeptConversations): Promise<void> {
  const settings = tx.objectStore('settings');
  await Promise.all([
    vault ? settings.put(vault, VAULT) : settings.delete(VAULT),
    ...heads.map((head) => tx.objectStore('conversations').put({ ...head, version: head.version + 1 }, head.id)),
    ...messages.map((message: MessageRecord) => tx.objectStore('messages').put(message)),
  ]);
  await countUp(tx);
}

async function empty(tx: Writing): Promise<void> {
  await Promise.all([
    tx.objectStore('conversations').clear(),
    tx.objectStore('messages').clear(),
    tx.objectStore('settings').delete(VAULT),
  ]);
}

async function countUp(tx: Writing): Promise<void> {
  const { sequence } = await state(tx);
  await tx.objectStore('settings').put(sequence + 1, SEQUENCE);
}

async function state(tx: Writing): Promise<{ readonly vault: Vault | undefined; readonly sequence: number }> {
  const settings = tx.objectStore('settings');
  const [vault, sequence] = await Promise.all([settings.get(VAULT), settings.get(SEQUENCE)]);
  return { vault: readVault(vault).vault, sequence: readSequence(sequence) };
}

const readSequence = (stored: unknown): number => (typeof stored === 'number' ? stored : 0);

/** A vault that cannot be read is one all the same: what it locks must not be taken for plain. Parsing throws then, and nothing is written. */
const readVault = (stored: unknown): { readonly vault?: Vault } => (stored === undefined ? {} : { vault: v.parse(VaultSchema, stored) });

const readAll = <S extends v.GenericSchema>(schema: S, records: readonly unknown[]): Array<v.InferOutput<S>> =>
  records.flatMap((record) => {
    const read = v.safeParse(schema, record);
    return read.success ? [read.output] : [];
  });
