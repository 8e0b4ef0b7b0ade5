/** A function that an answer may call. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of an object; absent means no parameters. */
  readonly parameters?: unknown;
}

export interface ToolUse {
  readonly tools: readonly ToolDefinition[];
  /** Whether there must be a call, or there may be. */
  readonly choice: 'auto' | 'required';
  /** Only this one may be called. */
  readonly only?: string;
  /** More than one call in an answer. */
  readonly isParallel: boolean;
}

/** A call in a conversation so far. */
export interface ToolCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/**
 * How a model writes a call: `hermes` as `<tool_call>` with `name` and `arguments` in JSON (Hermes, Qwen), any number of times and among text; `llama` as
 * nothing but JSON with `name` and `parameters` (Llama 3).
 */
export type ToolStyle = 'hermes' | 'llama';

interface Writing {
  /** What a call begins with. */
  readonly begin: string;
  /** Between that and the name. */
  readonly head: string;
  /** Between the name and its arguments. */
  readonly middle: string;
  readonly end: string;
  /** Between two calls; absent where there is only one. */
  readonly between?: string;
}

export const WRITINGS: Readonly<Record<ToolStyle, Writing>> = {
  hermes: { begin: '<tool_call>', head: '\n{"name": "', middle: '", "arguments": ', end: '}\n</tool_call>', between: '\n' },
  llama: { begin: '{"name": "', head: '', middle: '", "parameters": ', end: '}' },
};

/** The style that a chat template teaches; absent when it knows nothing of tools, or writes calls in a way that is not read here. */
export function styleOfTemplate(template: string): ToolStyle | undefined {
  // `.Tools` is Ollama's.
  if (!/\b[tT]ools\b/.test(template)) return undefined;
  if (template.includes('<tool_call>')) return 'hermes';
  return /"parameters\\?":/.test(template) ? 'llama' : undefined;
}

/** As chat templates take a tool (Hugging Face). */
export const forTemplate = ({ name, description = '', parameters = NO_PARAMETERS }: ToolDefinition) => ({
  type: 'function',
  function: { name, description, parameters },
});

export const NO_PARAMETERS = { type: 'object', properties: {}, additionalProperties: false } as const;

interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly name?: string;
  readonly toolCalls?: readonly ToolCall[];
}

/**
 * A conversation for a template that knows nothing of tools: they are described in the system message, calls are written out, and what came of them is
 * told by the user, all as Hermes does.
 */
export function withToolsInWords(messages: readonly Message[], use: ToolUse | undefined): Message[] {
  const told: Message[] = [];
  for (const { role, content, toolCalls = [] } of messages) {
    const last = told.at(-1);
    if (role === 'tool') {
      const answer = `<tool_response>\n${content}\n</tool_response>`;
      if (last?.role === 'user' && last.content.endsWith('</tool_response>'))
        told[told.length - 1] = { role: 'user', content: `${last.content}\n${answer}` };
      else told.push({ role: 'user', content: answer });
    } else {
      const calls = toolCalls.map((call) => `<tool_call>\n${JSON.stringify({ name: call.name, arguments: call.arguments })}\n</tool_call>`);
      told.push({ role, content: [content, ...calls].filter((part) => part !== '').join('\n') });
    }
  }
  if (!use) return told;
  const [first, ...others] = told;
  const words = toolsInWords(use);
  return first?.role === 'system'
    ? [{ role: 'system', content: `${first.content}\n\n${words}` }, ...others]
    : [{ role: 'system', content: words }, ...told];
}

function toolsInWords({ tools, choice, only }: ToolUse): string {
  const must =
    only === undefined ? (choice === 'required' ? '\n\nCall at least one function now.' : '') : `\n\nCall the function ${only} now.`;
  return `# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
${tools.map((tool) => JSON.stringify(forTemplate(tool))).join('\n')}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>${must}`;
}
