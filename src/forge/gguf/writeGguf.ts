import { VALUE_TYPES } from './ggufMetadata.ts';
import { quantizeTensor, type WrittenType } from './quantizeTensor.ts';
import { TENSOR_TYPES, type TensorType, type TensorTypeName } from './tensorTypes.ts';

const MAGIC = 0x4655_4747;
const VERSION = 3;
const ALIGNMENT = 32;

/** The format tells numbers apart by type, which JavaScript does not. */
export type WrittenValue =
  | { readonly uint32: number }
  | { readonly float32: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly bools: readonly boolean[] }
  | { readonly strings: readonly string[] }
  | { readonly float32s: readonly number[] }
  | { readonly int32s: readonly number[] }
  /** Type and value, as they lie in another file. */
  | { readonly raw: Uint8Array };

export interface WrittenTensor {
  readonly name: string;
  /** `[columns, rows]`, or one length. */
  readonly dims: readonly number[];
  readonly type: WrittenType;
  /** Asked for once, when its turn comes. */
  values(): Float32Array;
}

/** As it lies in another file. */
export interface CopiedTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: TensorTypeName;
  bytes(): Uint8Array;
}

export interface GgufContent {
  readonly metadata: ReadonlyMap<string, WrittenValue>;
  readonly tensors: ReadonlyArray<WrittenTensor | CopiedTensor>;
}

/**
 * Writes a GGUF file of version 3 from front to back, one tensor at a time.
 * @param write takes the next bytes of the file
 */
export function writeGguf({ metadata, tensors }: GgufContent, write: (bytes: Uint8Array) => void): void {
  const header = new Bytes();
  header.u32(MAGIC);
  header.u32(VERSION);
  header.u64(tensors.length);
  header.u64(metadata.size);
  for (const [key, value] of metadata) {
    header.text(key);
    writeValue(header, value);
  }
  let offset = 0;
  for (const { name, dims, type } of tensors) {
    header.text(name);
    header.u32(dims.length);
    for (const side of dims) header.u64(side);
    header.u32(TENSOR_TYPES[type].id);
    header.u64(offset);
    offset += aligned(sizeOf(dims, TENSOR_TYPES[type]));
  }
  write(padded(header.all()));
  for (const tensor of tensors) write(padded('bytes' in tensor ? tensor.bytes() : quantizeTensor(tensor.type, tensor.values())));
}

const sizeOf = (dims: readonly number[], type: TensorType): number =>
  (dims.reduce((product, side) => product * side, 1) / type.blockSize) * type.blockBytes;

const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength % ALIGNMENT === 0) return bytes;
  const longer = new Uint8Array(aligned(bytes.byteLength));
  longer.set(bytes);
  return longer;
}

function writeValue(bytes: Bytes, value: WrittenValue): void {
  if ('uint32' in value) bytes.tagged(VALUE_TYPES.uint32).u32(value.uint32);
  else if ('float32' in value) bytes.tagged(VALUE_TYPES.float32).f32(value.float32);
  else if ('bool' in value) bytes.tagged(VALUE_TYPES.bool).u8(value.bool ? 1 : 0);
  else if ('string' in value) bytes.tagged(VALUE_TYPES.string).text(value.string);
  else if ('bools' in value) bytes.list(VALUE_TYPES.bool, value.bools, (item) => bytes.u8(item ? 1 : 0));
  else if ('strings' in value) bytes.list(VALUE_TYPES.string, value.strings, (item) => bytes.text(item));
  else if ('float32s' in value) bytes.list(VALUE_TYPES.float32, value.float32s, (item) => bytes.f32(item));
  else if ('int32s' in value) bytes.list(VALUE_TYPES.int32, value.int32s, (item) => bytes.u32(item >>> 0));
  else bytes.raw(value.raw);
}

/** Little-endian bytes that grow. */
class Bytes {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  u8(value: number): void {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }
  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
  }
  f32(value: number): void {
    const at = this.#grow(4);
    this.#view.setFloat32(at, value, true);
  }
  u64(value: number): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, BigInt(value), true);
  }
  text(value: string): void {
    const utf8 = new TextEncoder().encode(value);
    this.u64(utf8.byteLength);
    this.raw(utf8);
  }
  raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.byteLength);
    this.#bytes.set(bytes, at);
  }
  tagged(type: number): this {
    this.u32(type);
    return this;
  }
  list<T>(type: number, items: readonly T[], write: (item: T) => void): void {
    this.tagged(VALUE_TYPES.array).tagged(type).u64(items.length);
    for (const item of items) write(item);
  }
  all(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  #grow(length: number): number {
    const at = this.#end;
    this.#end += length;
    if (this.#end > this.#bytes.byteLength) {
      const longer = new Uint8Array(Math.max(this.#end, 2 * this.#bytes.byteLength));
      longer.set(this.#bytes);
      this.#bytes = longer;
      this.#view = new DataView(longer.buffer);
    }
    return at;
  }
}
