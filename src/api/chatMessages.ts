import { SillError } from '../core/errors.ts';
import type { ToolCall } from '../core/toolUse.ts';
import type { ChatMessage } from '../ports/generation.ts';
import type { ChatParams } from '../protocol/openaiRequests.ts';

type Message = ChatParams['messages'][number];

/**
 * A message of OpenAI's as the runtime takes it: its parts joined, `developer` as `system`, arguments of calls as data.
 * @throws SillError `invalid_request` for arguments that are no JSON object
 */
export function chatMessage(message: Message): ChatMessage {
  const { role, content } = message;
  const said = {
    content: typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join(''),
    ...(message.name ? { name: message.name } : {}),
  };
  if (role === 'tool') return { role, ...said, ...(message.tool_call_id ? { toolCallId: message.tool_call_id } : {}) };
  if (role === 'assistant')
    return { role, ...said, ...(message.tool_calls?.length ? { toolCalls: message.tool_calls.map(toolCall) } : {}) };
  return { role: role === 'developer' ? 'system' : role, ...said };
}

function toolCall({
  id,
  function: { name, arguments: text },
}: NonNullable<Extract<Message, { role: 'assistant' }>['tool_calls']>[number]): ToolCall {
  const given = parsed(text);
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return { id, name, arguments: { ...given } };
  throw new SillError(
    'invalid_request',
    `The arguments of the call of "${name}" in this conversation are no JSON object. Send them as they came.`,
    {
      details: { tool: name },
    },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told with all else that is no object.
    return undefined;
  }
}
