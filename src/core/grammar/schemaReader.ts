import { intersect } from './schemaIntersection.ts';
import {
  type Alternative,
  ANNOTATIONS,
  invalid,
  isEqual,
  isSchema,
  listOf,
  literalsOf,
  requiredOf,
  type Schema,
  TYPE_KEYWORDS,
  type TypeName,
  typesOf,
  under,
  unsupported,
} from './schemaTerms.ts';

const COMBINING = ['$ref', 'allOf', 'anyOf', 'oneOf'] as const;
const KNOWN = new Set<string>([...Object.keys(TYPE_KEYWORDS), ...COMBINING, 'type', 'enum', 'const']);

/** A schema that was combined of others grows with each; past this it is refused. */
const MOST_ALTERNATIVES = 64;

const HINTS: Readonly<Record<string, string>> = {
  not: 'say what is allowed in place of what is not.',
  nullable: 'it is no keyword of JSON Schema; use "type": ["string", "null"].',
  patternProperties: 'use "additionalProperties" for values by any name.',
  additionalItems: 'use "prefixItems" and "items".',
  if: 'use "anyOf" with one schema for each case.',
};

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
