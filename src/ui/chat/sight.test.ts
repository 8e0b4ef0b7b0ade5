import { expect, test } from 'vitest';
import type { Head, Message } from '../../core/chat/conversation.ts';
import { Sight } from './sight.ts';

const head: Head = { id: 'c', title: '', createdAtMs: 0, updatedAtMs: 0, model: 'tiny', system: '' };
const question: Message = { id: 'q', role: 'user', text: 'Tell', createdAtMs: 1 };
const answer = (state: 'writing' | 'done', text: string): Message => ({
  ...{ id: 'a', parent: 'q', role: 'assistant', text, createdAtMs: 2 },
  answer: { state, model: 'tiny' },
});

test('what is said while a conversation is read stays in sight, and an answer that ended meanwhile stays whole', () => {
  const sight = new Sight();
  sight.look({ ...head, leaf: 'a' }, [question]);
  sight.put([answer('done', 'Once upon a time')]);
  expect(sight.joined([question])).toHaveLength(2);
  expect(sight.joined([question, answer('writing', 'Once')])[1]).toMatchObject({ text: 'Once upon a time' });
  sight.put([answer('writing', 'Once')]);
  expect(sight.joined([question, answer('writing', 'Once upon')])[1]).toMatchObject({ text: 'Once upon' });
});
