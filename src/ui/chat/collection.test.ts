import { expect, it } from 'vitest';
import type { Collection } from './collection.ts';
import { head, keptConversations, openTab, said } from './testing/tabs.ts';

const whole = async (collection: Collection) =>
  (await collection.whole()).map(({ head: { id }, messages }) => `${id} ${messages.length}`).sort();

it('each of several conversations that were deleted one after the other comes back by itself, with what was said in it', async () => {
  const { collection } = await openTab(keptConversations());
  await collection.add([head('a'), head('b')], [said('a', '1'), said('b', '2')]);
  const a = await collection.remove(['a']);
  const b = await collection.remove(['b']);
  expect(await whole(collection)).toEqual([]);
  await collection.add(a?.heads ?? [], a?.messages ?? []);
  expect(await whole(collection)).toEqual(['a 1']);
  await collection.add(b?.heads ?? [], b?.messages ?? []);
  expect(await whole(collection)).toEqual(['a 1', 'b 1']);
});

it('what could not be deleted is not said to be gone', async () => {
  const conversations = keptConversations();
  let isFull = false;
  const { state, collection } = await openTab({
    ...conversations,
    write: async (change) => {
      if (isFull) throw new Error('full');
      return conversations.write(change);
    },
  });
  await collection.add([head('a'), head('b')], [said('a', '1'), said('b', '2')]);
  expect(await collection.remove(['a'])).toBeDefined();
  isFull = true;
  expect(await collection.remove(['b'])).toBeUndefined();
  expect(state.error).toBeDefined();
  expect(await whole(collection)).toEqual(['b 1']);
});
