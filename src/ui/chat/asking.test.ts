import { expect, test } from 'vitest';
import type { Head, Message } from '../../core/chat/conversation.ts';
import { SillError } from '../../core/errors.ts';
import type { ChatCompletionChunk } from '../../protocol/openai.ts';
import type { ChatRequest } from '../../protocol/openaiRequests.ts';
import type { Sill } from '../../protocol/sill.ts';
import { ask } from './asking.ts';

const head: Head = { id: 'c', title: '', createdAtMs: 0, updatedAtMs: 0, model: 'tiny', system: 'Be brief.' };
const begun: Message = {
  ...{ id: 'a', parent: 'q', role: 'assistant', text: '', createdAtMs: 9 },
  answer: { state: 'writing', model: 'tiny', seed: 7 },
};
const path = (...texts: readonly string[]): Message[] =>
  texts.map((text, i) => ({ id: `m${i}`, role: i % 2 === 0 ? 'user' : 'assistant', text, createdAtMs: i }));
const chunk = (content: string, token: number): ChatCompletionChunk => ({
  ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'tiny' },
  choices: [{ index: 0, delta: { content }, finish_reason: null, logprobs: null, token_ids: [token] }],
});
const end: ChatCompletionChunk = {
  ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'tiny' },
  choices: [{ index: 0, delta: {}, finish_reason: 'length', logprobs: null }],
  usage: { prompt_tokens: 30, completion_tokens: 2, total_tokens: 32, prompt_tokens_details: { cached_tokens: 0 } },
};

/** A surface whose model holds so many letters and answers with these chunks. */
function surface(letters: number, chunks: readonly ChatCompletionChunk[]) {
  const requests: ChatRequest[] = [];
  const create = async (request: ChatRequest): Promise<AsyncIterable<ChatCompletionChunk>> => {
    requests.push(request);
    const read = request.messages.reduce((sum, { content }) => sum + String(content).length, 0);
    if (read > letters)
      throw new SillError('context_length_exceeded', 'too long', { details: { promptTokens: read, contextLength: letters } });
    return (async function* () {
      yield* chunks;
    })();
  };
  const sill: Pick<Sill, 'chat'> = { chat: { completions: { create: create as Sill['chat']['completions']['create'] } } };
  return { requests, sill };
}
const signal = new AbortController().signal;

test('an answer is told as it grows, with what it takes to go on with it', async () => {
  const { requests, sill } = surface(1000, [chunk('Once', 5), chunk(' upon', 6), end]);
  const told: string[] = [];
  const answer = await ask(sill, { head, path: path('Tell'), contextLength: 256, begun }, signal, ({ text }) => told.push(text));
  expect(told).toEqual(['Once', 'Once upon', 'Once upon']);
  expect(answer).toMatchObject({
    text: 'Once upon',
    answer: { state: 'done', ending: 'length', requestId: 'chatcmpl-1', tokens: [5, 6], promptTokens: 30, seed: 7, dropped: 0 },
  });
  expect(requests[0]?.messages.map(({ role }) => role)).toEqual(['system', 'user']);
  expect(requests[0]).not.toHaveProperty('resume');

  const going: Message = { ...answer, answer: { state: 'writing', model: 'tiny', seed: 7, requestId: 'chatcmpl-1', tokens: [5, 6] } };
  const more = surface(1000, [chunk(' a', 8), end]);
  const whole = await ask(more.sill, { head, path: path('Tell'), contextLength: 256, begun: going }, signal, () => undefined);
  expect(more.requests[0]).toMatchObject({ seed: 7, resume: { id: 'chatcmpl-1', token_ids: [[5, 6]] } });
  expect(whole).toMatchObject({ text: 'Once upon a', answer: { tokens: [5, 6, 8] } });
});

test('what turns out not to fit is dropped from the beginning until it does, and how much is told', async () => {
  // Of this model each letter is a token, which nobody could know before.
  const said = path('a'.repeat(60), 'b'.repeat(60), 'c'.repeat(60), 'd'.repeat(60), 'e');
  const { requests, sill } = surface(150, [chunk('Once', 5), end]);
  const answer = await ask(sill, { head, path: said, contextLength: 150, begun }, signal, () => undefined);
  expect(requests.length).toBeGreaterThan(1);
  expect(requests.at(-1)?.messages.at(-1)?.content).toBe('e');
  expect(answer.answer?.dropped).toBeGreaterThanOrEqual(2);
});

test('one message that is too long by itself is refused, not asked for again and again', async () => {
  const { requests, sill } = surface(10, []);
  const asked = ask(sill, { head, path: path('a'.repeat(60)), contextLength: 10, begun }, signal, () => undefined);
  await expect(asked).rejects.toMatchObject({ code: 'context_length_exceeded' });
  expect(requests).toHaveLength(1);
});

const found = ['a', 'b', 'c'].map((name, index) => ({ name: `${name}.txt`, text: name.repeat(100), index, score: 0.9 - index / 10 }));
const question: Message = { ...{ id: 'q', role: 'user', text: 'Which?', createdAtMs: 3 }, given: found };
const letters = (request: ChatRequest | undefined): string => String(request?.messages.at(-1)?.content);

test('what was found stands before the question, the best of it where not all fits, and what was said before stands as it was said', async () => {
  const before: Message = { ...{ id: 'p', role: 'user', text: 'And before?', createdAtMs: 1 }, given: found };
  const said: Message = { ...{ id: 'r', parent: 'p', role: 'assistant', text: 'So.', createdAtMs: 2 } };
  const { requests, sill } = surface(10_000, [chunk('b', 5), end]);
  const asked = { head, path: [before, said, question], contextLength: 256, begun };
  const { answer } = await ask(sill, asked, signal, () => undefined);
  expect(requests[0]?.messages.map(({ content }) => content).slice(1, 3)).toEqual(['And before?', 'So.']);
  expect(letters(requests[0])).toMatch(/^<passage from="a\.txt">\na+\n<\/passage>\n\n<passage from="b\.txt">[\s\S]+\n\nWhich\?$/);
  expect(letters(requests[0])).not.toContain('c.txt');
  expect(answer?.given).toMatchObject({
    pieces: [
      { at: 0, letters: 100 },
      { at: 1, letters: 100 },
    ],
  });
});

test('where the model says that it is too long, fewer pieces are given, and the answer says which', async () => {
  // Of this model each letter is a token.
  const { requests, sill } = surface(420, [chunk('a', 5), end]);
  const { answer } = await ask(sill, { head, path: [question], contextLength: 420, begun }, signal, () => undefined);
  expect(requests.length).toBeGreaterThan(1);
  expect(answer?.given?.pieces).toEqual([{ at: 0, letters: 100 }]);
  expect(letters(requests.at(-1))).toContain('a'.repeat(100));
  expect(letters(requests.at(-1))).not.toContain('b.txt');
});

test('an answer that goes on reads what it read', async () => {
  const { requests, sill } = surface(10_000, [chunk(' more', 8), end]);
  const given = { pieces: [{ at: 1, letters: 50 }], tokens: 20 };
  const going: Message = { ...begun, text: 'b', answer: { state: 'writing', model: 'tiny', seed: 7, requestId: 'r', tokens: [5], given } };
  const { answer } = await ask(sill, { head, path: [question], contextLength: 4096, begun: going }, signal, () => undefined);
  expect(letters(requests[0])).toMatch(/^<passage from="b\.txt">\nb{50}\n<\/passage>/);
  expect(letters(requests[0])).not.toMatch(/a\.txt|c\.txt/);
  expect(answer?.given?.pieces).toEqual(given.pieces);
});
