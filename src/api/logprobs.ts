import type { GeneratedToken } from '../ports/generation.ts';
import type { ChatLogprobs, CompletionLogprobs } from '../protocol/openai.ts';

/** The shape of `chat/completions`. */
export const chatLogprobs = (tokens: readonly GeneratedToken[] | undefined): ChatLogprobs | null =>
  tokens === undefined
    ? null
    : {
        content: tokens.map(({ text, bytes, logprob, top }) => ({
          token: text,
          logprob,
          bytes,
          top_logprobs: top.map((other) => ({ token: other.text, logprob: other.logprob, bytes: other.bytes })),
        })),
        refusal: null,
      };

/** The older shape of `completions`. `top_logprobs` has the chosen token in any case, so up to one more than was asked for. */
export const completionLogprobs = (tokens: readonly GeneratedToken[] | undefined): CompletionLogprobs | null =>
  tokens === undefined
    ? null
    : {
        tokens: tokens.map(({ text }) => text),
        token_logprobs: tokens.map(({ logprob }) => logprob),
        top_logprobs: tokens.map(({ text, logprob, top }) => {
          const shares = new Map<string, number>();
          // Two tokens may read alike: the likelier one is first.
          for (const each of [...top, { text, logprob }]) if (!shares.has(each.text)) shares.set(each.text, each.logprob);
          return Object.fromEntries(shares);
        }),
        text_offset: tokens.map(({ offset }) => offset),
      };
