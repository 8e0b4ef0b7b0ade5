import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitContext, tokensPerLetter } from './contextFit.ts';
import type { Message } from './conversation.ts';

const path = (...texts: readonly string[]): Message[] =>
  texts.map((text, i) => ({ id: `m${i}`, role: i % 2 === 0 ? 'user' : 'assistant', text, createdAtMs: i }));
const anyPath = fc.array(fc.string({ maxLength: 200 }), { minLength: 1, maxLength: 30 }).map((texts) => path(...texts));

it('sends everything where there is room, or nobody knows how much', () => {
  const said = path('a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40));
  for (const contextLength of [1000, undefined]) {
    expect(fitContext(said, { system: '', contextLength, answerTokens: 100, tokensPerLetter: 0.25 })).toMatchObject({
      dropped: 0,
      sent: said,
    });
  }
});

it('drops from the beginning, by whole turns, so that a person begins', () => {
  const said = path('a'.repeat(400), 'b'.repeat(400), 'c'.repeat(40), 'd'.repeat(40), 'e'.repeat(40));
  const { sent, dropped } = fitContext(said, { system: '', contextLength: 200, answerTokens: 50, tokensPerLetter: 0.25 });
  expect([sent.map(({ id }) => id), dropped]).toEqual([['m2', 'm3', 'm4'], 2]);
});

it('whatever was said, what is sent is the end of it, begins with the person where it can, and fits unless the last message alone does not', () => {
  fc.assert(
    fc.property(
      anyPath,
      fc.string({ maxLength: 100 }),
      fc.integer({ min: 16, max: 400 }),
      fc.nat(500),
      (said, system, contextLength, answerTokens) => {
        const room = { system, contextLength, answerTokens, tokensPerLetter: 0.25 };
        const { sent, dropped, promptTokens } = fitContext(said, room);
        expect(said.slice(dropped)).toEqual(sent);
        expect(sent.at(-1)).toBe(said.at(-1));
        if (sent.length > 1) {
          expect(sent[0]?.role).toBe('user');
          expect(promptTokens).toBeLessThanOrEqual(contextLength);
        }
      },
    ),
  );
});

it('learns from an answer how many tokens its letters take', () => {
  const said = path('x'.repeat(100), 'y'.repeat(100), 'z');
  const answer = { state: 'done', model: 'tiny', promptTokens: 56, completionTokens: 3 } as const;
  const told = said.map((message, i) => (i === 1 ? { ...message, answer } : message));
  expect(tokensPerLetter(told, '')).toBeCloseTo(0.5);
  expect(tokensPerLetter(said, '')).toBe(0.25);
});
