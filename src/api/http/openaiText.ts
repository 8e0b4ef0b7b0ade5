import { SillError } from '../../core/errors.ts';
import type { ChatCompletionChunk, Completion, Usage } from '../../protocol/openai.ts';
import { continueText } from './continuedText.ts';
import { DONE, event, eventStream } from './events.ts';
import { CHAT_FIELDS, COMPLETION_FIELDS, usedFields } from './fields.ts';
import { type Mark, OVER } from './marks.ts';
import { withUsedFieldsInside } from './nestedFields.ts';
import { json } from './reply.ts';
import { type JsonObject, jsonBody } from './request.ts';
import type { Route, RouteContext } from './route.ts';

/** Where usage is asked for, every chunk has the field, and the last one its value. */
const wantsUsage = ({ stream_options: options }: JsonObject): boolean =>
  typeof options === 'object' && options !== null && Reflect.get(options, 'include_usage') === true;

/** As OpenAI: who asks for usage at the end of a stream and for no stream has mistaken something. @throws SillError `invalid_request` */
const isStreamed = ({ stream, stream_options: options }: JsonObject): boolean => {
  if (stream === true) return true;
  if (options === undefined) return false;
  throw new SillError('invalid_request', '"stream_options" is there for streams only: give "stream": true as well, or leave it out.', {
    details: { param: 'stream_options' },
  });
};

/** `POST v1/chat/completions`. */
export const chatCompletions: Route = async (incoming, { ask, reply, signal, marks }) => {
  const request = withUsedFieldsInside(usedFields(jsonBody(incoming), CHAT_FIELDS, 'refused'));
  if (!isStreamed(request)) return json(await ask('chat.completions.create', request, { signal, onAccepted: reply.whole().accepted }));
  const events = eventStream(reply);
  const head = wantsUsage(request) ? { usage: null } : {};
  const text = continueText(request, marks);
  const ends: string[] = [];
  await ask('chat.completions.create', text.params, {
    signal,
    async onItem(given) {
      const told = withRolesAhead(text.take(given))
        .map((part) => event({ ...head, ...part }))
        .join('');
      if (isEnd(given)) ends.push(told);
      else await events.send(told, text.mark());
    },
    onAccepted: events.begin,
  });
  await events.send(ends.join('') + DONE, OVER);
  return undefined;
};

/** Of all choices, or with what they took: sent in one piece with all that follows, so that nobody has one of them twice. */
const isEnd = ({ choices }: ChatCompletionChunk | Completion): boolean => choices.every(({ finish_reason }) => finish_reason !== null);

/**
 * As OpenAI streams: the role of each answer comes alone. Its client counts the log-probabilities of the chunk that begins an answer twice, since there never
 * are any.
 */
function withRolesAhead(chunk: ChatCompletionChunk): ChatCompletionChunk[] {
  const { choices } = chunk;
  const hasMore = choices.some(({ delta, logprobs }) => delta.content || delta.tool_calls || logprobs);
  if (!hasMore || !choices.some(({ delta }) => delta.role)) return [chunk];
  const roles = choices.map(({ index, delta: { role, content } }) => ({
    index,
    delta: { ...(role ? { role } : {}), content: content === undefined ? null : '' },
    ...{ finish_reason: null, logprobs: null },
  }));
  const rest = choices.map(({ delta: { role: _, ...delta }, ...choice }) => ({ ...choice, delta }));
  return [
    { ...chunk, choices: roles },
    { ...chunk, choices: rest },
  ];
}

/** `POST v1/completions`: of one prompt or of several, whose choices are counted through. */
export const completions: Route = async (incoming, context) => {
  const request = withUsedFieldsInside(usedFields(jsonBody(incoming), COMPLETION_FIELDS, 'refused'));
  const prompts = promptsOf(request.prompt);
  return isStreamed(request) ? streamed(request, prompts, context) : json(await whole(request, prompts, context));
};

const MOST_PROMPTS = 64;

/** A list of texts asks for each of them. Token ids are another model's as likely as not, and are refused. */
function promptsOf(prompt: unknown): readonly unknown[] {
  if (!Array.isArray(prompt)) return [prompt];
  if (prompt.length > MOST_PROMPTS || prompt.length === 0 || !prompt.every((each) => typeof each === 'string')) {
    throw new SillError('invalid_request', `"prompt" must be a text, or a list of up to ${MOST_PROMPTS} texts. Token ids are not taken.`, {
      details: { param: 'prompt' },
    });
  }
  return prompt;
}

const choicesEach = ({ n }: JsonObject): number => (typeof n === 'number' ? n : 1);

async function whole(request: JsonObject, prompts: readonly unknown[], { ask, reply, signal }: RouteContext): Promise<Completion> {
  const answers: Completion[] = [];
  const { accepted } = reply.whole();
  for (const [at, prompt] of prompts.entries()) {
    // What is wrong with a later prompt has a status as well.
    const isLast = at === prompts.length - 1;
    answers.push(await ask('completions.create', { ...request, prompt }, { signal, ...(isLast ? { onAccepted: accepted } : {}) }));
  }
  const [first, ...others] = answers;
  if (!first) throw new SillError('internal', 'No prompt was answered.');
  if (others.length === 0) return first;
  const choices = answers.flatMap((answer, at) =>
    answer.choices.map((choice) => ({ ...choice, index: choice.index + at * choicesEach(request) })),
  );
  return { ...first, choices, usage: summed(answers.flatMap(({ usage }) => usage ?? [])) };
}

async function streamed(request: JsonObject, prompts: readonly unknown[], { ask, reply, signal, marks }: RouteContext): Promise<undefined> {
  const events = eventStream(reply);
  const head = wantsUsage(request) ? { usage: null } : {};
  const usages = marks.flatMap(({ usage }) => usage ?? []);
  let answer: Pick<Completion, 'id' | 'created'> | undefined = marks.find(({ begun }) => begun)?.begun;
  for (const [at, prompt] of prompts.entries()) {
    if (marks.some((mark) => mark.ended && (mark.at ?? 0) === at)) continue;
    const isLast = at === prompts.length - 1;
    const text = continueText({ ...request, prompt }, marks, at);
    const ends: string[] = [];
    let usage: Usage | undefined;
    const onItem = async (given: Completion): Promise<void> => {
      // One answer to its reader, of however many prompts.
      answer ??= given;
      const chunk = { ...text.take(given), id: answer.id, created: answer.created };
      usage = chunk.usage;
      if (usage) {
        usages.push(usage);
        // One sum at the end, as for one prompt.
        if (isLast) ends.push(event({ ...chunk, usage: prompts.length > 1 ? summed(usages) : usage }));
        return;
      }
      const choices = chunk.choices.map((choice) => ({ ...choice, index: choice.index + at * choicesEach(request) }));
      const told = event({ ...head, ...chunk, choices });
      if (isEnd(given)) ends.push(told);
      else await events.send(told, text.mark());
    };
    await ask('completions.create', text.params, { signal, onItem, onAccepted: events.begin });
    const ended: Mark = { ended: true, ...(usage ? { usage } : {}) };
    await events.send(ends.join('') + (isLast ? DONE : ''), isLast ? OVER : text.mark(ended));
  }
  return undefined;
}

function summed(usages: readonly Usage[]): Usage {
  const sum = (of: (usage: Usage) => number) => usages.reduce((total, usage) => total + of(usage), 0);
  return {
    prompt_tokens: sum((usage) => usage.prompt_tokens),
    completion_tokens: sum((usage) => usage.completion_tokens),
    total_tokens: sum((usage) => usage.total_tokens),
    prompt_tokens_details: { cached_tokens: sum((usage) => usage.prompt_tokens_details.cached_tokens) },
  };
}
