const LENGTH_DELIMITED = 2;
/** Field numbers of onnx.proto. */
const MODEL = { producerName: 2, graph: 7 } as const;
const GRAPH = { node: 1, initializer: 5, output: 12 } as const;
const NODE_INPUT = 1;
const TENSOR = { name: 8, dataLocation: 14 } as const;
const VALUE_NAME = 1;
const EXTERNAL = 1;

/**
 * How many tensors of an `.onnx` file's graph lie beside it and are used by it, which is how often the runtime asks for one before it does anything
 * with them. What it does not use it drops unread. Subgraphs are left out.
 * @param graph bytes of a `ModelProto`, well-formed
 */
export function externalWeightCount(graph: Uint8Array): number {
  const external = new Set<string>();
  const used = new Set<string>();
  for (const model of fieldsOf(graph)) {
    if (model.number !== MODEL.graph || !model.bytes) continue;
    for (const { number, bytes } of fieldsOf(model.bytes)) {
      if (!bytes) continue;
      if (number === GRAPH.initializer && isExternal(bytes)) external.add(nameIn(bytes, TENSOR.name));
      else if (number === GRAPH.output) used.add(nameIn(bytes, VALUE_NAME));
      else if (number === GRAPH.node)
        for (const field of fieldsOf(bytes)) if (field.number === NODE_INPUT && field.bytes) used.add(decode(field.bytes));
    }
  }
  return [...external].filter((name) => used.has(name)).length;
}

/** Who made an `.onnx` file, as it says itself. */
export const producerOf = (graph: Uint8Array): string => nameIn(graph, MODEL.producerName);

interface Field {
  readonly number: number;
  /** Of a varint. */
  readonly value?: number;
  /** Of what has a length. */
  readonly bytes?: Uint8Array;
}

/** Field by field, without a copy, so that weights within a graph cost nothing. */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.byteLength) {
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (type === 0) yield { number, value: varint() };
    else if (type === LENGTH_DELIMITED) {
      const length = varint();
      yield { number, bytes: message.subarray(at, at + length) };
      at += length;
    } else at += type === 1 ? 8 : 4;
  }
}

function isExternal(tensor: Uint8Array): boolean {
  for (const { number, value } of fieldsOf(tensor)) if (number === TENSOR.dataLocation) return value === EXTERNAL;
  return false;
}

function nameIn(message: Uint8Array, field: number): string {
  for (const { number, bytes } of fieldsOf(message)) if (number === field && bytes) return decode(bytes);
  return '';
}

const decoder = new TextDecoder();
const decode = (bytes: Uint8Array): string => decoder.decode(bytes);
