import { describe, expect, it } from 'vitest';
import { SillError } from '../errors.ts';
import { answerGrammar } from './answerGrammar.ts';

const refusal = (schema: unknown): { code: string; details: object } => {
  try {
    answerGrammar({ format: { kind: 'schema', schema } });
  } catch (reason) {
    if (reason instanceof SillError) return { code: reason.code, details: reason.details };
    throw reason;
  }
  throw new Error('it was not refused');
};

describe('the grammar of an answer', () => {
  it('is none where any text will do', () => expect(answerGrammar({})).toBeUndefined());

  it.each<[string, string, unknown]>([
    ['not', '', { not: {} }],
    ['if', '', { if: {}, else: {} }],
    ['multipleOf', '/items', { type: 'array', items: { type: 'number', multipleOf: 3 } }],
    ['uniqueItems', '', { type: 'array', uniqueItems: true }],
    ['patternProperties', '', { patternProperties: { '^x': {} } }],
    ['dependentRequired', '/$defs/a~1b', { $ref: '#/$defs/a~1b', $defs: { 'a/b': { dependentRequired: {} } } }],
    ['nullable', '/properties/a', { properties: { a: { type: 'string', nullable: true } } }],
    ['$ref', '', { $ref: 'other.json' }],
    ['$ref', '', { $ref: '#anchor' }],
    ['items', '', { items: [{}, {}] }],
    ['format', '', { type: 'string', format: 'iri' }],
    ['maxLength', '', { type: 'string', pattern: '^a+$', maxLength: 3 }],
    ['pattern', '', { type: 'string', pattern: '(a)\\1' }],
    ['pattern', '', { type: 'string', pattern: '\\bword' }],
    ['pattern', '', { type: 'string', pattern: '\\p{L}' }],
    ['maximum', '', { type: 'number', maximum: 0.1 + 0.2 }],
    ['minimum', '', { enum: [1, 2], minimum: 2 }],
    ['oneOf', '', { oneOf: [{ type: 'integer' }, { type: 'number' }] }],
    ['oneOf', '', { oneOf: [{ properties: { a: true } }, { properties: { b: true } }] }],
    ['allOf', '', { allOf: [{ pattern: 'a' }, { pattern: 'b' }] }],
    ['minProperties', '', { type: 'object', minProperties: 2 }],
  ])('refuses "%s" at %s', (keyword, path, schema) => {
    expect(refusal(schema)).toEqual({ code: 'unsupported_schema', details: { keyword, path } });
  });

  it.each<[string, unknown]>([
    ['no type', { type: 'text' }],
    ['a dangling reference', { $ref: '#/$defs/a' }],
    ['a reference to itself', { $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }] } }, $ref: '#/$defs/a' }],
    ['no regular expression', { pattern: '[' }],
    ['nothing', false],
    ['limits that leave nothing', { type: 'string', minLength: 3, maxLength: 2 }],
    ['a required property that cannot be', { properties: { a: false }, required: ['a'] }],
    ['a number for a limit', { type: 'string', maxLength: '3' }],
    ['an empty choice', { anyOf: [] }],
    ['a depth without end', Array.from({ length: 5000 }).reduce((inner: object) => ({ items: inner }), {})],
    ['too much', { enum: ['x'.repeat(100_001)] }],
  ])('calls what is no usable schema an invalid request: %s', (_, schema) => expect(refusal(schema).code).toBe('invalid_request'));

  it('takes what only describes, whatever it says', () => {
    const schema = {
      $schema: 'x',
      $id: 'y',
      title: 't',
      description: 'd',
      default: 1,
      examples: [],
      deprecated: true,
      readOnly: true,
      'x-own': {},
      type: 'null',
    };
    expect(answerGrammar({ format: { kind: 'schema', schema } })).toContain('"null"');
  });

  it('refuses parameters that are no object, and names the tool', () => {
    const parameters = { anyOf: [{ type: 'object' }, { type: 'string' }] };
    const written = () => answerGrammar({ use: { tools: [{ name: 'f', parameters }], choice: 'auto', isParallel: true } });
    expect(written).toThrowError(expect.objectContaining({ code: 'invalid_request', details: { path: '', tool: 'f' } }));
  });
});
