import type { GgufCursor } from './ggufCursor.ts';
import { refused } from './ggufError.ts';

/** A text that was passed over: some files carry what other programs read, as a whole `tokenizer.json`. */
interface LongText {
  readonly textBytes: number;
}

export type GgufValue = number | boolean | string | LongText | readonly number[] | readonly string[] | readonly boolean[];

/** Numbers of `enum gguf_metadata_value_type`. */
export const VALUE_TYPES = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

const KEY_BYTES = 65_535;
/** Chat templates are the longest texts that are read of a header, at most some tens of kilobytes. */
const TEXT_BYTES = 1024 * 1024;
/** In all arrays of a file. The largest vocabularies have 262,144 pieces and half a million merges. */
const MAX_ELEMENTS = 4_000_000;

const NUMBERS: ReadonlyMap<number, (cursor: GgufCursor) => number> = new Map([
  [VALUE_TYPES.uint8, (cursor) => cursor.u8()],
  [VALUE_TYPES.int8, (cursor) => cursor.i8()],
  [VALUE_TYPES.uint16, (cursor) => cursor.u16()],
  [VALUE_TYPES.int16, (cursor) => cursor.i16()],
  [VALUE_TYPES.uint32, (cursor) => cursor.u32()],
  [VALUE_TYPES.int32, (cursor) => cursor.i32()],
  [VALUE_TYPES.float32, (cursor) => cursor.f32()],
  [VALUE_TYPES.uint64, (cursor) => cursor.u64()],
  [VALUE_TYPES.int64, (cursor) => cursor.i64()],
  [VALUE_TYPES.float64, (cursor) => cursor.f64()],
] as const satisfies ReadonlyArray<readonly [number, (cursor: GgufCursor) => number]>);

interface Span {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** What a GGUF file says of itself. A value of another type than its key has in the format refuses the file. */
export class GgufMetadata {
  constructor(
    private readonly values: ReadonlyMap<string, GgufValue>,
    /** Where type and value of each lie in the file. */
    readonly spans: ReadonlyMap<string, Span> = new Map(),
  ) {}

  /** Reads as many pairs of key and value. */
  static read(cursor: GgufCursor, count: number): GgufMetadata {
    const values = new Map<string, GgufValue>();
    const spans = new Map<string, Span>();
    const budget = { elements: MAX_ELEMENTS };
    for (let i = 0; i < count; i++) {
      const key = cursor.text(KEY_BYTES, 'the name of a value');
      if (values.has(key)) throw refused('malformed', `${quoted(key)} is there twice`);
      const { offsetBytes } = cursor;
      values.set(key, readValue(cursor, key, budget));
      spans.set(key, { offsetBytes, sizeBytes: cursor.offsetBytes - offsetBytes });
    }
    return new GgufMetadata(values, spans);
  }

  keys(): Iterable<string> {
    return this.values.keys();
  }

  number(key: string): number | undefined {
    const value = this.values.get(key);
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
    throw wrongType(key, 'number');
  }

  /** A size or an id: a whole number that is not negative. */
  count(key: string): number | undefined {
    const value = this.number(key);
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return value;
    throw wrongType(key, 'whole number');
  }

  text(key: string): string | undefined {
    const value = this.values.get(key);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'object' && 'textBytes' in value) throw refused('too_large', `${quoted(key)} is ${value.textBytes} bytes long`);
    throw wrongType(key, 'text');
  }

  flag(key: string): boolean | undefined {
    const value = this.values.get(key);
    if (value === undefined || typeof value === 'boolean') return value;
    throw wrongType(key, 'yes or no');
  }

  texts(key: string): readonly string[] | undefined {
    return this.#list(key, 'list of texts', (item) => typeof item === 'string');
  }

  numbers(key: string): readonly number[] | undefined {
    return this.#list(key, 'list of numbers', (item) => typeof item === 'number');
  }

  isList(key: string): boolean {
    return Array.isArray(this.values.get(key));
  }

  flags(key: string): readonly boolean[] | undefined {
    return this.#list(key, 'list of yes and no', (item) => typeof item === 'boolean');
  }

  #list<T extends string | number | boolean>(key: string, expected: string, is: (item: unknown) => item is T): readonly T[] | undefined {
    const value = this.values.get(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw wrongType(key, expected);
    const items: readonly unknown[] = value;
    if (items.every(is)) return items;
    throw wrongType(key, expected);
  }
}

const wrongType = (key: string, expected: string) => refused('malformed', `${quoted(key)} is no ${expected}`);

/** Names come from the file: shown short, and on one line. */
export const quoted = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

function readValue(cursor: GgufCursor, key: string, budget: { elements: number }): GgufValue {
  const type = cursor.u32();
  if (type !== VALUE_TYPES.array) return readScalar(cursor, key, type);
  const itemType = cursor.u32();
  const count = cursor.u64();
  // Every element takes a byte at least: refused before anything of that length is made.
  if (count > cursor.restBytes) throw refused('truncated', `${quoted(key)} has ${count} elements and the file ends before`);
  budget.elements -= count;
  if (budget.elements < 0) throw refused('too_large', `its lists have more than ${MAX_ELEMENTS} elements`);
  if (itemType === VALUE_TYPES.string) return filled(count, () => cursor.text(TEXT_BYTES, quoted(key)));
  if (itemType === VALUE_TYPES.bool) return filled(count, () => cursor.u8() !== 0);
  const read = NUMBERS.get(itemType);
  if (!read) throw refused('malformed', `${quoted(key)} is a list of type ${itemType}, which the format does not have`);
  return filled(count, () => read(cursor));
}

function readScalar(cursor: GgufCursor, key: string, type: number): GgufValue {
  if (type === VALUE_TYPES.string) {
    const text = cursor.textOrLength(TEXT_BYTES, quoted(key));
    return typeof text === 'number' ? { textBytes: text } : text;
  }
  if (type === VALUE_TYPES.bool) return cursor.u8() !== 0;
  const read = NUMBERS.get(type);
  if (read) return read(cursor);
  throw refused('malformed', `${quoted(key)} is of type ${type}, which the format does not have`);
}

function filled<T>(count: number, read: () => T): T[] {
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(read());
  return items;
}
