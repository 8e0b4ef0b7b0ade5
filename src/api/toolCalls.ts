import { SillError } from '../core/errors.ts';
import { answerGrammar } from '../core/grammar/answerGrammar.ts';
import type { ToolCallPart } from '../core/toolCalls.ts';
import type { ToolUse } from '../core/toolUse.ts';
import type { GeneratedAnswer } from '../ports/generation.ts';
import type { ChatCompletion, ChatFinishReason, ChatToolCall, ChatToolCallDelta } from '../protocol/openai.ts';
import type { ChatParams } from '../protocol/openaiRequests.ts';

/**
 * What a request lets the model call; absent for nothing.
 * @throws SillError `invalid_request` for a choice that is not among the tools, or parameters that are no schema of an object;
 *   `unsupported_schema` for parameters that cannot be guaranteed
 */
export function toolUse({ tools: given, tool_choice: choice, parallel_tool_calls: parallel }: ChatParams): ToolUse | undefined {
  const tools = (given ?? []).map(({ function: { name, description, parameters } }) => ({
    name,
    ...(description ? { description } : {}),
    ...(parameters ? { parameters } : {}),
  }));
  const only = typeof choice === 'object' && choice !== null ? choice.function.name : undefined;
  if (only === undefined ? choice === 'required' && tools.length === 0 : !tools.some(({ name }) => name === only)) {
    throw new SillError(
      'invalid_request',
      `tool_choice asks for ${only === undefined ? 'a tool' : `"${only}"`}, which is not among the tools. Add it to them.`,
      { details: { param: 'tool_choice' } },
    );
  }
  const twice = tools.find(({ name }, i) => tools.findIndex((tool) => tool.name === name) !== i);
  if (twice) throw new SillError('invalid_request', `Two tools are called "${twice.name}". Give each its own name.`);
  if (tools.length === 0 || choice === 'none') return undefined;
  const use: ToolUse = {
    tools,
    choice: only !== undefined || choice === 'required' ? 'required' : 'auto',
    ...(only === undefined ? {} : { only }),
    isParallel: parallel ?? true,
  };
  // Here already, so that parameters which cannot be guaranteed are refused before a model is loaded for them.
  answerGrammar({ use });
  return use;
}

type Calls = Pick<GeneratedAnswer, 'text' | 'toolCalls' | 'finishReason'>;

export const finishOf = ({ finishReason, toolCalls = [] }: Calls): ChatFinishReason =>
  finishReason === 'stop' && toolCalls.length > 0 ? 'tool_calls' : finishReason;

type Spoken = Pick<ChatCompletion['choices'][number]['message'], 'content' | 'tool_calls'>;

export function spoken({ text, toolCalls = [] }: Calls, answerId: string, choice: number): Spoken {
  if (toolCalls.length === 0) return { content: text };
  const calls = toolCalls.map(
    (call, index): ChatToolCall => ({
      id: callId(answerId, choice, index),
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    }),
  );
  return { content: text === '' ? null : text, tool_calls: calls };
}

export const toolCallDeltas = (parts: readonly ToolCallPart[], answerId: string, choice: number): ChatToolCallDelta[] =>
  parts.map(({ index, name, arguments: text }) =>
    name === undefined
      ? { index, function: { arguments: text } }
      : { index, id: callId(answerId, choice, index), type: 'function', function: { name, arguments: text } },
  );

/** Of the answer's own id, so that a call keeps its id when the answer goes on in another engine. */
const callId = (answerId: string, choice: number, index: number): string =>
  `call_${answerId.replace(/^chatcmpl-/, '').replaceAll('-', '')}_${choice}_${index}`;
