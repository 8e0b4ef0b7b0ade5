/** What a template computes with. `undefined` is Go's nil. */
export type GoValue = string | number | boolean | undefined | readonly GoValue[] | GoRecord;

/** A struct or a map of Go's. */
export interface GoRecord {
  readonly fields: Readonly<Record<string, GoValue>>;
  /** Of a map, in which any name may be asked for; of a struct that is a fault. */
  readonly isMap?: boolean;
  /** As `json` writes it. */
  readonly json: unknown;
}

export const isList = (value: GoValue): value is readonly GoValue[] => Array.isArray(value);
export const isRecord = (value: GoValue): value is GoRecord => typeof value === 'object' && !isList(value);

/** Go's truth: what is empty is false, a struct never is. */
export function isTrue(value: GoValue): boolean {
  if (isList(value)) return value.length > 0;
  if (isRecord(value)) return !value.isMap || Object.keys(value.fields).length > 0;
  return Boolean(value);
}

/** As `fmt.Print` writes it; structs of Ollama's write themselves as JSON. */
export function printed(value: GoValue): string {
  if (value === undefined) return '<no value>';
  if (isList(value)) return value.some((each) => isRecord(each)) ? goJson(jsonOf(value)) : `[${value.map(printed).join(' ')}]`;
  return isRecord(value) ? goJson(value.json) : String(value);
}

export const jsonOf = (value: GoValue): unknown =>
  isList(value) ? value.map(jsonOf) : isRecord(value) ? value.json : value === undefined ? null : value;

const HTML: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** As Go's `json.Marshal` writes it: without blanks, and with what HTML might take for its own escaped. */
export const goJson = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replace(/[<>&\u2028\u2029]/g, (letter) => HTML[letter] ?? letter);

/** Data of any shape, as a map of Go's holds it. */
export function goValue(json: unknown): GoValue {
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return json;
  if (Array.isArray(json)) return json.map(goValue);
  if (typeof json !== 'object' || json === null) return undefined;
  return { fields: Object.fromEntries(Object.entries(json).map(([name, each]) => [name, goValue(each)])), isMap: true, json };
}
