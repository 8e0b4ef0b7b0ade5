import type { ByteSource } from './byteSource.ts';

/** A field of a message of bytes: where its payload lies. Numbers have no payload, and their value is not read. */
export interface WireField {
  readonly number: number;
  /** Of its tag. */
  readonly startBytes: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

const VARINT_BYTES = 10;
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/**
 * Walks over a protobuf message in a file, reading nothing but the tags and lengths of its fields: a graph of gigabytes is passed in
 * milliseconds. Wire format of protobuf.dev/programming-guides/encoding.
 * @throws RangeError where the bytes are no such message
 */
export function* wireFields(source: ByteSource, offsetBytes: number, sizeBytes: number): Generator<WireField> {
  const end = offsetBytes + sizeBytes;
  if (end > source.sizeBytes) throw new RangeError('the message is longer than its file');
  for (let at = offsetBytes; at < end; ) {
    const startBytes = at;
    const tag = varint(source, at, end);
    const [wire, number] = [tag.value % 8, Math.floor(tag.value / 8)];
    at = tag.end;
    const length = wire === 2 ? varint(source, at, end) : undefined;
    const payload = length?.end ?? at;
    const size = length?.value ?? FIXED_BYTES[wire] ?? 0;
    const next = wire === 0 ? varint(source, at, end).end : payload + size;
    if (wire === 3 || wire === 4 || wire > 5 || next > end) throw new RangeError(`no field ends at ${next}`);
    if (wire === 2) yield { number, startBytes, offsetBytes: payload, sizeBytes: size };
    at = next;
  }
}

function varint(source: ByteSource, at: number, end: number): { readonly value: number; readonly end: number } {
  const bytes = source.read(at, Math.min(VARINT_BYTES, end - at));
  let value = 0;
  for (const [index, byte] of bytes.entries()) {
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  throw new RangeError(`no number ends at ${at}`);
}
