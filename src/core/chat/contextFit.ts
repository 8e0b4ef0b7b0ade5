import type { Message } from './conversation.ts';

export interface ContextFit {
  /** What is sent, from a message of the person on. */
  readonly sent: readonly Message[];
  /** How many messages at the beginning are left out. */
  readonly dropped: number;
  /** Tokens that what is sent takes, as far as that can be told before. */
  readonly promptTokens: number;
}

interface Room {
  readonly system: string;
  /** Tokens in all; absent where nobody knows. */
  readonly contextLength: number | undefined;
  /** Tokens that the answer may take. */
  readonly answerTokens: number;
  readonly tokensPerLetter: number;
}

/** Of English with the usual vocabularies, and of a template about each message. Replaced by what a model reported of this conversation. */
const TOKENS_PER_LETTER = 1 / 4;
const TOKENS_AROUND = 6;
/** An answer is to have this share of the context at least, so that long limits do not push out all that was said. */
const ANSWER_SHARE = 0.25;

/** How many tokens a letter of this conversation takes, by the last answer of the branch that says what its prompt took. */
export function tokensPerLetter(path: readonly Message[], system: string): number {
  const at = path.findLastIndex(({ answer }) => answer?.promptTokens !== undefined);
  const answer = path[at]?.answer;
  if (answer?.promptTokens === undefined) return TOKENS_PER_LETTER;
  const sent = path.slice(answer.dropped ?? 0, at);
  const letters = sent.reduce((sum, { text }) => sum + text.length, system.length);
  const told = answer.promptTokens - TOKENS_AROUND * (sent.length + (system ? 1 : 0));
  return Math.min(3, Math.max(TOKENS_PER_LETTER / 2, letters > 0 ? told / letters : TOKENS_PER_LETTER));
}

/** Which messages of a branch are sent: all, or as many of the latest as leave room for the answer. The last one always is. */
export function fitContext(path: readonly Message[], { system, contextLength, answerTokens, tokensPerLetter: rate }: Room): ContextFit {
  const tokensOf = (said: string): number => Math.ceil(said.length * rate) + TOKENS_AROUND;
  const reserved = contextLength === undefined ? 0 : Math.min(answerTokens, Math.floor(contextLength * ANSWER_SHARE));
  const room = contextLength === undefined ? Number.POSITIVE_INFINITY : contextLength - reserved;
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
