import type { ByteSource } from './byteSource.ts';
import type { DataRange } from './externalData.ts';
import { type WireField, wireFields } from './wireFields.ts';

/** Field numbers of `src/forge/gen/onnx.proto`. */
const GRAPH = 7;
const INITIALIZER = 5;
const RAW_DATA = 9;
const EXTERNAL_DATA = 13;
const [KEY, VALUE] = [1, 2];

export interface TensorLayout {
  /** Weights that lie in the `.onnx` itself. */
  readonly own: readonly DataRange[];
  /** Weights beside it, by the file's name as the `.onnx` states it. */
  readonly external: ReadonlyMap<string, readonly DataRange[]>;
}

/**
 * Where the weights of an ONNX model lie, without reading them. Those of nested graphs are left out.
 * @throws RangeError where the file is no such model
 */
export function readTensorLayout(source: ByteSource): TensorLayout {
  const own: DataRange[] = [];
  const external = new Map<string, DataRange[]>();
  for (const graph of fields(source, { number: 0, startBytes: 0, offsetBytes: 0, sizeBytes: source.sizeBytes }, GRAPH)) {
    for (const tensor of fields(source, graph, INITIALIZER)) {
      const entries = new Map<string, string>();
      for (const field of wireFields(source, tensor.offsetBytes, tensor.sizeBytes)) {
        if (field.number === RAW_DATA) own.push({ offsetBytes: field.offsetBytes, sizeBytes: field.sizeBytes });
        if (field.number === EXTERNAL_DATA) entries.set(text(source, field, KEY), text(source, field, VALUE));
      }
      const location = entries.get('location');
      if (location === undefined) continue;
      const range = { offsetBytes: Number(entries.get('offset') ?? 0), sizeBytes: Number(entries.get('length') ?? 0) };
      if (!Number.isSafeInteger(range.offsetBytes + range.sizeBytes)) throw new RangeError(`a weight lies nowhere in ${location}`);
      external.set(location, [...(external.get(location) ?? []), range]);
    }
  }
  return { own, external };
}

function* fields(source: ByteSource, message: WireField, number: number): Generator<WireField> {
  for (const field of wireFields(source, message.offsetBytes, message.sizeBytes)) if (field.number === number) yield field;
}

function text(source: ByteSource, message: WireField, number: number): string {
  const [field] = fields(source, message, number);
  return field ? new TextDecoder().decode(source.read(field.offsetBytes, field.sizeBytes)) : '';
}
