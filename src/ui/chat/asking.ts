import { fitContext, tokensPerLetter } from '../../core/chat/contextFit.ts';
import type { Answer, Head, Message } from '../../core/chat/conversation.ts';
import { chooseGiven, givenRoom, told } from '../../core/chat/given.ts';
import { type Room, tokensFor } from '../../core/chat/room.ts';
import { SillError } from '../../core/errors.ts';
import type { ChatCompletionChunk } from '../../protocol/openai.ts';
import type { ChatRequest } from '../../protocol/openaiRequests.ts';
import type { Sill } from '../../protocol/sill.ts';

export interface Question {
  readonly head: Head;
  /** From the first message to the one that is to be answered. */
  readonly path: readonly Message[];
  readonly contextLength: number | undefined;
  /** What there is of the answer already. */
  readonly begun: Message;
}

/** Refitted so often where a prompt took more tokens than its letters let expect. */
const TRIES = 4;

/**
 * Has a model answer, or go on with what it began, and tells the message at each piece. Resolves with the whole answer.
 * @throws SillError what the engine throws
 */
export async function ask(
  sill: Pick<Sill, 'chat'>,
  { head, path, contextLength, begun }: Question,
  signal: AbortSignal,
  onText: (message: Message) => void,
): Promise<Message> {
  let rate = tokensPerLetter(path, head.system);
  for (let tries = 1; ; tries++) {
    const answerTokens = head.parameters?.maxTokens ?? contextLength ?? 0;
    const room = { system: head.system, contextLength, answerTokens, tokensPerLetter: rate };
    const { asked, given } = withGiven(path, room, tries === 1 ? answerOf(begun).given : undefined);
    const { sent, dropped } = fitContext(asked, room);
    const begins = { ...begun, answer: { ...answerOf(begun), dropped, ...(given ? { given } : {}) } };
    try {
      const chunks = await sill.chat.completions.create({ ...requestOf(head, sent, begun), stream: true }, { signal });
      return await read(chunks, begins, onText);
    } catch (reason) {
      const tokens = reason instanceof SillError && reason.code === 'context_length_exceeded' ? reason.details.promptTokens : undefined;
      const letters = sent.reduce((sum, { text }) => sum + text.length, head.system.length);
      const mayShrink = sent.length > 1 || (given?.pieces.length ?? 0) > 0;
      if (typeof tokens !== 'number' || !mayShrink || tries === TRIES || letters === 0) throw reason;
      rate = Math.max(rate * 1.1, tokens / letters);
    }
  }
}

/**
 * The branch with what was found put before the question, as much as there is room for; what was said before stands as it was said. An answer that goes on
 * reads what it read.
 */
function withGiven(path: readonly Message[], room: Room, before: Answer['given']): { asked: readonly Message[]; given?: Answer['given'] } {
  const question = path.at(-1);
  if (!question?.given) return { asked: path };
  const { text, given: found } = question;
  const pieces = before?.pieces ?? chooseGiven(text, found, givenRoom(room, path.length === 1), room.tokensPerLetter);
  const whole = told(text, found, pieces);
  const tokens = tokensFor(whole.length, room.tokensPerLetter) - tokensFor(text.length, room.tokensPerLetter);
  return { asked: [...path.slice(0, -1), { ...question, text: whole }], given: { pieces: [...pieces], tokens } };
}

function requestOf(head: Head, sent: readonly Message[], begun: Message): Omit<ChatRequest, 'stream'> {
  const { parameters: set, model, system } = head;
  const { seed, requestId, tokens = [] } = answerOf(begun);
  const isResumed = requestId !== undefined && tokens.length > 0;
  return {
    model,
    messages: [
      ...(system ? [{ role: 'system' as const, content: system }] : []),
      ...sent.map(({ role, text }) => ({ role, content: text })),
    ],
    ...(set
      ? {
          ...{ temperature: set.temperature, top_p: set.topP, top_k: set.topK, min_p: set.minP, repetition_penalty: set.repetitionPenalty },
          ...{ presence_penalty: set.presencePenalty, frequency_penalty: set.frequencyPenalty },
          // Of an answer that goes on, beyond what there is of it.
          max_tokens: set.maxTokens + tokens.length,
        }
      : {}),
    // By a seed that is known, and the tokens so far, another engine or another day goes on with the same answer.
    ...{ seed, return_token_ids: true, stream_options: { include_usage: true } },
    ...(isResumed ? { resume: { id: requestId, token_ids: [[...tokens]] } } : {}),
  };
}

async function read(chunks: AsyncIterable<ChatCompletionChunk>, begun: Message, onText: (message: Message) => void): Promise<Message> {
  const answer = answerOf(begun);
  const tokens = [...(answer.tokens ?? [])];
  let message = begun;
  let made: Partial<Answer> = {};
  for await (const chunk of chunks) {
    const [choice] = chunk.choices;
    tokens.push(...(choice?.token_ids ?? []));
    if (chunk.usage) made = { ...made, promptTokens: chunk.usage.prompt_tokens, completionTokens: chunk.usage.completion_tokens };
    if (chunk.sill) made = { ...made, by: madeBy(chunk.sill) };
    if (choice?.finish_reason) made = { ...made, ending: choice.finish_reason === 'length' ? 'length' : 'stop' };
    const text = message.text + (choice?.delta.content ?? '');
    message = { ...message, text, answer: { ...answer, ...made, requestId: chunk.id, tokens } };
    onText(message);
  }
  return { ...message, answer: { ...answerOf(message), state: 'done' } };
}

function madeBy(run: NonNullable<ChatCompletionChunk['sill']>): NonNullable<Answer['by']> {
  const { timings } = run;
  const speed = {
    ttftMs: timings.ttft_ms,
    ...(timings.decode_tokens_per_second === undefined ? {} : { decodeTokensPerSecond: timings.decode_tokens_per_second }),
  };
  if (run.computed_by === 'upstream') return { model: run.model, elsewhere: run.upstream.name, ...speed };
  const { model, variant, device, threads, loadMs } = run;
  return { ...{ model, variant, device, threads }, ...speed, ...(loadMs === undefined ? {} : { loadMs }) };
}

export function answerOf({ answer }: Message): Answer {
  if (!answer) throw new SillError('internal', 'A message of a person was taken for an answer.');
  return answer;
}
