import type { Message } from './conversation.ts';
import { toldFor } from './given.ts';
import { promptRoom, type Room, TOKENS_AROUND, TOKENS_PER_LETTER, tokensFor } from './room.ts';

export interface ContextFit {
  /** What is sent, from a message of the person on. */
  readonly sent: readonly Message[];
  /** How many messages at the beginning are left out. */
  readonly dropped: number;
  /** Tokens that what is sent takes, as far as that can be told before. */
  readonly promptTokens: number;
}

/** How many tokens a letter of this conversation takes, by the last answer of the branch that says what its prompt took. */
export function tokensPerLetter(path: readonly Message[], system: string): number {
  const at = path.findLastIndex(({ answer }) => answer?.promptTokens !== undefined);
  const answer = path[at]?.answer;
  if (answer?.promptTokens === undefined) return TOKENS_PER_LETTER;
  const sent = path.slice(answer.dropped ?? 0, at);
  // Only the question that it answered was sent with what was found for it.
  const lettersOf = (message: Message, i: number): number => (i === sent.length - 1 ? toldFor(message, answer) : message.text).length;
  const letters = sent.reduce((sum, message, i) => sum + lettersOf(message, i), system.length);
  const told = answer.promptTokens - TOKENS_AROUND * (sent.length + (system ? 1 : 0));
  return Math.min(3, Math.max(TOKENS_PER_LETTER / 2, letters > 0 ? told / letters : TOKENS_PER_LETTER));
}

/** Which messages of a branch are sent: all, or as many of the latest as leave room for the answer. The last one always is. */
export function fitContext(path: readonly Message[], context: Room): ContextFit {
  const { system, tokensPerLetter: rate } = context;
  const tokensOf = (said: string): number => tokensFor(said.length, rate);
  const room = promptRoom(context);
  let promptTokens = (system ? tokensOf(system) : 0) + tokensOf(path.at(-1)?.text ?? '');
  let from = Math.max(0, path.length - 1);
  for (let at = from - 1; at >= 0; at--) {
    const message = path[at];
    if (!message || promptTokens + tokensOf(message.text) > room) break;
    promptTokens += tokensOf(message.text);
    from = at;
  }
  // Templates want a person to begin.
  while (from < path.length - 1 && path[from]?.role !== 'user') {
    promptTokens -= tokensOf(path[from]?.text ?? '');
    from++;
  }
  return { sent: path.slice(from), dropped: from, promptTokens };
}
