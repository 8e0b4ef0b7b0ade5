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
  const copy: Record<string, unknown> = structuredClone({ data });
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
