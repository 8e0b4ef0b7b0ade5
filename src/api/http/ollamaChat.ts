import type { ChatToolCall } from '../../protocol/openai.ts';
import { wallMs } from './continuedText.ts';
import { line, lines } from './events.ts';
import { OLLAMA_CHAT_FIELDS, OLLAMA_MESSAGE_FIELDS, usedFields } from './fields.ts';
import { OVER } from './marks.ts';
import { loadOrUnload } from './ollamaGenerate.ts';
import { inOllamasWords, isObject, isStreamed, modelName, now, samplingOf, wrong } from './ollamaRequest.ts';
import { figuresOf, type WriteOptions, writeChat } from './ollamaWriting.ts';
import { json } from './reply.ts';
import { jsonBody } from './request.ts';
import type { Route } from './route.ts';

/** `POST api/chat`. */
export const chat: Route = (incoming, context) =>
  inOllamasWords(async () => {
    const request = usedFields(jsonBody(incoming), OLLAMA_CHAT_FIELDS, 'ignored');
    const { messages = [], tools, tool_choice, chat_template, logprobs, top_logprobs } = request;
    const model = modelName(request);
    const stream = isStreamed(request);
    if (!Array.isArray(messages)) throw wrong('messages', 'must be a list');
    if (messages.length === 0) return loadOrUnload(model, request, { message: { role: 'assistant', content: '' } }, context);
    const { ask, reply, signal, marks } = context;
    const begun = { ask, signal, marks, startMs: wallMs() };
    const asked = {
      ...samplingOf(request),
      model,
      tools,
      tool_choice,
      chat_template,
      logprobs,
      top_logprobs,
      messages: messagesOf(messages),
    };
    const answer = (message: object, more: object) => ({ model, created_at: now(), message: { role: 'assistant', ...message }, ...more });
    if (!stream) {
      const written = await writeChat(asked, { ...begun, onAccepted: reply.whole().accepted });
      const calls = callsOf(written.calls);
      return json(
        answer(
          { content: written.text, ...(calls.length > 0 ? { tool_calls: calls } : {}) },
          {
            ...{ done: true, done_reason: written.finish, ...figuresOf(written) },
            ...(written.logprobs ? { logprobs: written.logprobs } : {}),
          },
        ),
      );
    }
    const out = lines(reply);
    const onPiece: WriteOptions['onPiece'] = ({ text, logprobs: tokens }, mark) =>
      out.send(line(answer({ content: text }, { done: false, ...(tokens ? { logprobs: tokens } : {}) })), mark);
    const written = await writeChat(asked, { ...begun, onPiece, onAccepted: out.begin });
    const calls = callsOf(written.calls);
    // Whole, as Ollama sends them.
    const called = calls.length > 0 ? line(answer({ content: '', tool_calls: calls }, { done: false })) : '';
    const end = line(answer({ content: '' }, { done: true, done_reason: written.finish, ...figuresOf(written) }));
    await out.send(called + end, OVER);
    return undefined;
  });

/** Arguments as data. A call that was cut has none that could be read, and is left out; `done_reason` is "length" then. */
function callsOf(calls: readonly ChatToolCall[]): object[] {
  return calls.flatMap(({ id, function: { name, arguments: text } }, index) => {
    try {
      const parsed: unknown = JSON.parse(text);
      return [{ id, function: { index, name, arguments: parsed } }];
    } catch {
      return [];
    }
  });
}

/** As OpenAI has them: calls have ids, by which what came of them names its call. */
function messagesOf(messages: readonly unknown[]): object[] {
  /** Calls that nothing was heard of yet. */
  const open: { readonly id: string; readonly name: unknown }[] = [];
  return messages.map((given, at) => {
    if (!isObject(given)) throw wrong(`messages.${at}`, 'must be an object');
    const { role, content = '', tool_calls, tool_name, tool_call_id } = usedFields(given, OLLAMA_MESSAGE_FIELDS, 'ignored');
    if (role === 'tool') {
      const found = open.findIndex(({ id, name }) => (tool_call_id === undefined ? name === (tool_name ?? name) : id === tool_call_id));
      const [call] = found < 0 ? [] : open.splice(found, 1);
      return { role, content, tool_call_id: tool_call_id ?? call?.id, name: tool_name };
    }
    if (!Array.isArray(tool_calls)) return { role, content };
    const calls = tool_calls.map((call: unknown, index) => {
      const called: unknown = isObject(call) ? call.function : undefined;
      if (!isObject(call) || !isObject(called)) throw wrong(`messages.${at}.tool_calls.${index}`, 'must have a "function"');
      const id = typeof call.id === 'string' ? call.id : `call_${at}_${index}`;
      open.push({ id, name: called.name });
      return { id, type: 'function', function: { name: called.name, arguments: JSON.stringify(called.arguments ?? {}) } };
    });
    return { role, content, tool_calls: calls };
  });
}
