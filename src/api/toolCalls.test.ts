import { describe, expect, it } from 'vitest';
import type { ChatParams } from '../protocol/openaiRequests.ts';
import { chatMessage } from './chatMessages.ts';
import { assertForm } from './heldForm.ts';
import { finishOf, spoken, toolCallDeltas, toolUse } from './toolCalls.ts';

const tool = (name: string, parameters?: Record<string, unknown>) => ({
  type: 'function' as const,
  function: { name, ...(parameters ? { parameters } : {}) },
});
const asked = (change: Partial<ChatParams>): ChatParams => ({ model: 'tiny', messages: [{ role: 'user', content: 'x' }], ...change });

describe('tools of a request', () => {
  it('are none without tools, and by choice', () => {
    expect(toolUse(asked({}))).toBeUndefined();
    expect(toolUse(asked({ tools: [tool('f')], tool_choice: 'none' }))).toBeUndefined();
  });

  it('may be called, must be called, or one of them must', () => {
    const tools = [tool('f', { type: 'object' }), tool('g')];
    expect(toolUse(asked({ tools }))).toMatchObject({ choice: 'auto', isParallel: true });
    expect(toolUse(asked({ tools, tool_choice: 'required', parallel_tool_calls: false }))).toMatchObject({
      choice: 'required',
      isParallel: false,
    });
    expect(toolUse(asked({ tools, tool_choice: { type: 'function', function: { name: 'g' } } }))).toMatchObject({
      choice: 'required',
      only: 'g',
    });
  });

  it.each<[string, Partial<ChatParams>]>([
    ['a choice that is not there', { tools: [tool('f')], tool_choice: { type: 'function', function: { name: 'g' } } }],
    ['a call of nothing', { tool_choice: 'required' }],
    ['two of one name', { tools: [tool('f'), tool('f')] }],
    ['parameters that are no object', { tools: [tool('f', { type: 'string' })] }],
  ])('are refused: %s', (_, change) => {
    expect(() => toolUse(asked(change))).toThrowError(expect.objectContaining({ code: 'invalid_request' }));
  });
});

describe('calls in an answer', () => {
  const answer = { text: '', finishReason: 'stop', toolCalls: [{ name: 'f', arguments: '{"a": 1}' }] } as const;

  it('have the same ids in a stream and in the whole, each its own', () => {
    const id = 'chatcmpl-12-34';
    const call = { id: 'call_1234_1_0', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } };
    expect(spoken(answer, id, 1)).toEqual({ content: null, tool_calls: [call] });
    expect(
      toolCallDeltas(
        [
          { index: 0, name: 'f', arguments: '{' },
          { index: 0, arguments: '}' },
        ],
        id,
        1,
      ),
    ).toEqual([
      { index: 0, id: 'call_1234_1_0', type: 'function', function: { name: 'f', arguments: '{' } },
      { index: 0, function: { arguments: '}' } },
    ]);
  });

  it('are the reason that it ended, unless it was cut', () => {
    expect(finishOf(answer)).toBe('tool_calls');
    expect(finishOf({ ...answer, finishReason: 'length' })).toBe('length');
    expect(finishOf({ ...answer, toolCalls: [] })).toBe('stop');
  });
});

describe('messages of a conversation', () => {
  it('come as the runtime takes them', () => {
    expect(
      chatMessage({
        role: 'developer',
        content: [
          { type: 'text', text: 'Be ' },
          { type: 'text', text: 'brief.' },
        ],
      }),
    ).toEqual({ role: 'system', content: 'Be brief.' });
    const tool_calls = [{ id: 'call_1', type: 'function' as const, function: { name: 'f', arguments: '{"a": [1]}' } }];
    expect(chatMessage({ role: 'assistant', content: null, tool_calls })).toEqual({
      role: 'assistant',
      content: '',
      toolCalls: [{ id: 'call_1', name: 'f', arguments: { a: [1] } }],
    });
    expect(chatMessage({ role: 'tool', content: 'rain', tool_call_id: 'call_1' })).toEqual({
      role: 'tool',
      content: 'rain',
      toolCallId: 'call_1',
    });
  });

  it('are refused with arguments that are no object', () => {
    for (const given of ['{', '[1]', 'null']) {
      const tool_calls = [{ id: 'c', type: 'function' as const, function: { name: 'f', arguments: given } }];
      expect(() => chatMessage({ role: 'assistant', tool_calls })).toThrowError(expect.objectContaining({ code: 'invalid_request' }));
    }
  });
});

describe('looking at what says that it is whole', () => {
  const load = async () => (await import('../platform/schemaCheck.ts')).checkSchema;
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
  const whole = (text: string, finishReason: 'stop' | 'length' = 'stop') => ({ text, tokenIds: [], finishReason });

  it('lets pass what is valid, what was cut, and what has no form', async () => {
    await assertForm({ format: { kind: 'schema', schema } }, [whole('{"a": 1}'), whole('{"a', 'length')], load);
    await assertForm({}, [whole('anything')], () => Promise.reject(new Error('was loaded for nothing')));
  });

  it('lets nothing else pass, and says what is wrong', async () => {
    for (const text of ['{"a": 1.5}', '[]', '{"a": 1', '']) {
      await expect(assertForm({ format: { kind: 'schema', schema } }, [whole(text)], load)).rejects.toMatchObject({
        code: 'internal',
        details: { answer: text },
      });
    }
    const tools = { tools: [{ name: 'f', parameters: schema }], choice: 'auto', isParallel: true } as const;
    const call = { ...whole(''), toolCalls: [{ name: 'f', arguments: '{"b": 1}' }] };
    await expect(assertForm({ tools }, [call], load)).rejects.toMatchObject({ code: 'internal' });
  });
});
