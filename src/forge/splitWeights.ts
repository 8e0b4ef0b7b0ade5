import { joined } from '../core/joinedBytes.ts';
import type { ByteSource } from './byteSource.ts';
import { type WireField, wireFields } from './wireFields.ts';

/** Field numbers of `src/forge/gen/onnx.proto`. */
const GRAPH = 7;
const INITIALIZER = 5;
const RAW_DATA = 9;
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;
const EXTERNAL = 1;
const [KEY, VALUE] = [1, 2];

/** Smaller ones stay: shapes and constants among them are wanted before any weight is read. */
const MIN_WEIGHT_BYTES = 16 * 1024;

/**
 * The graph of an ONNX file without its large weights, which are said to lie where they are: in the file itself, under another name. So a file
 * that holds everything is loaded tensor by tensor, as one with external data is, and nothing of it is copied or stored again.
 * @param location under which the whole file will be found beside the graph
 * @returns undefined where the file has no large weights of its own
 * @throws RangeError where the file is no ONNX model
 */
export function splitWeights(source: ByteSource, location: string): Uint8Array<ArrayBuffer> | undefined {
  const out = new WireWriter(source);
  let moved = 0;
  const model: WireField = { number: 0, startBytes: 0, offsetBytes: 0, sizeBytes: source.sizeBytes };
  const rewritten = out.rewritten(model, GRAPH, (graph) =>
    out.rewritten(graph, INITIALIZER, (tensor) => {
      const raw = [...wireFields(source, tensor.offsetBytes, tensor.sizeBytes)].find(({ number }) => number === RAW_DATA);
      if (!raw || raw.sizeBytes < MIN_WEIGHT_BYTES) return undefined;
      moved += 1;
      const entries = { location, offset: String(raw.offsetBytes), length: String(raw.sizeBytes) };
      return [
        ...out.without(tensor, raw),
        ...Object.entries(entries).flatMap(([key, value]) =>
          field(EXTERNAL_DATA, [...field(KEY, [text(key)]), ...field(VALUE, [text(value)])]),
        ),
        Uint8Array.of(...varint(DATA_LOCATION * 8), EXTERNAL),
      ];
    }),
  );
  return moved === 0 || !rewritten ? undefined : joined(rewritten);
}

/** Puts messages together of parts of a file and of new bytes. */
class WireWriter {
  constructor(private readonly source: ByteSource) {}

  /** A message with fields of one number replaced; undefined where none is. @param replace the parts of the new payload, if it is another */
  rewritten(message: WireField, number: number, replace: (field: WireField) => Uint8Array[] | undefined): Uint8Array[] | undefined {
    const parts: Uint8Array[] = [];
    let from = message.offsetBytes;
    let changed = false;
    for (const each of wireFields(this.source, message.offsetBytes, message.sizeBytes)) {
      const payload = each.number === number ? replace(each) : undefined;
      if (!payload) continue;
      parts.push(...this.between(from, each.startBytes), ...field(number, payload));
      from = each.offsetBytes + each.sizeBytes;
      changed = true;
    }
    return changed ? [...parts, ...this.between(from, message.offsetBytes + message.sizeBytes)] : undefined;
  }

  without(message: WireField, dropped: WireField): Uint8Array[] {
    return [
      ...this.between(message.offsetBytes, dropped.startBytes),
      ...this.between(dropped.offsetBytes + dropped.sizeBytes, message.offsetBytes + message.sizeBytes),
    ];
  }

  between(from: number, to: number): Uint8Array[] {
    return to > from ? [this.source.read(from, to - from)] : [];
  }
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function field(number: number, payload: readonly Uint8Array[]): Uint8Array[] {
  const sizeBytes = payload.reduce((sum, part) => sum + part.length, 0);
  return [Uint8Array.from([...varint(number * 8 + 2), ...varint(sizeBytes)]), ...payload];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}
