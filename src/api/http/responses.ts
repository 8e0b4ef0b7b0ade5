import type { ChatCompletion, ChatToolCallDelta } from '../../protocol/openai.ts';
import { eventStream } from './events.ts';
import { RESPONSE_FIELDS, usedFields } from './fields.ts';
import { json } from './reply.ts';
import { jsonBody } from './request.ts';
import { createResponseItems, type SendEvent } from './responseItems.ts';
import { chatRequestOf, inResponsesWords, type ResponseParams, responseParams } from './responseParams.ts';
import type { Route } from './route.ts';

/** `POST v1/responses`, of text and calls of functions. Nothing is kept of it: the next request brings the whole conversation. */
export const responses: Route = async (incoming, { ask, reply, signal }) => {
  const given = usedFields(jsonBody(incoming), RESPONSE_FIELDS, 'refused');
  const params = responseParams(given);
  const request = chatRequestOf(params, given);
  const suffix = crypto.randomUUID().replaceAll('-', '');
  const head = headOf(params, given, suffix);

  if (!params.stream) {
    const answer = await inResponsesWords(() => ask('chat.completions.create', request, { signal, onAccepted: reply.whole().accepted }));
    const items = createResponseItems(suffix, async () => undefined);
    const [choice] = answer.choices;
    await items.text(choice?.message.content ?? '', choice?.logprobs?.content ?? []);
    await items.calls((choice?.message.tool_calls ?? []).map((call, index) => ({ index, ...call })));
    return json({ ...head, ...endOf(answer), output: await items.end(statusOf(answer)) });
  }

  const events = eventStream(reply);
  let sequence_number = 0;
  const send: SendEvent = (type, fields) => events.send({ type, ...fields, sequence_number: sequence_number++ }, type);
  const items = createResponseItems(suffix, send);
  // With the first piece, so that a request which is refused has a status of its own.
  let isBegun = false;
  const begin = async (): Promise<void> => {
    if (isBegun) return;
    isBegun = true;
    const response = { ...head, status: 'in_progress', output: [], usage: null };
    await send('response.created', { response });
    await send('response.in_progress', { response });
  };
  const answer = await inResponsesWords(() =>
    ask(
      'chat.completions.create',
      { ...request, stream: true },
      {
        signal,
        async onItem({ choices: [choice] }) {
          await begin();
          await items.text(choice?.delta.content ?? '', choice?.logprobs?.content ?? []);
          const calls: readonly ChatToolCallDelta[] = choice?.delta.tool_calls ?? [];
          await items.calls(calls);
        },
      },
    ),
  );
  await begin();
  const status = statusOf(answer);
  const output = await items.end(status);
  await send(`response.${status}`, { response: { ...head, ...endOf(answer), output } });
  return undefined;
};

const statusOf = ({ choices: [choice] }: ChatCompletion) => (choice?.finish_reason === 'length' ? 'incomplete' : 'completed');

/** What a response says of its request. */
const headOf = (params: ResponseParams, given: Readonly<Record<string, unknown>>, suffix: string) => ({
  id: `resp_${suffix}`,
  object: 'response',
  created_at: Math.floor(Date.now() / 1000),
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
