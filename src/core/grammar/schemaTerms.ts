import { SillError } from '../errors.ts';

/** A JSON Schema that is no boolean. */
export type Schema = Readonly<Record<string, unknown>>;

/** What may be anywhere and says nothing of validity. */
export const ANNOTATIONS = new Set([
  ...['$schema', '$id', '$comment', '$defs', 'definitions', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly'],
  // Pydantic's and OpenAPI's hint to `oneOf`.
  ...['writeOnly', 'contentEncoding', 'contentMediaType', 'contentSchema', 'discriminator'],
]);

/** By the type of value that they speak of. */
export const TYPE_KEYWORDS: Readonly<Record<string, string>> = {
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  minProperties: 'object',
  maxProperties: 'object',
  propertyNames: 'object',
  items: 'array',
  prefixItems: 'array',
  minItems: 'array',
  maxItems: 'array',
  uniqueItems: 'array',
  minLength: 'string',
  maxLength: 'string',
  pattern: 'string',
  format: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
};

const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const;
export type TypeName = (typeof TYPES)[number];

/** @param path JSON Pointer into the schema */
export const unsupported = (keyword: string, path: string, hint: string): SillError =>
  new SillError('unsupported_schema', `The schema uses "${keyword}" at ${path || 'its root'}, which cannot be guaranteed here: ${hint}`, {
    details: { keyword, path },
  });

export const invalid = (path: string, what: string): SillError =>
  new SillError('invalid_request', `The schema is not usable at ${path || 'its root'}: ${what}`, { details: { path } });

export const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

export const under = (path: string, ...steps: readonly (string | number)[]): string =>
  `${path}${steps.map((step) => `/${`${step}`.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;

/** One way to meet a schema: no `$ref`, `allOf`, `anyOf` or `oneOf` is left at its top. */
export interface Alternative {
  readonly schema: Schema;
  readonly path: string;
}

/** @throws SillError `invalid_request` */
export function listOf(value: unknown, keyword: string, path: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.length > 0) return value;
  throw invalid(path, `"${keyword}" must be a list that is not empty.`);
}

export const requiredOf = ({ required }: Schema): readonly string[] =>
  Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];

/** The values that a schema allows at most, where it lists them. */
export function literalsOf(schema: Schema): readonly unknown[] | undefined {
  const listed: readonly unknown[] | undefined = Array.isArray(schema.enum) ? schema.enum : undefined;
  if (!('const' in schema)) return listed;
  return listed?.some((value) => isEqual(value, schema.const)) === false ? [] : [schema.const];
}

/**
 * The types that a schema allows. One that states none is held to those that it speaks of: `{ properties }` means an object.
 * @throws SillError `invalid_request`
 */
export function typesOf({ schema, path }: Alternative): readonly TypeName[] {
  const { type } = schema;
  if (type !== undefined) {
    const names = Array.isArray(type) ? type : [type];
    return names.map((name) => TYPES.find((known) => known === name) ?? raise(invalid(path, `"${String(name)}" is no type.`)));
  }
  const spoken = new Set(Object.keys(schema).flatMap((keyword) => TYPE_KEYWORDS[keyword] ?? []));
  if (spoken.size > 0) return TYPES.filter((name) => spoken.has(name));
  const values = literalsOf(schema);
  return values ? TYPES.filter((name) => values.some((value) => hasType(value, name))) : TYPES;
}

export function hasType(value: unknown, type: TypeName): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isSchema(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function raise(error: Error): never {
  throw error;
}

/** As JSON Schema compares: by value, members in any order. */
export function isEqual(one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((each, i) => isEqual(each, other[i]));
  if (!isSchema(one)) return Object.is(one, other) || (one === 0 && other === 0);
  const keys = Object.keys(one);
  return (
    isSchema(other) &&
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
  );
}
