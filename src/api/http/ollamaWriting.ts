import { SillError } from '../../core/errors.ts';
import type { ChatLogprobs, ChatToolCall, Completion, CompletionLogprobs, Usage } from '../../protocol/openai.ts';
import type { Ask } from './ask.ts';
import { nanoseconds } from './ollamaRequest.ts';
import type { JsonObject } from './request.ts';

/** An answer, or a piece of one. */
export interface Piece {
  readonly text: string;
  readonly logprobs?: readonly object[] | undefined;
}

export interface Written extends Piece {
  readonly calls: readonly ChatToolCall[];
  readonly finish: string;
  readonly usage: Usage | undefined;
  readonly sill: Completion['sill'] | undefined;
  /** Before the model was asked for good. */
  readonly lostMs: number;
}

export interface WriteOptions {
  readonly ask: Ask;
  readonly signal: AbortSignal;
  /** Absent: the whole at once. */
  readonly onPiece?: ((piece: Piece) => Promise<void>) | undefined;
  readonly onAccepted?: () => void;
}

/** A conversation by the model's template. */
export async function writeChat(request: JsonObject, { ask, signal, onPiece, onAccepted }: WriteOptions): Promise<Written> {
  const answer = await ask(
    'chat.completions.create',
    { ...request, stream: onPiece !== undefined },
    {
      signal,
      onAccepted,
      async onItem({ choices: [choice] }) {
        const text = choice?.delta.content ?? '';
        const logprobs = chatTokens(choice?.logprobs);
        if (text !== '' || logprobs?.length) await onPiece?.({ text, logprobs });
      },
    },
  );
  const [choice] = answer.choices;
  return {
    text: choice?.message.content ?? '',
    logprobs: chatTokens(choice?.logprobs),
    calls: choice?.message.tool_calls ?? [],
    finish: choice?.finish_reason === 'length' ? 'length' : 'stop',
    ...{ usage: answer.usage, sill: answer.sill, lostMs: 0 },
  };
}

/** What follows a text, as it stands. */
export async function writeOn(request: JsonObject, { ask, signal, onPiece, onAccepted }: WriteOptions): Promise<Written> {
  const { logprobs: isWanted, top_logprobs: top, ...rest } = request;
  const answer: Completion = await ask(
    'completions.create',
    { ...rest, ...(isWanted === true ? { logprobs: top ?? 0 } : {}), stream: onPiece !== undefined },
    {
      signal,
      onAccepted,
      async onItem({ choices: [choice] }) {
        const text = choice?.text ?? '';
        const logprobs = completionTokens(choice?.logprobs);
        if (text !== '' || logprobs?.length) await onPiece?.({ text, logprobs });
      },
    },
  );
  const [choice] = answer.choices;
  return {
    text: choice?.text ?? '',
    logprobs: completionTokens(choice?.logprobs),
    calls: [],
    finish: choice?.finish_reason === 'length' ? 'length' : 'stop',
    ...{ usage: answer.usage, sill: answer.sill, lostMs: 0 },
  };
}

/** By the model's template, or as it stands where there is none and nothing but a beginning was said. */
export async function writeEither(chat: JsonObject, text: JsonObject | undefined, options: WriteOptions): Promise<Written> {
  const startMs = performance.now();
  try {
    return await writeChat(chat, options);
  } catch (reason) {
    if (!(reason instanceof SillError) || reason.code !== 'chat_template_missing' || !text) throw reason;
    const lostMs = performance.now() - startMs;
    return { ...(await writeOn(text, options)), lostMs };
  }
}

const chatTokens = (logprobs: ChatLogprobs | null | undefined): readonly object[] | undefined => logprobs?.content;

function completionTokens(logprobs: CompletionLogprobs | null | undefined): readonly object[] | undefined {
  const bytesOf = (token: string) => [...new TextEncoder().encode(token)];
  return logprobs?.tokens.map((token, at) => ({
    token,
    logprob: logprobs.token_logprobs[at],
    bytes: bytesOf(token),
    top_logprobs: Object.entries(logprobs.top_logprobs[at] ?? {}).map(([other, logprob]) => ({
      ...{ token: other, logprob, bytes: bytesOf(other) },
    })),
  }));
}

/** The figures of the last line. */
export function figuresOf({ usage, sill, lostMs }: Written, startMs: number) {
  return {
    total_duration: nanoseconds(performance.now() - startMs),
    load_duration: nanoseconds((sill?.loadMs ?? 0) + lostMs),
    prompt_eval_count: usage?.prompt_tokens ?? 0,
    prompt_eval_duration: nanoseconds(sill?.timings.prompt_ms ?? 0),
    eval_count: usage?.completion_tokens ?? 0,
    eval_duration: nanoseconds(sill?.timings.predicted_ms ?? 0),
  };
}
