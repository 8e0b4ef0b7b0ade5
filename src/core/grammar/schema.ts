import { SillError } from '../errors.ts';

/** A JSON Schema that is no boolean. */
export type Schema = Readonly<Record<string, unknown>>;

/** What may be anywhere and says nothing of validity. */
const ANNOTATIONS = new Set([
  ...['$schema', '$id', '$comment', '$defs', 'definitions', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly'],
  // Pydantic's and OpenAPI's hint to `oneOf`.
  ...['writeOnly', 'contentEncoding', 'contentMediaType', 'contentSchema', 'discriminator'],
]);

/** By the type of value that they speak of. */
const TYPE_KEYWORDS: Readonly<Record<string, string>> = {
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
const COMBINING = ['$ref', 'allOf', 'anyOf', 'oneOf'] as const;
const KNOWN = new Set<string>([...Object.keys(TYPE_KEYWORDS), ...COMBINING, 'type', 'enum', 'const']);

const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const;
export type TypeName = (typeof TYPES)[number];

/** A schema that was combined of others grows with each; past this it is refused. */
const MOST_ALTERNATIVES = 64;

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

/** What a schema says, in a form that a grammar can be written from. */
export class SchemaReader {
  constructor(private readonly root: unknown) {}

  /** @throws SillError `unsupported_schema` for a keyword that has no meaning here */
  check(schema: Schema, path: string): void {
    for (const keyword of Object.keys(schema)) {
      if (KNOWN.has(keyword) || ANNOTATIONS.has(keyword) || keyword.startsWith('x-')) continue;
      throw unsupported(
        keyword,
        path,
        HINTS[keyword] ?? 'leave it out, or say the same with the keywords that docs/structured-output.md lists.',
      );
    }
  }

  /** @throws SillError `unsupported_schema` for what lies outside of this schema, `invalid_request` for what is not there */
  resolve(ref: unknown, path: string): { readonly schema: unknown; readonly path: string } {
    if (typeof ref !== 'string') throw invalid(path, '$ref must be text.');
    if (!ref.startsWith('#')) throw unsupported('$ref', path, 'nothing is fetched from elsewhere; put the definition into "$defs".');
    const pointer = decodeURIComponent(ref.slice(1));
    if (pointer !== '' && !pointer.startsWith('/'))
      throw unsupported('$ref', path, 'anchors are not followed; name it by its path, as "#/$defs/name".');
    let at: unknown = this.root;
    for (const step of pointer.split('/').slice(1)) {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      const inner: unknown = (isSchema(at) || Array.isArray(at)) && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined;
      if (inner === undefined) throw invalid(path, `"${ref}" names nothing.`);
      at = inner;
    }
    return { schema: at, path: pointer };
  }

  /**
   * All ways to meet a schema; none where nothing can. `true` is an empty schema.
   * @param chain references that are being followed, to find one that leads to itself
   */
  alternatives(schema: unknown, path: string, chain: readonly string[] = []): readonly Alternative[] {
    if (schema === true) return [{ schema: {}, path }];
    if (schema === false) return [];
    if (!isSchema(schema)) throw invalid(path, 'a schema must be an object, true or false.');
    this.check(schema, path);
    const { $ref, allOf, anyOf, oneOf, ...own } = schema;
    let found: readonly Alternative[] = [{ schema: own, path }];
    const and = (others: readonly Alternative[]) => {
      found = found.flatMap((one) => others.flatMap((other) => intersect(one, other, path) ?? []));
      if (found.length > MOST_ALTERNATIVES) throw unsupported('allOf', path, `it combines to more than ${MOST_ALTERNATIVES} alternatives.`);
    };
    if ($ref !== undefined) {
      const target = this.resolve($ref, path);
      if (chain.includes(target.path)) throw invalid(path, `"${$ref}" leads back to itself.`);
      and(this.alternatives(target.schema, target.path, [...chain, target.path]));
    }
    for (const [i, each] of listOf(allOf, 'allOf', path).entries()) and(this.alternatives(each, under(path, 'allOf', i), chain));
    if (anyOf !== undefined)
      and(listOf(anyOf, 'anyOf', path).flatMap((each, i) => this.alternatives(each, under(path, 'anyOf', i), chain)));
    if (oneOf !== undefined) and(this.exclusive(oneOf, path, chain));
    return found;
  }

  /** `oneOf` is `anyOf` where no value can meet two of its schemas. */
  exclusive(oneOf: unknown, path: string, chain: readonly string[] = []): readonly Alternative[] {
    const options = listOf(oneOf, 'oneOf', path).map((each, i) => this.alternatives(each, under(path, 'oneOf', i), chain));
    for (const [i, some] of options.entries()) {
      for (const others of options.slice(i + 1)) {
        const areApart = some.every((one) => others.every((other) => this.areDisjoint(one, other)));
        if (!areApart)
          throw unsupported(
            'oneOf',
            path,
            'a value could meet two of its schemas; use "anyOf", or a property with another "const" in each.',
          );
      }
    }
    return options.flat();
  }

  private areDisjoint(one: Alternative, other: Alternative): boolean {
    const [mine, theirs] = [typesOf(one), typesOf(other)];
    const isShared = (type: TypeName) =>
      theirs.includes(type) || (type === 'integer' && theirs.includes('number')) || (type === 'number' && theirs.includes('integer'));
    if (!mine.some(isShared)) return true;
    const [some, others] = [literalsOf(one.schema), literalsOf(other.schema)];
    if (some && others) return !some.some((value) => others.some((each) => isEqual(value, each)));
    if (mine.join() !== 'object' || theirs.join() !== 'object') return false;
    return (
      this.lacksRequired(one.schema, other.schema) || this.lacksRequired(other.schema, one.schema) || this.differByProperty(one, other)
    );
  }

  /** The first needs a property that the second does not allow. */
  private lacksRequired(one: Schema, other: Schema): boolean {
    const known = isSchema(other.properties) ? other.properties : {};
    return other.additionalProperties === false && requiredOf(one).some((name) => !Object.hasOwn(known, name));
  }

  private differByProperty(one: Alternative, other: Alternative): boolean {
    return requiredOf(one.schema)
      .filter((name) => requiredOf(other.schema).includes(name))
      .some((name) => {
        const [mine, theirs] = [one, other].map(({ schema, path }) => {
          const property = isSchema(schema.properties) ? schema.properties[name] : undefined;
          return property === undefined ? undefined : this.alternatives(property, under(path, 'properties', name));
        });
        if (!mine || !theirs) return false;
        const [some, others] = [mine, theirs].map((found) => found.map(({ schema }) => literalsOf(schema)));
        return (some ?? []).every(
          (values) => values && (others ?? []).every((each) => each && !values.some((value) => each.some((e) => isEqual(value, e)))),
        );
      });
  }
}

const HINTS: Readonly<Record<string, string>> = {
  not: 'say what is allowed in place of what is not.',
  nullable: 'it is no keyword of JSON Schema; use "type": ["string", "null"].',
  patternProperties: 'use "additionalProperties" for values by any name.',
  additionalItems: 'use "prefixItems" and "items".',
  if: 'use "anyOf" with one schema for each case.',
};

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
function isEqual(one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) return Array.isArray(other) && one.length === other.length && one.every((each, i) => isEqual(each, other[i]));
  if (!isSchema(one)) return Object.is(one, other) || (one === 0 && other === 0);
  const keys = Object.keys(one);
  return (
    isSchema(other) &&
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
  );
}

const LARGER = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']);
const SMALLER = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);

/** Both at once; absent when nothing meets both. */
function intersect(one: Alternative, other: Alternative, path: string): Alternative | undefined {
  if (Object.keys(other.schema).every((key) => ANNOTATIONS.has(key))) return one;
  if (Object.keys(one.schema).every((key) => ANNOTATIONS.has(key))) return other;
  const [a, b] = [closing(one, other.schema), closing(other, one.schema)];
  const both: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const mine = a[key];
    if (!Object.hasOwn(a, key) || ANNOTATIONS.has(key) || isEqual(mine, value)) both[key] = Object.hasOwn(a, key) ? mine : value;
    else if (key === 'type') {
      const shared = [one, other].map(typesOf);
      const types = (shared[0] ?? []).flatMap((type) => sharedType(type, shared[1] ?? []));
      if (types.length === 0) return undefined;
      both.type = types;
    } else if (key === 'required') both.required = [...new Set([...requiredOf(a), ...requiredOf(b)])];
    else if (key === 'properties') both.properties = mergedProperties(a.properties, b.properties);
    else if (key === 'items' || key === 'additionalProperties') both[key] = { allOf: [mine, value] };
    else if (LARGER.has(key)) both[key] = Math.max(Number(mine), Number(value));
    else if (SMALLER.has(key)) both[key] = Math.min(Number(mine), Number(value));
    else throw unsupported('allOf', path, `two of its schemas speak of "${key}".`);
  }
  if (('items' in a || 'prefixItems' in a) && ('items' in b || 'prefixItems' in b) && 'prefixItems' in both && !isEqual(a, b)) {
    throw unsupported('allOf', path, 'two of its schemas speak of "prefixItems" and "items".');
  }
  return { schema: both, path: one.path };
}

const sharedType = (type: TypeName, others: readonly TypeName[]): readonly TypeName[] => {
  if (others.includes(type)) return [type];
  if (type === 'integer' && others.includes('number')) return ['integer'];
  return type === 'number' && others.includes('integer') ? ['integer'] : [];
};

/** `additionalProperties` speaks of what its own schema does not name: so do properties that another one names. */
function closing({ schema }: Alternative, other: Schema): Schema {
  const { additionalProperties: rest, properties } = schema;
  if (rest === undefined || rest === true || !isSchema(other.properties)) return schema;
  const own = isSchema(properties) ? properties : {};
  const foreign = Object.keys(other.properties).filter((name) => !Object.hasOwn(own, name));
  return { ...schema, properties: { ...own, ...Object.fromEntries(foreign.map((name) => [name, rest])) } };
}

function mergedProperties(one: unknown, other: unknown): Schema {
  const [a, b] = [isSchema(one) ? one : {}, isSchema(other) ? other : {}];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const both = (name: string): unknown =>
    !Object.hasOwn(b, name) ? a[name] : !Object.hasOwn(a, name) || isEqual(a[name], b[name]) ? b[name] : { allOf: [a[name], b[name]] };
  return Object.fromEntries(names.map((name) => [name, both(name)]));
}
