import { anyString, anyValue, blank, comma, listed, member } from './json.ts';
import { anyOf, literal, type Rules } from './rules.ts';
import { SchemaReader } from './schemaReader.ts';
import { count, numberOf, stringOf } from './schemaScalars.ts';
import {
  type Alternative,
  hasType,
  invalid,
  isSchema,
  literalsOf,
  requiredOf,
  type Schema,
  type TypeName,
  typesOf,
  under,
  unsupported,
} from './schemaTerms.ts';
import { otherThan } from './strings.ts';

/** What is counted, is counted up to here beyond what must be: the grammar's compiler takes its time for each. */
const MOST_ITEMS = 1000;
const LARGEST_SCHEMA = 100_000;

/**
 * An expression of JSON texts that are valid under a schema (draft 2020-12). It need not have all of them: members come in the schema's order, an object
 * has no members that its schema does not speak of unless it says `additionalProperties`, numbers have 15 digits at most.
 * @param only the type that all its values must have
 * @throws SillError `unsupported_schema` for what it could not guarantee, with the keyword and its place; `invalid_request` for what is no schema
 */
export function writeSchema(rules: Rules, schema: unknown, only?: TypeName): string {
  try {
    return written(rules, schema, only);
  } catch (reason) {
    if (reason instanceof RangeError) throw invalid('', 'it is nested too deeply.');
    throw reason;
  }
}

function written(rules: Rules, schema: unknown, only: TypeName | undefined): string {
  if (JSON.stringify(schema)?.length > LARGEST_SCHEMA) throw invalid('', `it is longer than ${LARGEST_SCHEMA} characters.`);
  const reader = new SchemaReader(schema);
  if (only !== undefined && reader.alternatives(schema, '').some((each) => typesOf(each).some((type) => type !== only))) {
    throw invalid('', `it must say "type": "${only}".`);
  }
  const value = new SchemaWriter(rules, reader).value(schema, '');
  if (value === undefined) throw invalid('', 'no value can meet it.');
  return value;
}

class SchemaWriter {
  /** By the schema's text: what refers to itself, or occurs twice, is written once. */
  private readonly written = new Map<string, { readonly name: string; body: string | undefined; isDone: boolean }>();

  constructor(
    private readonly rules: Rules,
    private readonly reader: SchemaReader,
  ) {}

  /** A rule of what meets this schema; absent when nothing does. */
  value(schema: unknown, path: string): string | undefined {
    const key = JSON.stringify(schema);
    const known = this.written.get(key);
    if (known) return known.isDone && known.body === undefined ? undefined : known.name;
    const entry = { name: this.rules.reserve(), body: undefined as string | undefined, isDone: false };
    this.written.set(key, entry);
    const options = this.options(schema, path);
    entry.body = options.length === 0 ? undefined : this.rules.choice(options);
    entry.isDone = true;
    if (entry.body === undefined) return undefined;
    return this.rules.define(entry.name, entry.body);
  }

  private options(schema: unknown, path: string): readonly string[] {
    // A choice alone keeps its parts apart, so that one which others refer to is written once.
    if (isSchema(schema)) {
      const { anyOf: any, oneOf: one, $ref, ...rest } = schema;
      const isBare = Object.keys(rest).every((key) =>
        ['$schema', '$defs', 'definitions', 'title', 'description', '$id', 'discriminator', 'default'].includes(key),
      );
      if (isBare && $ref !== undefined && any === undefined && one === undefined) {
        const target = this.reader.resolve($ref, path);
        // Finds what leads back to itself.
        this.reader.alternatives(schema, path);
        const name = this.value(target.schema, target.path);
        return name === undefined ? [] : [name];
      }
      if (isBare && $ref === undefined && Array.isArray(any) && any.length > 0 && one === undefined) {
        return any.flatMap((each, i) => this.value(each, under(path, 'anyOf', i)) ?? []);
      }
    }
    return this.reader.alternatives(schema, path).flatMap((each) => this.alternative(each));
  }

  private alternative(alternative: Alternative): readonly string[] {
    const { schema, path } = alternative;
    if ('enum' in schema && !Array.isArray(schema.enum)) throw invalid(path, '"enum" must be a list.');
    const types = typesOf(alternative);
    const values = literalsOf(schema);
    if (values) {
      const told = Object.keys(schema).find((keyword) => LIMITS.has(keyword));
      if (told !== undefined) throw unsupported(told, path, 'list the values that are meant in "enum" alone.');
      const fitting = values.filter((value) => types.some((type) => hasType(value, type)));
      return fitting.map((value) => this.rules.apart(literal(JSON.stringify(value))));
    }
    if (types.length === 7 && schema.type === undefined) return [anyValue(this.rules)];
    // "number" has the integers among it.
    return types.filter((type) => type !== 'integer' || !types.includes('number')).flatMap((type) => this.ofType(type, schema, path) ?? []);
  }

  private ofType(type: TypeName, schema: Schema, path: string): string | undefined {
    switch (type) {
      case 'null':
        return this.rules.apart(literal('null'));
      case 'boolean':
        return this.rules.apart('("true" | "false")');
      case 'integer':
      case 'number':
        return numberOf(this.rules, type, schema, path);
      case 'string':
        return stringOf(this.rules, schema, path);
      case 'array':
        return this.array(schema, path);
      case 'object':
        return this.object(schema, path);
    }
  }

  private array(schema: Schema, path: string): string | undefined {
    const { items = true, prefixItems, uniqueItems } = schema;
    if (Array.isArray(items)) throw unsupported('items', path, 'a list of schemas is "prefixItems" in JSON Schema since 2020-12.');
    const min = count(schema, 'minItems', path) ?? 0;
    const wanted = count(schema, 'maxItems', path);
    if (wanted !== undefined && wanted < min) return undefined;
    if (uniqueItems === true && (wanted ?? 2) > 1)
      throw unsupported('uniqueItems', path, 'what was written cannot be kept from coming again.');
    if (min > MOST_ITEMS) throw unsupported('minItems', path, `at most ${MOST_ITEMS} items can be asked for.`);
    const max = wanted === undefined ? undefined : Math.min(wanted, min + MOST_ITEMS);
    const item = max === 0 ? undefined : this.value(items, under(path, 'items'));
    if (prefixItems === undefined) {
      if (item === undefined) return min === 0 ? listed(this.rules, '[', '""', ']', 0, 0) : undefined;
      return listed(this.rules, '[', item, ']', min, max);
    }
    if (!Array.isArray(prefixItems)) throw invalid(path, '"prefixItems" must be a list.');
    const first = prefixItems.map((each, i) => this.value(each, under(path, 'prefixItems', i)));
    // Without a word about what follows, nothing does.
    return this.tuple(first, schema.items === undefined ? undefined : item, min, max);
  }

  private tuple(
    first: readonly (string | undefined)[],
    item: string | undefined,
    min: number,
    max = Number.POSITIVE_INFINITY,
  ): string | undefined {
    const end = `${blank(this.rules)} "]"`;
    const after = (done: number): string | undefined => {
      const close = done >= min ? [done === 0 ? '"]"' : end] : [];
      const next = done >= max ? undefined : done < first.length ? first[done] : item;
      const rest =
        next === undefined
          ? undefined
          : done > first.length && done >= min
            ? `${next} ${this.repeat(item, max - done - 1)} ${end}`
            : and(next, after(done + 1));
      const options = [...close, ...(rest === undefined ? [] : [done === 0 ? rest : `${comma(this.rules)} ${rest}`])];
      return options.length === 0 ? undefined : this.rules.rule(anyOf(options));
    };
    const body = after(0);
    return body === undefined ? undefined : `"[" ${blank(this.rules)} ${body}`;
  }

  private repeat(item: string | undefined, most: number): string {
    const unit = this.rules.rule(`${comma(this.rules)} ${item}`);
    return Number.isFinite(most) ? (most === 0 ? '""' : `${unit}{0,${most}}`) : `${unit}*`;
  }

  private object(schema: Schema, path: string): string | undefined {
    const { properties = {}, additionalProperties } = schema;
    if (!isSchema(properties)) throw invalid(path, '"properties" must be an object.');
    const required = requiredOf(schema);
    const names = [...new Set([...Object.keys(properties), ...required])];
    const isOpen = additionalProperties !== undefined || names.length === 0;
    const rest = additionalProperties ?? true;
    const min = count(schema, 'minProperties', path) ?? 0;
    const max = count(schema, 'maxProperties', path);
    const other = isOpen && max !== 0 ? this.value(rest, under(path, 'additionalProperties')) : undefined;
    const name = this.propertyName(schema, names, path);
    if (names.length === 0) return this.map(name, other, min, max, path);
    if (min > required.length) throw unsupported('minProperties', path, 'name what must be there in "required".');
    if (max !== undefined && (other !== undefined || max < names.length)) {
      throw unsupported('maxProperties', path, 'say "additionalProperties": false and name what may be there.');
    }
    const entries: Entry[] = [];
    for (const name of names) {
      const isRequired = required.includes(name);
      const value = Object.hasOwn(properties, name)
        ? this.value(properties[name], under(path, 'properties', name))
        : this.value(rest, under(path, 'additionalProperties'));
      if (value !== undefined) entries.push({ text: member(this.rules, literal(JSON.stringify(name)), value), isRequired });
      else if (isRequired) return undefined;
    }
    const more = other === undefined ? undefined : member(this.rules, this.rules.rule(otherThan(this.rules, names)), other);
    return `"{" ${blank(this.rules)} ${this.members(entries, more)}`;
  }

  /** Names that are not listed: any, or, where none is, those that a schema allows. */
  private propertyName({ propertyNames: allowed = true }: Schema, names: readonly string[], path: string): string | undefined {
    const isAny =
      allowed === true ||
      (isSchema(allowed) && Object.keys(allowed).every((key) => key === 'type') && typesOf({ schema: allowed, path }).includes('string'));
    if (isAny) return anyString(this.rules);
    if (names.length > 0) throw unsupported('propertyNames', path, 'its names are listed in "properties" or "required".');
    return this.value(isSchema(allowed) ? { allOf: [allowed, { type: 'string' }] } : allowed, under(path, 'propertyNames'));
  }

  private map(name: string | undefined, value: string | undefined, min: number, max: number | undefined, path: string): string | undefined {
    if (min > 1) throw unsupported('minProperties', path, 'a name may come twice; name what must be there in "required".');
    if (name === undefined || value === undefined || max === 0) return min === 0 ? listed(this.rules, '{', '""', '}', 0, 0) : undefined;
    const most = max === undefined ? undefined : Math.min(max, MOST_ITEMS);
    return listed(this.rules, '{', member(this.rules, name, value), '}', min, most);
  }

  /** Members in order, from behind the opening bracket to the closing one. Optional ones may be left out each by itself. */
  private members(entries: readonly Entry[], more: string | undefined): string {
    const { rules } = this;
    const others = more === undefined ? undefined : rules.rule(`${comma(rules)} ${more}`);
    const end = `${blank(rules)} "}"`;
    let rest = others === undefined ? end : `${others}* ${end}`;
    let first = more === undefined ? '"}"' : anyOf(['"}"', `${more} ${rest}`]);
    for (const { text, isRequired } of entries.toReversed()) {
      const then = rules.rule(rest);
      first = isRequired ? `${text} ${then}` : rules.rule(anyOf([`${text} ${then}`, first]));
      rest = isRequired ? `${comma(rules)} ${text} ${then}` : rules.rule(anyOf([`${comma(rules)} ${text} ${then}`, then]));
    }
    return first;
  }
}

interface Entry {
  readonly text: string;
  readonly isRequired: boolean;
}

/** Keywords that narrow values, beside which `enum` and `const` are not weighed. */
const LIMITS = new Set([
  ...[
    'properties',
    'required',
    'additionalProperties',
    'minProperties',
    'maxProperties',
    'propertyNames',
    'items',
    'prefixItems',
    'minItems',
    'maxItems',
  ],
  ...[
    'uniqueItems',
    'minLength',
    'maxLength',
    'pattern',
    'format',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
  ],
]);

const and = (one: string, other: string | undefined): string | undefined => (other === undefined ? undefined : `${one} ${other}`);
