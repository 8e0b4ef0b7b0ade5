import type { ChatCompletion } from '../../protocol/openai.ts';
import { continueText } from './continuedText.ts';
import { event, eventStream } from './events.ts';
import { RESPONSE_FIELDS, usedFields } from './fields.ts';
import { type Mark, OVER } from './marks.ts';
import { json } from './reply.ts';
import { type JsonObject, jsonBody } from './request.ts';
import { createResponseItems, type TellEvent } from './responseItems.ts';
import { chatRequestOf, inResponsesWords, type ResponseParams, responseParams } from './responseParams.ts';
import type { Route, RouteContext } from './route.ts';

/** `POST v1/responses`, of text and calls of functions. Nothing is kept of it: the next request brings the whole conversation. */
export const responses: Route = async (incoming, context) => {
  const given = usedFields(jsonBody(incoming), RESPONSE_FIELDS, 'refused');
  const params = responseParams(given);
  const request = chatRequestOf(params, given);
  const known = context.marks.find(({ response }) => response)?.response;
  const names = known ?? { suffix: crypto.randomUUID().replaceAll('-', ''), created_at: Math.floor(Date.now() / 1000) };
  const head = headOf(params, given, names);
  if (params.stream) return streamed(request, head, names, context);
  const { ask, reply, signal } = context;
  const answer = await inResponsesWords(() => ask('chat.completions.create', request, { signal, onAccepted: reply.whole().accepted }));
  const items = createResponseItems(names.suffix, () => undefined);
  const [choice] = answer.choices;
  items.text(choice?.message.content ?? '', choice?.logprobs?.content ?? []);
  items.calls((choice?.message.tool_calls ?? []).map((call, index) => ({ index, ...call })));
  return json({ ...head, ...endOf(answer), output: items.end(statusOf(answer)) });
};

type Names = NonNullable<Mark['response']>;
type Said = NonNullable<Mark['said']>;

async function streamed(request: JsonObject, head: object, names: Names, { ask, reply, signal, marks }: RouteContext): Promise<undefined> {
  const stream = eventStream(reply);
  const text = continueText(request, marks);
  /** Events that are not sent yet. */
  let events = '';
  let sequence_number = 0;
  const tell: TellEvent = (type, fields) => {
    events += event({ type, ...fields, sequence_number: sequence_number++ }, type);
  };
  const items = createResponseItems(names.suffix, tell);
  // With the first piece, so that a request which is refused has a status of its own.
  const begin = (): void => {
    if (sequence_number > 0) return;
    const response = { ...head, status: 'in_progress', output: [], usage: null };
    tell('response.created', { response });
    tell('response.in_progress', { response });
  };
  const say = ({ text: delta, logprobs, calls }: Said): void => {
    begin();
    items.text(delta, logprobs);
    items.calls(calls);
  };
  // Later events say again what earlier ones said: those that the reader has are told to nobody.
  for (const { said } of marks) if (said) say(said);
  events = '';
  const send = (mark: Mark): Promise<void> => {
    const told = events;
    events = '';
    return stream.send(told, mark);
  };
  const answer = await inResponsesWords(() =>
    ask('chat.completions.create', text.params, {
      signal,
      async onItem(chunk) {
        const {
          choices: [choice],
        } = text.take(chunk);
        const said = {
          text: choice?.delta.content ?? '',
          logprobs: choice?.logprobs?.content ?? [],
          calls: choice?.delta.tool_calls ?? [],
        };
        const response = sequence_number === 0 ? { response: names } : {};
        say(said);
        if (events !== '') await send(text.mark({ ...response, said }));
      },
    }),
  );
  begin();
  const status = statusOf(answer);
  const output = items.end(status);
  tell(`response.${status}`, { response: { ...head, ...endOf(answer), output } });
  await send(OVER);
  return undefined;
}

const statusOf = ({ choices: [choice] }: ChatCompletion) => (choice?.finish_reason === 'length' ? 'incomplete' : 'completed');

/** What a response says of its request. */
const headOf = (params: ResponseParams, given: JsonObject, { suffix, created_at }: Names) => ({
  id: `resp_${suffix}`,
  object: 'response',
  created_at,
  ...{ background: false, error: null, incomplete_details: null, previous_response_id: null, store: false, user: null },
  model: params.model,
  instructions: params.instructions ?? null,
  max_output_tokens: params.max_output_tokens ?? null,
  metadata: params.metadata,
  parallel_tool_calls: params.parallel_tool_calls ?? true,
  reasoning: { effort: null, summary: null },
  temperature: given.temperature ?? null,
  top_p: given.top_p ?? null,
  top_logprobs: params.top_logprobs ?? 0,
  text: { format: params.text?.format ?? { type: 'text' } },
  tool_choice: params.tool_choice ?? 'auto',
  tools: params.tools ?? [],
  truncation: params.truncation,
});

const endOf = (answer: ChatCompletion) => ({
  status: statusOf(answer),
  incomplete_details: statusOf(answer) === 'incomplete' ? { reason: 'max_output_tokens' } : null,
  usage: {
    input_tokens: answer.usage.prompt_tokens,
    input_tokens_details: { cached_tokens: answer.usage.prompt_tokens_details.cached_tokens },
    output_tokens: answer.usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: answer.usage.total_tokens,
  },
  sill: answer.sill,
});
