/** Deeper data is no metadata: it is there to exhaust the stack. */
const MAX_DEPTH = 64;

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/**
 * OLPC canonical JSON, over which TUF metadata is signed: keys in order of their UTF-16 units, integers only, and nothing escaped
 * but quotes and back-slashes. Not RFC 8785, by which manifests are named. http://wiki.laptop.org/go/Canonical_JSON
 * @throws TypeError for what has no such form: fractions, absent values, nesting past 64 levels
 */
export function canonicalJson(data: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new TypeError('nested too deeply');
  if (typeof data === 'string') return quoted(data);
  if (data === null || typeof data === 'boolean' || Number.isSafeInteger(data)) return JSON.stringify(data);
  if (Array.isArray(data)) return `[${data.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  if (typeof data !== 'object') throw new TypeError('only integers, text, lists and objects have a canonical form');
  const fields = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, value]) => `${quoted(name)}:${canonicalJson(value, depth + 1)}`).join(',')}}`;
}
