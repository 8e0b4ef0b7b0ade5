import { create, toBinary } from '@bufbuild/protobuf';
import { bytesOf, type DataRange, type WeightData, type WeightMaking } from './externalData.ts';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './gen/onnx_pb.ts';
import { halvesOf } from './quantizeHalf.ts';

/** IR 8 goes with opset 18; both are old enough for every ONNX Runtime that has the operators we use. */
const IR_VERSION = 8n;
const OPSET_VERSION = 18n;
export const MICROSOFT = 'com.microsoft';

export const ELEMENT_TYPES = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  uint8: TensorProto_DataType.UINT8,
  int8: TensorProto_DataType.INT8,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
} as const;
export type ElementType = keyof typeof ELEMENT_TYPES;
/** What a graph computes in. */
export type FloatType = Extract<ElementType, 'float32' | 'float16'>;

const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = { float32: 4, float16: 2, uint8: 1, int8: 1, int32: 4, int64: 8 };

export interface WeightPart {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
}

/** ONNX tells an integer attribute from a real one by type, which a JavaScript number does not show. */
export type Attribute = { readonly int: number } | { readonly float: number } | { readonly ints: readonly number[] };

export interface NodeOptions {
  readonly domain?: typeof MICROSOFT;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** Assembles one ONNX graph in the order of calls. Values are known by name; an empty name is an input or output left out. */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];

  constructor(
    private readonly name: string,
    private readonly data: WeightData,
  ) {}

  /** Declares an input of the graph. A text in `dims` names a dimension known only at run time. */
  input(name: string, type: ElementType, dims: ReadonlyArray<number | string>): string {
    this.#inputs.push(valueInfo(name, type, dims));
    return name;
  }

  /** Declares a value, made by a node under that name, as an output of the graph. */
  output(name: string, type: ElementType, dims: ReadonlyArray<number | string>): void {
    this.#outputs.push(valueInfo(name, type, dims));
  }

  /** Adds a node whose outputs get the given names. */
  nodes(op: string, inputs: readonly string[], outputs: readonly string[], options: NodeOptions = {}): void {
    const attribute = Object.entries(options.attributes ?? {}).map(([name, value]) => attributeProto(name, value));
    const name = outputs.find((output) => output !== '') ?? op;
    const domain = options.domain === undefined ? {} : { domain: options.domain };
    this.#nodes.push(create(NodeProtoSchema, { name, opType: op, input: [...inputs], output: [...outputs], attribute, ...domain }));
  }

  /** Adds a node of one output and returns its name. */
  node(op: string, inputs: readonly string[], output: string, options: NodeOptions = {}): string {
    this.nodes(op, inputs, [output], options);
    return output;
  }

  /** A small constant, kept in the `.onnx` itself. */
  constant(name: string, type: 'int64', dims: readonly number[], values: readonly bigint[]): string {
    const rawData = new Uint8Array(BigInt64Array.from(values).buffer);
    this.#initializers.push(create(TensorProtoSchema, { name, dataType: ELEMENT_TYPES[type], dims: dims.map(BigInt), rawData }));
    return name;
  }

  /** A single number, kept in the `.onnx` itself. */
  scalar(name: string, value: number, type: FloatType = 'float32'): string {
    return this.fewFloats(name, type, [], Float32Array.of(value));
  }

  /** A handful of numbers, kept in the `.onnx` itself. */
  fewFloats(name: string, type: FloatType, dims: readonly number[], values: Float32Array): string {
    const rawData = new Uint8Array(bytesOf(floatsOf(type, values)));
    this.#initializers.push(create(TensorProtoSchema, { name, dataType: ELEMENT_TYPES[type], dims: dims.map(BigInt), rawData }));
    return name;
  }

  /** Numbers as a weight of either type. */
  floats(name: string, type: FloatType, dims: readonly number[], values: Float32Array): string {
    this.weight(name, type, dims, floatsOf(type, values));
    return name;
  }

  /** The same of many, worked out when they are written. */
  madeFloats(name: string, type: FloatType, dims: readonly number[], make: () => Float32Array): string {
    const range = this.data.appendLater(sizeOf(type, dims), () => bytesOf(floatsOf(type, make())));
    this.alias(name, type, dims, range);
    return name;
  }

  /** A weight, kept in the external data. The range can be given to `alias`. */
  weight(name: string, type: ElementType, dims: readonly number[], values: ArrayBufferView): DataRange {
    const range = this.data.append(bytesOf(values));
    this.alias(name, type, dims, range);
    return range;
  }

  /** Weights that come of one computation, in the order of `parts`. It may be done later, and more than once. */
  madeWeights(name: string, parts: readonly WeightPart[], making: WeightMaking): DataRange[] {
    const sizes = parts.map(({ type, dims }) => sizeOf(type, dims));
    const ranges = this.data.appendMade(name, sizes, making);
    for (const [index, part] of parts.entries()) {
      const range = ranges[index];
      if (range) this.alias(part.name, part.type, part.dims, range);
    }
    return ranges;
  }

  /** Another view of bytes that are in the external data already: two operators may want one weight in two shapes. */
  alias(name: string, type: ElementType, dims: readonly number[], range: DataRange): void {
    const externalData = [
      { key: 'location', value: this.data.location },
      { key: 'offset', value: String(range.offsetBytes) },
      { key: 'length', value: String(range.sizeBytes) },
    ];
    const dataLocation = TensorProto_DataLocation.EXTERNAL;
    this.#initializers.push(
      create(TensorProtoSchema, { name, dataType: ELEMENT_TYPES[type], dims: dims.map(BigInt), dataLocation, externalData }),
    );
  }

  /** The bytes of the `.onnx` file. */
  build(producer: { readonly name: string; readonly version: string }): Uint8Array {
    const model = create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: producer.name,
      producerVersion: producer.version,
      opsetImport: [
        { domain: '', version: OPSET_VERSION },
        { domain: MICROSOFT, version: 1n },
      ],
      graph: {
        name: this.name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
    });
    return toBinary(ModelProtoSchema, model);
  }
}

const sizeOf = (type: ElementType, dims: readonly number[]): number => dims.reduce((product, side) => product * side, ELEMENT_BYTES[type]);

const floatsOf = (type: FloatType, values: Float32Array): ArrayBufferView => (type === 'float32' ? values : halvesOf(values));

function valueInfo(name: string, type: ElementType, dims: ReadonlyArray<number | string>): ValueInfoProto {
  const dim = dims.map((size) => ({
    value: typeof size === 'number' ? { case: 'dimValue' as const, value: BigInt(size) } : { case: 'dimParam' as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: ELEMENT_TYPES[type], shape: { dim } } } },
  });
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  if ('int' in value) return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value.int) });
  if ('float' in value) return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.ints.map(BigInt) });
}
