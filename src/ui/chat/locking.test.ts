import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { head, keptConversations, openTab, said } from './testing/tabs.ts';

/** Two tabs with a conversation and a passphrase, both unlocked. */
async function unlocked() {
  const conversations = keptConversations();
  const [one, other] = [await openTab(conversations), await openTab(conversations)];
  await one.collection.add([head('a')], [said('a', '1')]);
  await one.locking.setPassphrase('first');
  await other.reading.all();
  expect(await other.locking.unlock('first')).toBe(true);
  return { conversations, one, other };
}
/** Browsers' own, which a tab holds while it writes. */
beforeEach(() => {
  vi.stubGlobal('navigator', { locks: { request: (_name: string, work: () => unknown) => work() } });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const texts = async (conversations: ReturnType<typeof keptConversations>) =>
  (await conversations.messages()).map(({ id, body }) => [id, typeof body]);

describe('a tab that is unlocked while another one', () => {
  it('removes the passphrase writes on, whether or not it heard of it', async () => {
    const { conversations, one, other } = await unlocked();
    await one.locking.setPassphrase(undefined);
    expect(await other.collection.add([head('b')], [said('b', '2')])).toBe(true);
    expect(other.state.state).toBe('open');
    await other.reading.all();
    expect(await other.collection.add([head('c')], [said('c', '3')])).toBe(true);
    expect(await texts(conversations)).toEqual([
      ['1', 'string'],
      ['2', 'string'],
      ['3', 'string'],
    ]);
    await other.locking.setPassphrase('second');
    expect(await texts(conversations)).toEqual([
      ['1', 'object'],
      ['2', 'object'],
      ['3', 'object'],
    ]);
  });

  it('deletes everything begins anew', async () => {
    const { conversations, one, other } = await unlocked();
    await one.locking.clear();
    expect(await other.collection.add([head('b')], [said('b', '2')])).toBe(true);
    expect(await texts(conversations)).toEqual([['2', 'string']]);
  });

  it('sets another passphrase is locked, and says so', async () => {
    const { one, other } = await unlocked();
    await one.locking.setPassphrase('second');
    expect(await other.collection.add([head('b')], [said('b', '2')])).toBe(false);
    expect(other.state.state).toBe('locked');
    expect(other.state.error?.details).toMatchObject({ conversations: 'locked' });
    expect(await other.locking.unlock('second')).toBe(true);
    expect(await other.collection.add([head('b')], [said('b', '2')])).toBe(true);
  });

  it('removes it under an answer keeps the answer', async () => {
    const { conversations, one, other } = await unlocked();
    const begun = { ...said('a', '2').message, parent: '1', role: 'assistant' as const, answer: { state: 'writing' as const, model: 'm' } };
    const asked = { head: head('a'), path: [said('a', '1').message], contextLength: undefined, begun };
    await other.streaming.answers.begin(asked, async () => {
      await one.locking.setPassphrase(undefined);
      return true;
    });
    // Nobody answers here, which ends it as well as an answer would.
    await vi.waitFor(() => expect(other.streaming.answers.of('a')).toBeUndefined());
    expect(await texts(conversations)).toEqual([
      ['1', 'string'],
      ['2', 'string'],
    ]);
  });
});

it('a passphrase is set under an answer that is stored all the while', async () => {
  const kept = keptConversations();
  let written = 0;
  let isWriting = false;
  const { collection, locking } = await openTab({
    ...kept,
    async messages(ids) {
      const read = await kept.messages(ids);
      if (isWriting) void collection.add([], [said('a', `more-${++written}`)]);
      // It lands between the reading of all and their writing.
      await new Promise((resolve) => setTimeout(resolve, 5));
      return read;
    },
  });
  await collection.add([head('a')], [said('a', '1')]);
  isWriting = true;
  const setting = locking.setPassphrase('first');
  await vi.waitFor(() => expect(written).toBeGreaterThan(0));
  await setting;
  isWriting = false;
  await vi.waitFor(async () => expect((await texts(kept)).toSorted()).toContainEqual(['more-1', 'object']));
  expect((await texts(kept)).every(([, type]) => type === 'object')).toBe(true);
});

it('what is read while the passphrase of the same tab changes is read as it is afterwards, and none of it counts as unreadable', async () => {
  const kept = keptConversations();
  const late: Array<() => void> = [];
  let isLate = false;
  const { collection, locking, state } = await openTab({
    ...kept,
    async messages(ids) {
      const read = await kept.messages(ids);
      if (isLate && ids) await new Promise<void>((resolve) => late.push(resolve));
      return read;
    },
  });
  await collection.add([head('a')], [said('a', '1')]);
  await locking.setPassphrase('first');
  isLate = true;
  const reading = state.keeper.messages(['a']);
  await vi.waitFor(() => expect(late).toHaveLength(1));
  isLate = false;
  await locking.setPassphrase('second');
  for (const come of late) come();
  expect((await reading).map(({ message }) => message.id)).toEqual(['1']);
  expect(state.keeper.unreadable.size).toBe(0);
});
