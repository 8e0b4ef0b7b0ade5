import { forTemplate, type ToolCall, type ToolUse } from '../toolUse.ts';
import { executeGoTemplate } from './execute.ts';
import { TemplateFault } from './fault.ts';
import { parseGoTemplate } from './parser.ts';
import type { GoTemplate, Node, Operand, Pipe } from './syntax.ts';
import { type GoRecord, type GoValue, goValue } from './values.ts';

interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly name?: string;
  readonly toolCalls?: readonly ToolCall[];
  readonly toolCallId?: string;
}

/** A template of Go's, as Ollama's models bring them: true for what has actions with `.Field`, `$variable` or a keyword of Go's, and none of Jinja's. */
export function isGoTemplate(source: string): boolean {
  if (/\{%|\{#/.test(source)) return false;
  return /\{\{-?\s*(?:[.$(]|\/\*|(?:if|range|with|define|template|block|json|printf?|and|or|not|eq|ne)\b(?!\s*[|}]|[.[]))/.test(source);
}

/**
 * The prompt that a Go template makes of a conversation, as Ollama's `template.Execute` does: one that knows `.Messages` is given all of them, any
 * other is run over each exchange with `.System`, `.Prompt` and `.Response`, and ends where the answer begins.
 * @throws TemplateFault
 */
export function renderGoChat(source: string, messages: readonly Message[], use?: ToolUse): string {
  const template = parseGoTemplate(source);
  const names = namesIn(template);
  const { system, collated } = collate(messages);
  const thinking = { Think: false, ThinkLevel: '', IsThinkSet: false };
  if (names.has('messages')) {
    return executeGoTemplate(
      template,
      struct({
        ...{ System: system, Messages: collated.map(messageStruct), Tools: (use?.tools ?? []).map(toolStruct), Prompt: '', Response: '' },
        ...{ Suffix: '', ...thinking },
      }),
    );
  }
  const complete: GoTemplate = names.has('response') ? template : { ...template, root: [...template.root, RESPONSE] };
  const exchange = (own: GoTemplate, turn: Turn): string =>
    executeGoTemplate(
      own,
      struct({ System: turn.system, Prompt: turn.prompt, Response: turn.response, Suffix: '', Messages: [], Tools: [], ...thinking }),
    );
  let text = '';
  let turn: Turn = EMPTY;
  for (const { role, content } of collated) {
    const isOver = role === 'system' ? turn.prompt !== '' || turn.response !== '' : role === 'user' && turn.response !== '';
    if (isOver) {
      text += exchange(complete, turn);
      turn = EMPTY;
    }
    if (role === 'system') turn = { ...turn, system: content };
    else if (role === 'user') turn = { ...turn, prompt: content };
    else if (role === 'assistant') turn = { ...turn, response: content };
  }
  return text + exchange({ ...complete, root: untilResponse(complete.root).nodes }, turn);
}

/** Whether the template writes down what tools there are. */
export const knowsTools = (source: string): boolean => /\.Tools\b/.test(source) && namesIn(parseGoTemplate(source)).has('messages');

/**
 * What is wrong with a template, as far as conversations of every kind show it.
 * @returns undefined when nothing is
 */
export function faultOfGoTemplate(source: string): TemplateFault | undefined {
  try {
    for (const { messages, use } of TRIALS) renderGoChat(source, messages, use);
    return undefined;
  } catch (reason) {
    if (reason instanceof TemplateFault) return reason;
    throw reason;
  }
}

interface Turn {
  readonly system: string;
  readonly prompt: string;
  readonly response: string;
}
const EMPTY: Turn = { system: '', prompt: '', response: '' };

const RESPONSE: Node = {
  kind: 'action',
  pipe: { declares: [], isAssignment: false, commands: [[{ value: { kind: 'dot' }, fields: ['Response'], line: 1 }]], line: 1 },
  line: 1,
};

/** Neighbours of one role become one message, but for those of tools; all system messages together are `.System`. */
function collate(messages: readonly Message[]): { readonly system: string; readonly collated: readonly Message[] } {
  const collated: Message[] = [];
  for (const message of messages) {
    const last = collated.at(-1);
    if (last && last.role === message.role && message.role !== 'tool') {
      collated[collated.length - 1] = {
        ...last,
        content: `${last.content}\n\n${message.content}`,
        ...(message.toolCalls ? { toolCalls: [...(last.toolCalls ?? []), ...message.toolCalls] } : {}),
      };
    } else collated.push(message);
  }
  const system = messages.flatMap(({ role, content }) => (role === 'system' ? [content] : []));
  return { system: system.join('\n\n'), collated };
}

const struct = (fields: Readonly<Record<string, GoValue>>, json: unknown = fields): GoRecord => ({ fields, json });

function messageStruct({ role, content, name = '', toolCalls = [], toolCallId = '' }: Message): GoRecord {
  const calls = toolCalls.map((call, i) => {
    const given = { name: call.name, arguments: call.arguments };
    const called = struct({ Index: i, Name: call.name, Arguments: goValue(call.arguments) }, given);
    return struct({ ID: call.id ?? '', Function: called }, { ...(call.id === undefined ? {} : { id: call.id }), function: given });
  });
  return struct(
    { Role: role, Content: content, Thinking: '', Images: [], ToolCalls: calls, ToolName: name, ToolCallID: toolCallId },
    { role, content, ...(calls.length === 0 ? {} : { tool_calls: calls.map(({ json }) => json) }), ...(name ? { tool_name: name } : {}) },
  );
}

function toolStruct(tool: ToolUse['tools'][number]): GoRecord {
  const json = forTemplate(tool);
  const { name, description, parameters } = json.function;
  const shape: Readonly<Record<string, unknown>> = typeof parameters === 'object' && parameters !== null ? { ...parameters } : {};
  const described = struct(
    { Type: goValue(shape.type), Required: goValue(shape.required) ?? [], Properties: propertiesOf(shape.properties) },
    parameters,
  );
  return struct(
    { Type: json.type, Function: struct({ Name: name, Description: description, Parameters: described }, json.function) },
    json,
  );
}

/** Each one with `.Type`, `.Description` and `.Enum`, by its name. */
function propertiesOf(properties: unknown): GoRecord {
  const entries = typeof properties === 'object' && properties !== null ? Object.entries(properties) : [];
  return {
    fields: Object.fromEntries(
      entries.map(([name, json]: [string, unknown]) => {
        const about = typeof json === 'object' && json !== null ? { ...json } : {};
        const of = (field: string): GoValue => goValue(Reflect.get(about, field));
        return [name, struct({ Type: of('type'), Description: of('description') ?? '', Enum: of('enum') ?? [], Items: of('items') }, json)];
      }),
    ),
    isMap: true,
    json: properties ?? {},
  };
}

/** All names of fields that the template asks for, in lower case. */
function namesIn({ root, named }: GoTemplate): ReadonlySet<string> {
  const names = new Set<string>();
  const inOperand = ({ value, fields }: Operand): void => {
    for (const field of fields) names.add(field.toLowerCase());
    if (value.kind === 'pipe') inPipe(value.pipe);
  };
  const inPipe = (pipe: Pipe): void => pipe.commands.flat().forEach(inOperand);
  const inNodes = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if ('pipe' in node && node.pipe) inPipe(node.pipe);
      if ('body' in node) {
        inNodes(node.body);
        inNodes(node.other);
      }
    }
  };
  inNodes(root);
  for (const nodes of named.values()) inNodes(nodes);
  return names;
}

/** The template up to where it writes the answer, which is where the model goes on. */
function untilResponse(nodes: readonly Node[]): { readonly nodes: readonly Node[]; readonly isCut: boolean } {
  const kept: Node[] = [];
  for (const node of nodes) {
    if (node.kind === 'if' || node.kind === 'with' || node.kind === 'range') {
      const body = untilResponse(node.body);
      const other = body.isCut ? { nodes: [], isCut: true } : untilResponse(node.other);
      kept.push({ ...node, body: body.nodes, other: other.nodes });
      if (other.isCut) return { nodes: kept, isCut: true };
      continue;
    }
    kept.push(node);
    if (node.kind === 'action' && node.pipe.commands.flat().some(({ fields }) => fields.includes('Response'))) {
      return { nodes: kept, isCut: true };
    }
  }
  return { nodes: kept, isCut: false };
}

const TOOL = {
  name: 'weather',
  description: 'Tells the weather.',
  parameters: { type: 'object', required: ['place'], properties: { place: { type: 'string', description: 'A town.' } } },
};
const CALLED: readonly Message[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'What is the weather in Bonn?' },
  { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'weather', arguments: { place: 'Bonn' } }] },
  { role: 'tool', content: 'sunny', toolCallId: 'call_1', name: 'weather' },
];
const TRIALS: ReadonlyArray<{ readonly messages: readonly Message[]; readonly use?: ToolUse }> = [
  { messages: [{ role: 'user', content: 'Hello' }] },
  {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hello!' },
      { role: 'user', content: 'How are you?' },
    ],
  },
  { messages: CALLED.slice(0, 2), use: { tools: [TOOL], choice: 'auto', isParallel: true } },
  { messages: CALLED, use: { tools: [TOOL], choice: 'auto', isParallel: true } },
];
