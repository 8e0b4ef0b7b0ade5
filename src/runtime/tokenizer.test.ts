import { describe, expect, it } from 'vitest';
import { lettersOfBytes } from '../core/tokenBytes.ts';
import type { ToolUse } from '../core/toolUse.ts';
import type { ChatMessage } from '../ports/generation.ts';
import { ModelFiles } from './modelFiles.ts';
import { loadTokenizer, type TextTokenizer } from './tokenizer.ts';

/** Every byte is a token, and so are the marks of a chat, of which `<end>` is special. */
const MARKS = ['<end>', '<tool_call>'];
function bytewise(chatTemplate?: string): Promise<TextTokenizer> {
  const letters = Array.from({ length: 256 }, (_, byte) => lettersOfBytes(Uint8Array.of(byte)));
  const tokenizer = {
    version: '1.0',
    added_tokens: MARKS.map((content, i) => ({
      id: 256 + i,
      content,
      special: i === 0,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: Object.fromEntries(letters.map((letter, id) => [letter, id])), merges: [] },
  };
  const config = { eos_token: '<end>', ...(chatTemplate === undefined ? {} : { chat_template: chatTemplate }) };
  const files = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': config };
  return loadTokenizer(
    new ModelFiles(
      'bytewise',
      Object.entries(files).map(([path, json]) => ({ path, blob: new Blob([JSON.stringify(json)]) })),
    ),
  );
}

const MESSAGES: readonly ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Rain in Köln?' },
  { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'weather', arguments: { town: 'Köln', days: [1, 2] } }] },
  { role: 'tool', content: 'Yes.', toolCallId: 'call_1' },
];
const USE: ToolUse = {
  tools: [{ name: 'weather', description: 'Tells it', parameters: { type: 'object', properties: { town: { type: 'string' } } } }],
  choice: 'auto',
  isParallel: true,
};

/** Built as those of models that call tools are: a list of tools in JSON, calls as objects, a default system message. */
const KNOWS_TOOLS = `{%- if messages[0].role == 'system' %}{{- messages[0].content }}{%- else %}{{- 'You help.' }}{%- endif %}
{%- if tools %}{%- for tool in tools %}{{- '\\n' + (tool | tojson) }}{%- endfor %}{%- endif %}
{%- for message in messages %}
  {%- if message.role == 'user' %}{{- '\\nuser: ' + message.content }}
  {%- elif message.tool_calls %}
    {%- for tool_call in message.tool_calls %}
      {%- if tool_call.function is defined %}{%- set tool_call = tool_call.function %}{%- endif %}
      {{- '\\n<tool_call>' + tool_call.name + (tool_call.arguments | tojson) }}
    {%- endfor %}
  {%- elif message.role == 'tool' %}{{- '\\n' + message.tool_call_id + ': ' + message.content }}
  {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '\\nassistant:' }}{%- endif %}`;
const KNOWS_NONE = `{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}assistant:`;

describe('chat templates', () => {
  it('that know tools get them, and calls with their arguments as data', async () => {
    const tokenizer = await bytewise(KNOWS_TOOLS);
    expect(tokenizer.toolStyle(undefined)).toBe('hermes');
    expect(tokenizer.decode(tokenizer.chat(MESSAGES, undefined, USE))).toBe(
      [
        'Be brief.',
        '{"type": "function", "function": {"name": "weather", "description": "Tells it", "parameters": {"type": "object", "properties": {"town": {"type": "string"}}}}}',
        'user: Rain in Köln?',
        '<tool_call>weather{"town": "Köln", "days": [1, 2]}',
        'call_1: Yes.',
        'assistant:',
      ].join('\n'),
    );
  });

  it('have a system message of their own, which that of a request stands in for', async () => {
    const tokenizer = await bytewise(KNOWS_TOOLS);
    const prompt = (messages: readonly ChatMessage[]) => tokenizer.decode(tokenizer.chat(messages, undefined));
    expect(prompt([{ role: 'user', content: 'Hi' }])).toBe('You help.\nuser: Hi\nassistant:');
    expect(
      prompt([
        { role: 'system', content: 'Sing.' },
        { role: 'user', content: 'Hi' },
      ]),
    ).toBe('Sing.\nuser: Hi\nassistant:');
  });

  it('that know none get tools, calls and results in words', async () => {
    const tokenizer = await bytewise(KNOWS_NONE);
    const prompt = tokenizer.decode(tokenizer.chat(MESSAGES, undefined, USE));
    expect(prompt).toMatch(/^system: Be brief\.\n\n# Tools\n[\s\S]*"name":"weather"/);
    expect(prompt).toContain('assistant: <tool_call>\n{"name":"weather","arguments":{"town":"Köln","days":[1,2]}}\n</tool_call>');
    expect(prompt).toMatch(/user: <tool_response>\nYes\.\n<\/tool_response>assistant:$/);
  });

  it('of the request stand in for the own one, and without any a chat is refused with what to do', async () => {
    const own = await bytewise(KNOWS_TOOLS);
    expect(own.decode(own.chat([{ role: 'user', content: 'Hi' }], KNOWS_NONE))).toBe('user: Hiassistant:');
    const none = await bytewise();
    expect(() => none.chat([{ role: 'user', content: 'Hi' }], undefined)).toThrowError(
      expect.objectContaining({ code: 'chat_template_missing', message: expect.stringContaining('completions') }),
    );
    expect(none.decode(none.chat([{ role: 'user', content: 'Hi' }], KNOWS_NONE))).toBe('user: Hiassistant:');
  });

  it('of Go, as Ollama’s models bring them, are run as Go runs them', async () => {
    const tokenizer = await bytewise();
    const prompt = (template: string, use?: ToolUse) => tokenizer.decode(tokenizer.chat(MESSAGES, template, use));
    expect(prompt('{{ range .Messages }}{{ .Role }} {{ end }}')).toBe('system user assistant user ');
    // One that knows no tools is told of them and of their results in words.
    expect(prompt('{{ .System }}|{{ .Prompt }}|', USE)).toMatch(/^Be brief\.\n\n# Tools/);
    expect(() => prompt('{{ .Prompt }}\n{{ .Query }}')).toThrowError(
      expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining('line 2'), details: { line: 2 } }),
    );
  });

  it('that refuse a conversation say so by an error of the request', async () => {
    const strict = await bytewise(`{{ raise_exception('no system messages') }}`);
    expect(() => strict.chat(MESSAGES, undefined)).toThrowError(expect.objectContaining({ code: 'invalid_request' }));
  });
});

describe('a vocabulary in letters', () => {
  it('has the bytes of each token, but nothing for special ones, for bytes that no text has, and beyond its end', async () => {
    const letters = (await bytewise()).letters(260);
    expect(letters[0x41]).toBe('A');
    expect(letters[0x0a]).toBe('Ċ');
    expect([0xc0, 0xff, 256, 258, 259].map((id) => letters[id])).toEqual(['', '', '', '', '']);
    expect(letters[257]).toBe('<tool_call>');
  });
});
