import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createToolCallReader, joinParts, type ToolCallPart } from './toolCalls.ts';
import type { ToolStyle } from './toolUse.ts';

/** Read as it comes in these pieces. */
function read(style: ToolStyle, pieces: readonly string[]) {
  const reader = createToolCallReader(style);
  const reads = [...pieces.map((piece) => reader.push(piece)), reader.finish()];
  const parts = reads.flatMap((each): readonly ToolCallPart[] => each.parts);
  const calls: ToolCallPart[] = [];
  for (const { index, name, arguments: text } of parts) {
    const call = calls[index] ?? { index, arguments: '' };
    calls[index] = { ...call, ...(name === undefined ? {} : { name }), arguments: call.arguments + text };
  }
  return { content: reads.map(({ content }) => content).join(''), calls, done: reader.done, isInside: reader.isInside };
}

const cutAnywhere = (text: string): fc.Arbitrary<string[]> =>
  fc.array(fc.nat(text.length), { maxLength: 12 }).map((at) => {
    const borders = [0, ...at.toSorted((a, b) => a - b), text.length];
    return borders.slice(1).map((border, i) => text.slice(borders[i], border));
  });

const call = (name: string, given: unknown) => `<tool_call>\n{"name": "${name}", "arguments": ${JSON.stringify(given)}}\n</tool_call>`;

describe('reading calls of tools', () => {
  const TRICKY = { text: '}"\\ <tool_call> {[', list: [{ deep: [[]] }], 'a "b"': '\n</tool_call>' };

  it.each<[string, ToolStyle, string, string, unknown[]]>([
    ['a call alone', 'hermes', call('f', TRICKY), '', [{ name: 'f', given: TRICKY }]],
    [
      'several',
      'hermes',
      `${call('f', {})}\n${call('g', TRICKY)}`,
      '',
      [
        { name: 'f', given: {} },
        { name: 'g', given: TRICKY },
      ],
    ],
    ['text and a call', 'hermes', `Let me see <b>.\n${call('f', TRICKY)}`, 'Let me see <b>.\n', [{ name: 'f', given: TRICKY }]],
    ['text behind a call', 'hermes', `${call('f', {})}\nThere.`, '\nThere.', [{ name: 'f', given: {} }]],
    ['a mark that is none', 'hermes', ' a <tool_call', ' a <tool_call', []],
    ['text alone', 'hermes', '  hello\n', '  hello\n', []],
    ["Llama's", 'llama', '{"name": "f", "parameters": {"a": "}"}}', '', [{ name: 'f', given: { a: '}' } }]],
    ["text with Llama's mark in it", 'llama', 'Say {"name": "f", "parameters": {}}', 'Say {"name": "f", "parameters": {}}', []],
  ])('finds %s, however it is cut', (_, style, text, content, calls) => {
    fc.assert(
      fc.property(cutAnywhere(text), (pieces) => {
        const found = read(style, pieces);
        expect(found.content).toBe(content);
        expect(found.calls.map(({ name, arguments: given }) => ({ name, given: JSON.parse(given) }))).toEqual(calls);
        expect(found).toMatchObject({ done: calls.length, isInside: false });
      }),
    );
  });

  it('tells a call that was cut as far as it came', () => {
    const found = read('hermes', ['<tool_call>\n{"name": "f", "arguments": {"town":"Par']);
    expect(found).toEqual({ content: '', done: 0, isInside: true, calls: [{ index: 0, name: 'f', arguments: '{"town":"Par' }] });
  });

  it('joins the parts of one call and keeps others apart', () => {
    expect(
      joinParts([
        { index: 0, name: 'f', arguments: '' },
        { index: 0, arguments: '{' },
        { index: 1, name: 'g', arguments: '{}' },
      ]),
    ).toEqual([
      { index: 0, name: 'f', arguments: '{' },
      { index: 1, name: 'g', arguments: '{}' },
    ]);
  });
});
