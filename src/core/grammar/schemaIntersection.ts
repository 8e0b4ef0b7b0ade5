import {
  type Alternative,
  ANNOTATIONS,
  isEqual,
  isSchema,
  requiredOf,
  type Schema,
  type TypeName,
  typesOf,
  unsupported,
} from './schemaTerms.ts';

const LARGER = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']);
const SMALLER = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);

/** Both at once; absent when nothing meets both. */
export function intersect(one: Alternative, other: Alternative, path: string): Alternative | undefined {
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
