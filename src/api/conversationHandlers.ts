import type { conversationContract } from '../protocol/conversations.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';

/** Records that travel together: a page reads so many in some 10 ms. */
const PART = 250;

/** The part of the engine's contract that keeps conversations. */
export const conversationHandlers = (engine: () => Promise<Engine>): Handlers<typeof conversationContract> => {
  const store = async () => (await engine()).deps.store.conversations;
  return {
    'conversations.list': async ({ ids }, { emit }) => {
      const { heads, ...told } = await (await store()).overview(ids);
      for (let from = 0; from < heads.length; from += PART) await emit(heads.slice(from, from + PART));
      return told;
    },
    'conversations.messages': async ({ ids }, { emit }) => {
      const messages = await (await store()).messages(ids);
      for (let from = 0; from < messages.length; from += PART) await emit(messages.slice(from, from + PART));
      return null;
    },
    'conversations.write': async ({ by, ...change }) => {
      const outcome = await (await store()).write(change);
      const { heads = [], messages = [], removed = [] } = change;
      const ids = new Set([...heads.map(({ id }) => id), ...messages.map(({ conversation }) => conversation), ...removed]);
      if (outcome === 'written') (await engine()).hub.tell({ type: 'conversations', by, ids: [...ids] });
      return outcome;
    },
    'conversations.reseal': async ({ by, ...resealing }) => {
      const outcome = await (await store()).reseal(resealing);
      if (outcome === 'written') (await engine()).hub.tell({ type: 'conversations', by });
      return outcome;
    },
    'conversations.clear': async ({ by }) => {
      await (await store()).clear();
      (await engine()).hub.tell({ type: 'conversations', by });
      return null;
    },
  };
};
