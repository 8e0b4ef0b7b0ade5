import { msg, str } from '@lit/localize';
import type { Message } from '../../core/chat/conversation.ts';

/** Of an answer that is read out when it is whole. More is read where it stands. */
const READ_LETTERS = 600;

/** What a screen reader reads out of the answer to the last message of a branch: that it begins, then the whole of it, never each piece. */
export class ToldAnswer {
  words = '';
  #answering: string | undefined;

  /** @param answering the answer that is being written, if one is */
  follow(answering: string | undefined, find: (id: string) => Message | undefined): void {
    if (answering !== undefined && answering !== this.#answering) this.words = msg('The answer is being written.');
    if (answering === undefined && this.#answering !== undefined) {
      const answer = find(this.#answering);
      if (answer) this.words = endWords(answer);
    }
    this.#answering = answering;
  }
}

function endWords({ text, answer }: Message): string {
  if (answer?.state === 'failed') return msg('The answer failed.');
  const said = text.length > READ_LETTERS ? `${text.slice(0, READ_LETTERS)}…` : text;
  return answer?.state === 'stopped' ? msg(str`Stopped. Until then: ${said}`) : msg(str`The answer: ${said}`);
}
