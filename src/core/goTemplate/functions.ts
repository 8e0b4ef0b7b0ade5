import { type GoValue, goJson, isList, isRecord, isTrue, jsonOf, printed } from './values.ts';

/** @throws Error that says what is wrong with the values */
type GoFunction = (...values: GoValue[]) => GoValue;

const comparable = (a: GoValue, b: GoValue): void => {
  if (typeof a === 'object' || typeof b === 'object') throw new Error('lists and structs cannot be compared');
  if (a !== undefined && b !== undefined && typeof a !== typeof b) throw new Error(`a ${typeof a} is compared with a ${typeof b}`);
};
const equal: GoFunction = (first, ...others) => {
  if (others.length === 0) throw new Error('eq wants two values');
  return others.some((other) => {
    comparable(first, other);
    return first === other;
  });
};
const ordered =
  (holds: (order: number) => boolean): GoFunction =>
  (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return holds(a - b);
    if (typeof a === 'string' && typeof b === 'string') return holds(a < b ? -1 : a > b ? 1 : 0);
    throw new Error('only two numbers or two texts have an order');
  };

const lengthOf: GoFunction = (value) => {
  // As Go counts: the bytes of a text.
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  if (isList(value)) return value.length;
  if (isRecord(value) && value.isMap) return Object.keys(value.fields).length;
  throw new Error('len wants a text or a list');
};

const index: GoFunction = (value, ...keys) => {
  let found = value;
  for (const key of keys) {
    if (isList(found) && typeof key === 'number') {
      if (!Number.isInteger(key) || key < 0 || key >= found.length) throw new Error(`index ${key} is outside of a list of ${found.length}`);
      found = found[key];
    } else if (isRecord(found) && found.isMap && typeof key === 'string')
      found = Object.hasOwn(found.fields, key) ? found.fields[key] : undefined;
    else throw new Error('index wants a list and a number, or a map and a name');
  }
  return found;
};

const slice: GoFunction = (value, from = 0, to = undefined) => {
  if (typeof value !== 'string' && !isList(value)) throw new Error('slice wants a text or a list');
  const end = to ?? value.length;
  if (typeof from !== 'number' || typeof end !== 'number' || from < 0 || end < from || end > value.length) {
    throw new Error(`a list of ${value.length} has no part from ${printed(from)} to ${printed(end)}`);
  }
  return value.slice(from, end);
};

/** Blanks between values of which neither is a text, as `fmt.Sprint`. */
const sprint: GoFunction = (...values) =>
  values.reduce<string>((text, value, i) => {
    const isApart = i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string';
    return `${text}${isApart ? ' ' : ''}${printed(value)}`;
  }, '');

const sprintf: GoFunction = (format, ...values) => {
  if (typeof format !== 'string') throw new Error('printf wants its format first');
  let next = 0;
  return format.replace(/%(.)/g, (verb, letter: string) => {
    if (letter === '%') return '%';
    const value = values[next++];
    if (letter === 'q' && typeof value === 'string') return JSON.stringify(value);
    if (letter === 's' || letter === 'v' || (letter === 'd' && typeof value === 'number')) return printed(value);
    throw new Error(`${verb} is not understood in printf`);
  });
};

/** `and` and `or` are not here: they do not look at more of their values than they have to. */
export const FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  not: (value) => !isTrue(value),
  eq: equal,
  ne: (a, b) => {
    comparable(a, b);
    return a !== b;
  },
  lt: ordered((order) => order < 0),
  le: ordered((order) => order <= 0),
  gt: ordered((order) => order > 0),
  ge: ordered((order) => order >= 0),
  len: lengthOf,
  index,
  slice,
  print: sprint,
  println: (...values) => `${values.map(printed).join(' ')}\n`,
  printf: sprintf,
  json: (value) => goJson(jsonOf(value)),
};

export const FUNCTION_NAMES: ReadonlySet<string> = new Set([...Object.keys(FUNCTIONS), 'and', 'or']);
