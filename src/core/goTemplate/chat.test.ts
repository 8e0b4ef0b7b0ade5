import { describe, expect, test } from 'vitest';
import type { ToolUse } from '../toolUse.ts';
import { faultOfGoTemplate, isGoTemplate, knowsTools, renderGoChat } from './chat.ts';

const user = (content: string) => ({ role: 'user', content }) as const;
const assistant = (content: string) => ({ role: 'assistant', content }) as const;
const system = (content: string) => ({ role: 'system', content }) as const;
const USE: ToolUse = {
  tools: [
    {
      name: 'weather',
      description: 'Tells <it>',
      parameters: { type: 'object', required: ['town'], properties: { town: { type: 'string' } } },
    },
  ],
  choice: 'auto',
  isParallel: true,
};

/** As many of Ollama's models are spoken to: no `.Messages`, so that it is run over each exchange. */
const CHATML =
  '{{ if .System }}<|im_start|>system\n{{ .System }}<|im_end|>\n{{ end }}{{ if .Prompt }}<|im_start|>user\n{{ .Prompt }}<|im_end|>\n{{ end }}<|im_start|>assistant\n{{ .Response }}<|im_end|>\n';

describe('a conversation in a template of Ollama’s', () => {
  test('without .Messages is written exchange by exchange, and cut where the answer stands', () => {
    expect(renderGoChat(CHATML, [system('Be brief.'), user('Hi'), assistant('Ho'), user('Who?')])).toBe(
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n' +
        '<|im_start|>user\nWho?<|im_end|>\n<|im_start|>assistant\n',
    );
    expect(
      renderGoChat('{{ if .Prompt }}[{{ .Prompt }}] {{ if true }}{{ .Response }} end{{ else }}x{{ end }} after{{ end }} last', [user('a')]),
    ).toBe('[a] ');
  });

  test('without .Response ends with it', () => {
    expect(renderGoChat('{{ .Prompt }}: ', [user('a'), assistant('b'), user('c')])).toBe('a: bc: ');
  });

  test('joins neighbours of one role, and goes on with an answer that was begun', () => {
    expect(renderGoChat('{{ .System }}/{{ .Prompt }}/{{ .Response }}|', [system('x'), system('y'), user('a'), user('b')])).toBe(
      'x\n\ny/a\n\nb/',
    );
    expect(renderGoChat('{{ .Prompt }}/{{ .Response }}|', [user('a'), assistant('It is')])).toBe('a/It is');
  });

  test('with .Messages has all of them, tools, calls and their results', () => {
    const template = `{{ .System }}{{ range .Tools }}{{ json . }}{{ .Function.Name }}{{ range $name, $about := .Function.Parameters.Properties }} {{ $name }}:{{ $about.Type }}{{ end }}{{ end }}
{{- range $i, $m := .Messages }}{{ if ne .Role "system" }}
{{ .Role }}: {{ .Content }}{{ range .ToolCalls }}<tool_call>{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}</tool_call>{{ end }}{{ end }}{{ end }}
assistant: `;
    const called = [
      system('S'),
      user('Rain?'),
      { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'weather', arguments: { town: 'Köln & Bonn' } }] },
      { role: 'tool', content: 'yes', toolCallId: 'c', name: 'weather' },
    ] as const;
    expect(renderGoChat(template, called, USE)).toBe(
      [
        'S{"type":"function","function":{"name":"weather","description":"Tells \\u003cit\\u003e","parameters":{"type":"object","required":["town"],"properties":{"town":{"type":"string"}}}}}weather town:string',
        'user: Rain?',
        'assistant: <tool_call>{"name": "weather", "arguments": {"town":"Köln \\u0026 Bonn"}}</tool_call>',
        'tool: yes',
        'assistant: ',
      ].join('\n'),
    );
    expect([knowsTools(template), knowsTools(CHATML)]).toEqual([true, false]);
  });

  test.each([
    ['{{ .Prompt }}', true],
    ['{{- if .System }}x{{ end }}', true],
    ['{{ range $i, $m := .Messages }}{{ end }}', true],
    ['{{ json .Tools }}', true],
    ['{{- /* for Ollama */}}{{ "x" }}', true],
    ['{{ template }}{{ block.text }}{{ json | upper }}', false],
    ['{{ messages[0].content }}', false],
    ['{% for m in messages %}{{ m.content }}{% endfor %}', false],
    ['{{ bos_token }}{% if x %}{% endif %}', false],
    ['plain', false],
  ])('%s is one of Go’s: %s', (source, expected) => {
    expect(isGoTemplate(source)).toBe(expected);
  });

  test('is refused before it is used for what only some conversations bring to light', () => {
    expect(faultOfGoTemplate(CHATML)).toBeUndefined();
    expect(faultOfGoTemplate('{{ range .Messages }}\n{{ range .ToolCalls }}{{ .Nope }}{{ end }}{{ end }}')).toMatchObject({ line: 2 });
    expect(faultOfGoTemplate('{{ .Query }}')?.message).toContain('there is no .Query here');
    expect(faultOfGoTemplate('{{ if eq (index .Messages 1).Role "user" }}{{ end }}')?.message).toContain(
      'index 1 is outside of a list of 1',
    );
  });
});
