import { expect, it } from 'vitest';
import type { Head, Message } from '../../core/chat/conversation.ts';
import type { SillConversations } from '../../protocol/conversations.ts';
import { Activity } from '../activity.ts';
import { ChatState } from './chat-state.ts';
import { Collection } from './collection.ts';
import { Keeper } from './keeper.ts';
import { passingConversations } from './passing.ts';
import { Reading } from './reading.ts';
import { Streaming } from './streaming.ts';
import { Writer } from './writer.ts';

const never = (): never => {
  throw new Error('Nobody asks for this.');
};
const head = (id: string): Head => ({ id, title: id, createdAtMs: 1, updatedAtMs: 1, model: 'm', system: '' });
const said = (id: string): Message => ({ id, role: 'user', text: `said in ${id}`, createdAtMs: 1 });

/** A tab with two conversations. */
async function tab(conversations: SillConversations = passingConversations()) {
  const keeper = new Keeper(conversations, { create: never, unlock: never });
  const state = new ChatState(keeper);
  const streaming = new Streaming(state, {
    ...{ sill: { chat: { completions: { create: never } } }, activity: new Activity(), finding: { look: never } },
    ...{ onLocked: never, onEnded: never },
  });
  const reading = new Reading(state, streaming);
  const collection = new Collection(state, streaming, reading, new Writer(keeper, state.shelf, never));
  await collection.add(
    [head('a'), head('b')],
    [
      { conversation: 'a', message: said('1') },
      { conversation: 'b', message: said('2') },
    ],
  );
  return { state, collection, kept: async () => (await collection.whole()).map(({ head: { id }, messages }) => [id, messages.length]) };
}

it('each of several conversations that were deleted one after the other comes back by itself, with what was said in it', async () => {
  const { collection, kept } = await tab();
  const a = await collection.remove(['a']);
  const b = await collection.remove(['b']);
  expect(await kept()).toEqual([]);
  await collection.add(a?.heads ?? [], a?.messages ?? []);
  expect(await kept()).toEqual([['a', 1]]);
  await collection.add(b?.heads ?? [], b?.messages ?? []);
  expect((await kept()).toSorted()).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
});

it('what could not be deleted is not said to be gone', async () => {
  const conversations = passingConversations();
  let isFull = false;
  const { state, collection, kept } = await tab({
    ...conversations,
    write: async (change) => {
      if (isFull) throw new Error('full');
      return conversations.write(change);
    },
  });
  expect(await collection.remove(['a'])).toBeDefined();
  isFull = true;
  expect(await collection.remove(['b'])).toBeUndefined();
  expect(state.error).toBeDefined();
  expect(await kept()).toEqual([['b', 1]]);
});
