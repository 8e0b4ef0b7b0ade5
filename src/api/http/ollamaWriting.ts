import { SillError } from '../../core/errors.ts';
import type { ChatLogprobs, ChatToolCall, Completion, CompletionLogprobs, Usage } from '../../protocol/openai.ts';
import type { Ask } from './ask.ts';
import { type ContinuedText, continueText, wallMs } from './continuedText.ts';
import type { Mark } from './marks.ts';
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
  /** When the first engine was asked, and how long those before this one were writing. */
  readonly startMs: number;
  readonly writtenMs: number;
}

export interface WriteOptions {
  readonly ask: Ask;
  readonly signal: AbortSignal;
  /** Absent: the whole at once. */
  readonly onPiece?: ((piece: Piece, mark: Mark) => Promise<void>) | undefined;
  readonly onAccepted?: () => void;
  readonly marks: readonly Mark[];
  /** By the wall's clock: when the work for this began. */
  readonly startMs: number;
}

/** A conversation by the model's template. */
export async function writeChat(request: JsonObject, options: WriteOptions): Promise<Written> {
  const { said, give, call } = writing(request, options);
  const answer = await options.ask('chat.completions.create', options.onPiece ? said.params : request, {
    ...call,
    async onItem(chunk) {
      const [choice] = said.take(chunk).choices;
      await give({ text: choice?.delta.content ?? '', logprobs: chatTokens(choice?.logprobs) });
    },
  });
  const [choice] = answer.choices;
  return written(answer, said, {
    text: choice?.message.content ?? '',
    logprobs: chatTokens(choice?.logprobs),
    calls: choice?.message.tool_calls ?? [],
  });
}

/** What follows a text, as it stands. */
export async function writeOn(given: JsonObject, options: WriteOptions): Promise<Written> {
  const { logprobs: isWanted, top_logprobs: top, ...rest } = given;
  const request = { ...rest, ...(isWanted === true ? { logprobs: top ?? 0 } : {}) };
  const { said, give, call } = writing(request, options);
  const answer = await options.ask('completions.create', options.onPiece ? said.params : request, {
    ...call,
    async onItem(chunk) {
      const [choice] = said.take(chunk).choices;
      await give({ text: choice?.text ?? '', logprobs: completionTokens(choice?.logprobs) });
    },
  });
  const [choice] = answer.choices;
  return written(answer, said, { text: choice?.text ?? '', logprobs: completionTokens(choice?.logprobs), calls: [] });
}

/** What both ways of asking share: a text that goes on, and pieces of it that say something. */
function writing(request: JsonObject, { signal, onPiece, onAccepted, marks, startMs }: WriteOptions) {
  const said = continueText(request, marks, 0, startMs);
  const give = async (piece: Piece): Promise<void> => {
    if (piece.text !== '' || piece.logprobs?.length) await onPiece?.(piece, said.mark());
  };
  return { said, give, call: { signal, onAccepted } };
}

const written = (
  {
    choices: [choice],
    usage,
    sill,
  }: Pick<Completion, 'usage' | 'sill'> & { readonly choices: ReadonlyArray<{ readonly finish_reason: string | null }> },
  { startMs, writtenMs }: ContinuedText,
  what: Pick<Written, 'text' | 'logprobs' | 'calls'>,
): Written => ({
  ...what,
  finish: choice?.finish_reason === 'length' ? 'length' : 'stop',
  ...{ usage, sill, lostMs: 0, startMs, writtenMs },
});

/** By the model's template, or as it stands where there is none and nothing but a beginning was said. */
export async function writeEither(chat: JsonObject, text: JsonObject | undefined, options: WriteOptions): Promise<Written> {
  const startMs = wallMs();
  try {
    return await writeChat(chat, options);
  } catch (reason) {
    if (!(reason instanceof SillError) || reason.code !== 'chat_template_missing' || !text) throw reason;
    const lostMs = wallMs() - startMs;
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
export function figuresOf({ usage, sill, lostMs, startMs, writtenMs }: Written) {
  return {
    total_duration: nanoseconds(wallMs() - startMs),
    load_duration: nanoseconds((sill?.loadMs ?? 0) + lostMs),
    prompt_eval_count: usage?.prompt_tokens ?? 0,
    prompt_eval_duration: nanoseconds(sill?.timings.prompt_ms ?? 0),
    eval_count: usage?.completion_tokens ?? 0,
    eval_duration: nanoseconds((sill?.timings.predicted_ms ?? 0) + writtenMs),
  };
}
