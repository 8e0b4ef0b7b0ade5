import { expect, it } from 'vitest';
import type { Head, Message } from '../../core/chat/conversation.ts';
import type { Asked } from './answers.ts';
import { Saying } from './saying.ts';
import { Sight } from './sight.ts';

const head: Head = { id: 'c', title: '', createdAtMs: 0, updatedAtMs: 0, model: 'tiny', system: '', leaf: 'a' };
const question: Message = { id: 'q', role: 'user', text: 'Tell', createdAtMs: 1 };
const answer = (text: string): Message => ({
  ...{ id: 'a', parent: 'q', role: 'assistant', text, createdAtMs: 2 },
  answer: { state: 'done', ending: 'stop', model: 'tiny' },
});

/** The message that another answer than this is written into. */
async function writtenInto(text: string): Promise<Message | undefined> {
  const sight = new Sight();
  sight.look(head, [question, answer(text)]);
  let asked: Asked | undefined;
  const answers = {
    of: () => undefined,
    begin: async (wanted: Asked) => {
      asked = wanted;
    },
  };
  const saying = new Saying(
    sight,
    answers,
    (nowMs) => nowMs,
    async () => true,
  );
  await saying.again(answer(text), undefined);
  return asked?.begun;
}

it.each(['', ' ', '\n\n \n'])(
  'an answer that says nothing (%j) gives its place to the next one, and is no branch of its own',
  async (text) => {
    expect(await writtenInto(text)).toMatchObject({ id: 'a', parent: 'q', text: '' });
  },
);

it('one that says something stays beside it', async () => {
  const begun = await writtenInto('Once');
  expect(begun).toMatchObject({ parent: 'q', text: '' });
  expect(begun?.id).not.toBe('a');
});
