import { describe, expect, it } from 'vitest';
import { styleOfTemplate, type ToolUse, withToolsInWords } from './toolUse.ts';

const use: ToolUse = {
  tools: [{ name: 'find', description: 'Finds it', parameters: { type: 'object' } }],
  choice: 'auto',
  isParallel: true,
};

describe('templates and tools', () => {
  it('knows by a template how its model writes calls', () => {
    expect(styleOfTemplate('{% if tools %}<tool_call>{% endif %}')).toBe('hermes');
    expect(styleOfTemplate(`{% if tools %}{"name": "f", "parameters": {} }{% endif %}`)).toBe('llama');
    // It says how to describe tools in a way that is not read here.
    expect(styleOfTemplate('{% if tools %}[TOOL_CALLS]{% endif %}')).toBeUndefined();
    expect(styleOfTemplate('{{ messages[0].content }} <tool_call>')).toBeUndefined();
  });

  it('describes tools in the system message, its own first, where the template knows none', () => {
    const [system, user] = withToolsInWords(
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Go' },
      ],
      use,
    );
    expect(system?.role).toBe('system');
    expect(system?.content).toMatch(/^Be brief\.\n\n# Tools/);
    expect(system?.content).toContain('"name":"find","description":"Finds it"');
    expect(user).toEqual({ role: 'user', content: 'Go' });
    const [made, kept] = withToolsInWords([{ role: 'user', content: 'Go' }], { ...use, choice: 'required', only: 'find' });
    expect(made?.content).toMatch(/^# Tools[\s\S]*Call the function find now\.$/);
    expect(kept?.role).toBe('user');
  });

  it('tells earlier calls and what came of them in words, several answers in one message', () => {
    const told = withToolsInWords(
      [
        { role: 'user', content: 'Go' },
        {
          role: 'assistant',
          content: 'I look.',
          toolCalls: [
            { name: 'find', arguments: { a: 1 } },
            { name: 'find', arguments: {} },
          ],
        },
        { role: 'tool', content: 'one' },
        { role: 'tool', content: 'two' },
        { role: 'user', content: 'And?' },
      ],
      undefined,
    );
    expect(told).toEqual([
      { role: 'user', content: 'Go' },
      {
        role: 'assistant',
        content:
          'I look.\n<tool_call>\n{"name":"find","arguments":{"a":1}}\n</tool_call>\n<tool_call>\n{"name":"find","arguments":{}}\n</tool_call>',
      },
      { role: 'user', content: '<tool_response>\none\n</tool_response>\n<tool_response>\ntwo\n</tool_response>' },
      { role: 'user', content: 'And?' },
    ]);
  });
});
