import { expect, test } from 'vitest';
import { SillError } from '../core/errors.ts';
import type { ChatMessage } from '../ports/generation.ts';
import { turnLead } from './turnLead.ts';

const END = 2;
const letters = ({ content }: ChatMessage) => [...content].map((letter) => letter.charCodeAt(0));
const by = (chat: (messages: readonly ChatMessage[]) => number[]) => turnLead({ chat }, new Set([END]));

test('the lead is what a template writes between an answer’s end and a person’s words', () => {
  expect(
    by((messages) => [1, ...messages.flatMap((message) => [7, message.role === 'user' ? 8 : 9, ...letters(message), END]), 7, 9]),
  ).toEqual([7, 8]);
  expect(by((messages) => messages.flatMap((message) => [...letters(message), END]))).toEqual([]);
});

test('there is none where no turn is ended, or no template', () => {
  expect(by((messages) => messages.flatMap((message) => [7, ...letters(message)]))).toEqual([]);
  expect(
    by(() => {
      throw new SillError('chat_template_missing', 'none');
    }),
  ).toEqual([]);
});
