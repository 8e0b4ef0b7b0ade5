type Random = () => number;

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  Number.MAX_VALUE,
  '',
  '\u0000',
  '../x',
  'root',
  'constructor',
  '__proto__',
  '9'.repeat(400),
  [],
  {},
  [[[[]]]],
  { version: 1 },
  '2029-13-40T99:99:99Z',
];

const below = (random: Random, end: number): number => Math.floor(random() * end);

/** The same data with one value somewhere replaced, dropped, doubled or renamed. */
export function mutated(data: object, random: Random): object {
  const copy: Record<string, unknown> = JSON.parse(JSON.stringify({ data }));
  let parent: object = copy;
  let name = 'data';
  for (;;) {
    const value: unknown = Reflect.get(parent, name);
    const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    if (names.length === 0 || (parent !== copy && random() < 0.3)) break;
    parent = Object(value);
    name = names[below(random, names.length)] ?? '';
  }
  const kind = random();
  if (kind < 0.6) Reflect.set(parent, name, ODD[below(random, ODD.length)]);
  else if (kind < 0.8) Reflect.deleteProperty(parent, name);
  else if (kind < 0.9) Reflect.set(parent, `${name}x`, Reflect.get(parent, name));
  else Reflect.set(parent, name, nested(below(random, 300)));
  return Object(copy.data);
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : { deeper: nested(depth - 1) });

/** What is written in place of a value, or before one: no editor would, and a parser may stumble over it. */
const HOSTILE_VALUES = [
  '1e999',
  '-1e999',
  '-0',
  '1E-999',
  '9007199254740993',
  '1e308',
  '"\\ud800"',
  '"\\u0000"',
  '"\\u202e"',
  'null',
  '{}',
];
const HOSTILE_FIELDS = [
  '"__proto__":{"polluted":true}',
  '"constructor":{"prototype":{"polluted":true}}',
  '"toString":1',
  '"hasOwnProperty":1',
  '"\\u005f_proto__":null',
];
/** Looks like what it replaces, and is not. */
const LOOKALIKES: ReadonlyArray<readonly [RegExp, string]> = [
  [/a/g, '\u0430'],
  [/e/g, 'e\u0301'],
  [/i/g, '\u0131'],
  [/-/g, '\u2011'],
  [/o/g, 'o\u200d'],
  [/\//g, '\u2215'],
];

/** One place, by chance, at which `pattern` matches; `undefined` for none. */
function placeOf(text: string, pattern: RegExp, random: Random): { readonly at: number; readonly end: number } | undefined {
  const matches = [...text.matchAll(pattern)];
  const match = matches[below(random, matches.length)];
  return match && { at: match.index, end: match.index + match[0].length };
}

/** A file that somebody wrote in order to break its reader: what JSON allows and nobody expects. */
export function hostileText(text: string, random: Random): string {
  const splice = (pattern: RegExp, replacement: string): string => {
    const place = placeOf(text, pattern, random);
    return place ? text.slice(0, place.at) + replacement + text.slice(place.end) : text;
  };
  const pick = <T>(items: readonly T[]): T | undefined => items[below(random, items.length)];
  const kind = below(random, 8);
  const value = pick(HOSTILE_VALUES) ?? '';
  if (kind === 0) return splice(/:\s*-?\d+(?:\.\d+)?/g, `:${value}`);
  if (kind === 1) return splice(/:\s*"[^"]*"/g, `:${value}`);
  if (kind === 2) return splice(/\{(?=\s*")/g, `{${pick(HOSTILE_FIELDS)},`);
  // Twice the same name: readers differ in which one counts.
  if (kind === 3) return splice(/\{(?=\s*")/g, `{${pick([...text.matchAll(/"\w+"(?=\s*:)/g)])?.[0] ?? '"x"'}:${value},`);
  if (kind === 4) {
    const depth = 2 ** below(random, 14);
    return splice(/:\s*(?:"[^"]*"|-?\d+)/g, `:${'['.repeat(depth)}${']'.repeat(depth)}`);
  }
  if (kind === 5) return splice(/:\s*"[^"]*"/g, `:"${'\u00e9x'.repeat(2 ** below(random, 15))}"`);
  const [pattern, lookalike] = pick(LOOKALIKES) ?? [/x/g, 'y'];
  if (kind === 6) return splice(pattern, lookalike);
  return `${pick(['\ufeff', '\u00a0', '/* */', '[', '\n'])}${text}`;
}

/** A file that was damaged on its way, or by somebody without keys. */
export function mutatedText(text: string, random: Random): string {
  const at = below(random, text.length);
  const kind = below(random, 6);
  if (kind === 0) return text.slice(0, at);
  if (kind === 1) return text.slice(0, at) + String.fromCharCode(below(random, 256)) + text.slice(at + 1);
  if (kind === 2) return text.slice(0, at) + text.slice(at + 1 + below(random, 40));
  if (kind === 3) return text + text.slice(at);
  if (kind === 4) return text.slice(0, at) + text.slice(at).split('').reverse().join('');
  return JSON.stringify(mutated(JSON.parse(text), random));
}
