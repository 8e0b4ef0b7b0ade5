import fc from 'fast-check';

type Json = Record<string, unknown>;

const optional = (entries: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Json> => fc.record(entries, { requiredKeys: [] });

const both = (one: fc.Arbitrary<Json>, other: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.tuple(one, other).map(([a, b]) => ({ ...a, ...b }));

const range = (low: string, high: string, most: number): fc.Arbitrary<Json> =>
  fc.tuple(fc.nat(most), fc.nat(most), fc.integer({ min: 0, max: 3 })).map(([a, b, which]) => ({
    ...(which & 1 ? { [low]: Math.min(a, b) } : {}),
    ...(which & 2 ? { [high]: Math.max(a, b) } : {}),
  }));

const decimals = fc.integer({ min: -800, max: 800 }).map((value) => value / 8);

const text = fc.oneof(
  { weight: 3, arbitrary: range('minLength', 'maxLength', 12) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('^[a-z]{1,5}$', '^(yes|no|"maybe")$', '^\\d{2}-\\w+$', '^[^a-m]é?$', '^(?:[A-F][0-9]){1,3}$')
      .map((pattern) => ({ pattern })),
  },
  { weight: 1, arbitrary: fc.constantFrom('date', 'time', 'date-time', 'email', 'uuid', 'ipv4').map((format) => ({ format })) },
);

const integer = fc.tuple(fc.integer({ min: -200, max: 2000 }), fc.nat(5000), fc.integer({ min: 0, max: 3 })).map(([low, span, which]) => ({
  ...(which & 1 ? { minimum: low } : {}),
  ...(which & 2 ? { exclusiveMaximum: low + span + 1 } : {}),
}));

const number = fc
  .tuple(decimals, decimals, fc.constantFrom('minimum', 'exclusiveMinimum'), fc.integer({ min: 0, max: 3 }))
  .map(([a, b, low, which]) => ({
    ...(which & 1 ? { [low]: Math.min(a, b) } : {}),
    ...(which & 2 ? { maximum: Math.max(a, b) + 0.5 } : {}),
  }));

const literal = fc.oneof(fc.constantFrom('', 'red', 'a "b"', 'é\n😀', null, true, 0, -1.5, 17), fc.constantFrom({ a: [1, 'x'] }, []));

const NAMES = ['name', 'na', 'count', 'a b', 'é"x', 'Ünit', 'tags', ''];

const inner: fc.Arbitrary<Json> = fc.letrec<{ schema: Json; leaf: Json; object: Json }>((tie) => ({
  leaf: fc.oneof(
    { depthSize: 'small' },
    { weight: 3, arbitrary: text.map((limits) => ({ type: 'string', ...limits })) },
    { weight: 2, arbitrary: integer.map((limits) => ({ type: 'integer', ...limits })) },
    { weight: 1, arbitrary: number.map((limits) => ({ type: 'number', ...limits })) },
    fc.constantFrom({ type: 'boolean' }, { type: 'null' }, { type: ['boolean', 'null'] }),
    fc.uniqueArray(literal, { minLength: 1, maxLength: 3, selector: (value) => JSON.stringify(value) }).map((values) => ({ enum: values })),
    literal.map((value) => ({ const: value })),
  ),
  object: fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }).chain((names) =>
        fc.record({
          properties: fc.record(Object.fromEntries(names.map((name) => [name, tie('schema')]))),
          required: fc.subarray(names),
        }),
      ),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.oneof(fc.constant(false), tie('leaf')).map((additionalProperties) => ({ additionalProperties })) },
      ),
    )
    .map(([known, rest]) => ({ type: 'object', ...known, ...rest })),
  schema: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 4, arbitrary: tie('leaf') },
    { weight: 3, arbitrary: tie('object') },
    both(fc.record({ type: fc.constant('array'), items: tie('schema') }), range('minItems', 'maxItems', 3)),
    fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((prefixItems) => ({ type: 'array', prefixItems, items: false })),
    fc.array(tie('schema'), { minLength: 2, maxLength: 2 }).map((anyOf) => ({ anyOf })),
    fc.tuple(tie('leaf'), tie('leaf')).map(([a, b]) => ({
      oneOf: [a, b].map((value, i) => ({ type: 'object', properties: { kind: { const: i }, value }, required: ['kind', 'value'] })),
    })),
    fc.tuple(tie('leaf'), tie('leaf')).map(([a, b]) => ({
      allOf: [{ properties: { one: a }, required: ['one'] }, { properties: { two: b, one: {} } }],
      type: 'object',
    })),
  ),
})).schema;

/** An object with a few fields, which may go on in itself. */
const document: fc.Arbitrary<Json> = fc
  .tuple(optional({ title: inner, note: fc.constant({ type: 'string', maxLength: 8 }), next: fc.constant({ $ref: '#' }) }), fc.boolean())
  .map(([properties, isClosed]) => ({ type: 'object', properties, ...(isClosed ? { additionalProperties: false } : {}) }));

const named: fc.Arbitrary<Json> = inner.map((schema) => ({
  type: 'array',
  items: { $ref: '#/$defs/it', description: 'an item' },
  maxItems: 2,
  $defs: { it: schema },
}));

/**
 * JSON Schemas of the kinds that Sill can hold an answer to: all types with their limits, choices, references, combinations, names and
 * texts that need care.
 */
export const randomSchema: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: inner },
  { weight: 1, arbitrary: document },
  { weight: 1, arbitrary: named },
);
