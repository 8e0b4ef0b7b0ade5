import { Validator } from '@cfworker/json-schema';
import { generate } from 'json-schema-faker';
import { beforeAll, expect, test } from 'vitest';
import { SillError } from '../core/errors.ts';
import { answerGrammar } from '../core/grammar/answerGrammar.ts';
import { FORMATS } from '../core/grammar/formats.ts';
import { lettersOfBytes } from '../core/tokenBytes.ts';
import type { ToolStyle, ToolUse } from '../core/toolUse.ts';
import { createMatching, type Matching } from './grammarMatching.ts';
import { babble } from './testing/babble.ts';
import { loadXGrammar, testVocabulary } from './testing/xgrammar.ts';

const vocabulary = testVocabulary();
let matching: Matching;
beforeAll(async () => {
  matching = await createMatching(loadXGrammar(), { tokens: vocabulary.tokens, stopTokenIds: [vocabulary.stop] });
});

const SCHEMAS: Record<string, unknown> = {
  'a bounded string': { type: 'string', minLength: 3, maxLength: 40 },
  'a short string': { type: 'string', maxLength: 2 },
  'an integer in a range': { type: 'integer', minimum: -17, maximum: 250 },
  'a number in a range': { type: 'number', exclusiveMinimum: -0.5, maximum: 1.25 },
  'a positive number': { type: 'number', exclusiveMinimum: 0 },
  'an object': {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'integer' }, c: { enum: ['x', 2, null, { d: 1 }] } },
    required: ['b'],
  },
  'more properties': { properties: { name: { type: 'boolean' }, na: true }, additionalProperties: { type: 'integer' } },
  'named values': {
    type: 'object',
    propertyNames: { pattern: '^[a-c]{1,2}$' },
    additionalProperties: { type: 'integer' },
    minProperties: 1,
  },
  'values by any name': { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'boolean' }, maxProperties: 2 },
  'a tuple': { type: 'array', prefixItems: [{ type: 'boolean' }, { const: 'é"\\\n' }], items: { type: 'null' }, minItems: 1, maxItems: 4 },
  'a list': { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 5 },
  'a pattern': { type: 'string', pattern: '^[a-c]{2,3}(?:\\s|"\\d+")?[^"a-z]$' },
  'an open pattern': { type: 'string', pattern: 'ab+|^cd' },
  ...Object.fromEntries(FORMATS.map((format) => [`the format ${format}`, { type: 'string', format }])),
  'nested repetitions': { type: 'string', pattern: '^(?:(?:ab?)*c?)+$' },
  'strings that begin alike': { enum: ['', 'a', 'ab', 'abc', 'abd', 'b', 'bd', 'é', 'è', 'éd', 'xbd'] },
  'patterns that begin alike': { type: 'string', pattern: '^(?:abc|abd|ab|a*cd|[a-c]bd|é|è)$' },
  'a date': { type: 'string', format: 'date-time' },
  'an address': { type: 'string', format: 'email' },
  'a tree': {
    $ref: '#/$defs/node',
    $defs: {
      node: { type: 'object', properties: { v: { type: 'null' }, k: { type: 'array', items: { $ref: '#/$defs/node' } } }, required: ['v'] },
    },
  },
  'a choice': { anyOf: [{ type: 'string', maxLength: 3 }, { type: 'integer' }], title: 'x' },
  'one of': {
    oneOf: [
      { properties: { t: { const: 'a' }, x: { type: 'null' } }, required: ['t', 'x'] },
      { properties: { t: { const: 'b' } }, required: ['t'] },
    ],
  },
  'all of': {
    allOf: [
      { properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] },
      { properties: { a: { maximum: 9 }, b: { type: 'null' } }, additionalProperties: true },
    ],
  },
  anything: {},
};

test.each(Object.entries(SCHEMAS))('what comes of %s is valid', async (_, schema) => {
  const grammar = answerGrammar({ format: { kind: 'schema', schema } }) ?? '';
  const validator = new Validator(schema as object, '2020-12');
  let ended = 0;
  for (let seed = 0; seed < 30; seed++) {
    const text = await babble({ matching, vocabulary }, grammar, seed);
    if (text === undefined) continue;
    ended += 1;
    const result = validator.validate(JSON.parse(text));
    expect(result.errors, text).toEqual([]);
  }
  expect(ended).toBeGreaterThan(2);
});

/** Fed byte by byte, as a model may. */
async function accepts(grammar: string, text: string): Promise<boolean> {
  const bytes = [...new TextEncoder().encode(text)];
  const { matcher } = await matching.start(grammar, []);
  try {
    const { mask } = await matching.accept(matcher, bytes);
    return (((mask[vocabulary.stop >> 5] ?? 0) >>> (vocabulary.stop & 31)) & 1) === 1;
  } catch (reason) {
    if (reason instanceof SillError) return false;
    throw reason;
  } finally {
    matching.end(matcher);
  }
}

test('what another generator makes of a schema is let through', { timeout: 120_000 }, async () => {
  const closed = { additionalProperties: false };
  const schemas: unknown[] = [
    {
      type: 'object',
      properties: { a: { type: 'string', maxLength: 20 }, b: { type: 'integer', minimum: 3, maximum: 912 }, c: { type: 'boolean' } },
      required: ['a', 'b', 'c'],
      ...closed,
    },
    { type: 'array', items: { enum: ['red', 'green', 7, null] }, minItems: 2, maxItems: 6 },
    {
      type: 'object',
      properties: { id: { type: 'string', format: 'uuid' }, at: { type: 'string', format: 'date' } },
      required: ['id', 'at'],
      ...closed,
    },
    {
      anyOf: [
        { type: 'integer', minimum: -40, maximum: -3 },
        { type: 'array', items: { type: 'boolean' }, maxItems: 3 },
      ],
    },
    { type: 'string', pattern: '^[a-f]{3}-\\d+$' },
    {
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], ...closed } },
      },
      required: ['list'],
      ...closed,
    },
  ];
  for (const schema of schemas) {
    const grammar = answerGrammar({ format: { kind: 'schema', schema } }) ?? '';
    for (let seed = 1; seed <= 20; seed++) {
      const value = await generate(schema as Parameters<typeof generate>[0], { seed });
      for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)]) expect(await accepts(grammar, text), text).toBe(true);
    }
  }
});

test('an answer that may call tools is any text until it calls, and then calls in their form', async () => {
  const words = ['<tool_call>', '<tool', '_call>', '{"name"', '\\n'];
  const bytes = [...vocabulary.bytes, ...words.map((word) => new TextEncoder().encode(word))];
  const tokens = [...bytes.map(lettersOfBytes), ''];
  const caller = await createMatching(loadXGrammar(), { tokens, stopTokenIds: [bytes.length] });
  const tools = [
    { name: 'find', parameters: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] } },
    { name: 'find_all' },
  ];
  const feed = async (use: Omit<ToolUse, 'tools'>, text: string, style: ToolStyle = 'hermes') => {
    const { matcher } = await caller.start(answerGrammar({ use: { tools, ...use }, style }) ?? '', []);
    try {
      const { mask } = await caller.accept(matcher, [...new TextEncoder().encode(text)]);
      return ((mask[bytes.length >> 5] ?? 0) >>> (bytes.length & 31)) & 1 ? 'may end' : 'must go on';
    } catch (reason) {
      if (reason instanceof SillError) return 'refused';
      throw reason;
    }
  };
  const find = '<tool_call>\n{"name": "find", "arguments": {"a": 1}}\n</tool_call>';
  const findAll = '<tool_call>\n{"name": "find_all", "arguments": {}}\n</tool_call>';
  const auto = { choice: 'auto', isParallel: true } as const;
  const one = { choice: 'auto', isParallel: false } as const;
  const must = { choice: 'required', isParallel: true } as const;
  for (const [use, text, expected, style] of [
    [auto, '', 'may end'],
    [auto, 'Hello {"a" <tool', 'may end'],
    [auto, 'Hello <tool_call>', 'must go on'],
    [auto, 'Hello <tool_call>x', 'refused'],
    [auto, '<tool_call>\n{"name": "other', 'refused'],
    [auto, `So: ${find}\n${findAll} done`, 'may end'],
    [one, `So: ${find}`, 'may end'],
    [one, `${find}\n`, 'refused'],
    [must, '', 'must go on'],
    [must, 'So', 'refused'],
    [must, `${find}\n${findAll}`, 'may end'],
    [{ ...must, only: 'find_all' }, '<tool_call>\n{"name": "find"', 'refused'],
    [{ ...must, only: 'find_all' }, findAll, 'may end'],
    [auto, '{"name": "find", "parameters": {"a": 2}}', 'may end', 'llama'],
    [auto, '{"name": "find", "parameters": {"a": 2}} and', 'refused', 'llama'],
    [auto, 'I think {', 'may end', 'llama'],
  ] as const) {
    expect(await feed(use, text, style), text).toBe(expected);
  }
});

test('a text is complete when nothing may follow, also for a model that has no end', async () => {
  const endless = await createMatching(loadXGrammar(), { tokens: vocabulary.tokens, stopTokenIds: [] });
  for (const [each, stop] of [
    [matching, true],
    [endless, false],
  ] as const) {
    const { matcher, allowed } = await each.start(answerGrammar({ format: { kind: 'schema', schema: { enum: [true, 12] } } }) ?? '', []);
    expect(allowed.isComplete).toBe(false);
    expect(await each.accept(matcher, [...new TextEncoder().encode('12')])).toMatchObject({ isComplete: true });
    const open = await each.start(answerGrammar({ format: { kind: 'schema', schema: { type: 'integer' } } }) ?? '', [49]);
    // A digit may follow.
    expect(open.allowed.isComplete).toBe(false);
    expect((((open.allowed.mask[vocabulary.stop >> 5] ?? 0) >>> (vocabulary.stop & 31)) & 1) === 1).toBe(stop);
  }
});
