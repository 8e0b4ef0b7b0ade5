import { Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { generate } from 'json-schema-faker';
import { beforeAll, expect, test } from 'vitest';
import { SillError } from '../core/errors.ts';
import { answerGrammar } from '../core/grammar/answerGrammar.ts';
import { createRandom } from '../core/random.ts';
import { randomSchema } from '../core/testing/randomSchemas.ts';
import { createMatching, type Matching } from './grammarMatching.ts';
import { loadXGrammar, testVocabulary } from './testing/xgrammar.ts';

const vocabulary = testVocabulary();
let matching: Matching;
beforeAll(async () => {
  matching = await createMatching(loadXGrammar(), { tokens: vocabulary.tokens, stopTokenIds: [vocabulary.stop] });
});

/** A model that likes nothing better than anything else: the hottest there is. Absent when it came to no end. */
async function babble(grammar: string, seed: number, most = 400): Promise<string | undefined> {
  const random = createRandom(seed);
  let { matcher, allowed } = await matching.start(grammar, []);
  const bytes: number[] = [];
  try {
    for (let step = 0; step < most; step++) {
      const ids = vocabulary.tokens.flatMap((_, id) => (((allowed.mask[id >> 5] ?? 0) >>> (id & 31)) & 1 ? [id] : []));
      expect(ids.length).toBeGreaterThan(0);
      // Ends when it may, every other time; else it would hardly ever end a number.
      const id = ids.includes(vocabulary.stop) && random() < 0.5 ? vocabulary.stop : (ids[Math.floor(random() * ids.length)] ?? 0);
      if (id === vocabulary.stop) return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
      bytes.push(...(vocabulary.bytes[id] ?? []));
      allowed = await matching.accept(matcher, [id]);
    }
    return undefined;
  } finally {
    matching.end(matcher);
  }
}

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
  'a tuple': { type: 'array', prefixItems: [{ type: 'boolean' }, { const: 'é"\\\n' }], items: { type: 'null' }, minItems: 1, maxItems: 4 },
  'a list': { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 5 },
  'a pattern': { type: 'string', pattern: '^[a-c]{2,3}(?:\\s|"\\d+")?[^"a-z]$' },
  'an open pattern': { type: 'string', pattern: 'ab+|^cd' },
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
    const text = await babble(grammar, seed);
    if (text === undefined) continue;
    ended += 1;
    const result = validator.validate(JSON.parse(text));
    expect(result.errors, text).toEqual([]);
  }
  expect(ended).toBeGreaterThan(5);
});

test('what comes of random schemas is valid', { timeout: 120_000 }, async () => {
  let ended = 0;
  await fc.assert(
    fc.asyncProperty(randomSchema, fc.nat(), async (schema, seed) => {
      const grammar = answerGrammar({ format: { kind: 'schema', schema } }) ?? '';
      const validator = new Validator(schema, '2020-12');
      for (const each of [seed, seed + 1]) {
        const text = await babble(grammar, each, 120);
        if (text === undefined) continue;
        ended += 1;
        const { errors } = validator.validate(JSON.parse(text));
        expect(errors, text).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
  expect(ended).toBeGreaterThan(100);
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
