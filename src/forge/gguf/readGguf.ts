import type { ByteSource } from '../byteSource.ts';
import { GgufCursor } from './ggufCursor.ts';
import { refused } from './ggufError.ts';
import { GgufMetadata, quoted } from './ggufMetadata.ts';
import { nameOfUnread, TENSOR_TYPES, type TensorType, tensorTypeOf } from './tensorTypes.ts';

/** "GGUF", little-endian. */
const MAGIC = 0x4655_4747;
const VERSIONS: readonly number[] = [2, 3];
/** The headers of the largest vocabularies have 12 MB. */
const HEADER_BYTES = 64 * 1024 * 1024;
const MAX_VALUES = 65_536;
const MAX_TENSORS = 65_536;
const MAX_DIMENSIONS = 4;
const NAME_BYTES = 4096;
const DEFAULT_ALIGNMENT = 32;
const MAX_ALIGNMENT = 65_536;
/** `GGML_MAX_DIMS` apart, no side of a model's tensor comes near: it keeps every product of two exact. */
const MAX_SIDE = 2 ** 31;

export interface GgufTensor {
  readonly name: string;
  /** Longest-running first, as in the file: a matrix is `[columns, rows]`. */
  readonly dims: readonly number[];
  readonly type: TensorType;
  readonly sizeBytes: number;
  /** A stretch of its bytes; the whole tensor where nothing is given. */
  read(offsetBytes?: number, lengthBytes?: number): Uint8Array;
}

export interface Gguf {
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** Type and value of each key, as they lie in the file: what is copied keeps types that a number does not tell. */
  rawMetadata(): Map<string, Uint8Array>;
}

/**
 * Reads the headers of a GGUF file (versions 2 and 3, ggml's docs/gguf.md), given whole or as all parts of a split one in any order.
 * Weights are not read. Time and memory are bounded by the sizes above, whatever the file says.
 * @throws SillError `invalid_request` whose `details.reason` is a `GgufFault`
 */
export function readGguf(sources: readonly ByteSource[]): Gguf {
  const parts = sources.map(readPart);
  const [first] = parts;
  if (first === undefined) throw refused('incomplete', 'no file was given');
  const count = first.metadata.count('split.count') ?? 0;
  if (count <= 1) {
    if (parts.length > 1) throw refused('several', `${parts.length} files were given, and the first is whole by itself`);
    return first;
  }
  return joined(parts, count);
}

function joined(parts: readonly Gguf[], count: number): Gguf {
  const byNumber = new Map<number, Gguf>();
  for (const part of parts) {
    const number = part.metadata.count('split.no');
    if (number === undefined || number >= count || part.metadata.count('split.count') !== count || byNumber.has(number)) {
      throw refused('several', 'the parts that were given do not belong together');
    }
    byNumber.set(number, part);
  }
  const first = byNumber.get(0);
  if (byNumber.size !== count || !first) throw refused('incomplete', `${byNumber.size} of its ${count} parts were given`);
  const tensors = new Map<string, GgufTensor>();
  for (const [, part] of [...byNumber].sort(([a], [b]) => a - b)) {
    for (const [name, tensor] of part.tensors) {
      if (tensors.has(name)) throw refused('several', `${quoted(name)} is in two of its parts`);
      tensors.set(name, tensor);
    }
  }
  const stated = first.metadata.count('split.tensors.count');
  if (stated !== undefined && stated !== tensors.size) {
    throw refused('several', `its parts have ${tensors.size} tensors, and ${stated} were split`);
  }
  return { ...first, tensors };
}

function readPart(source: ByteSource): Gguf {
  const cursor = new GgufCursor(source, HEADER_BYTES);
  if (source.sizeBytes < 4 || cursor.u32() !== MAGIC) throw refused('not_gguf', 'it does not begin like one');
  const version = cursor.u32();
  if (!VERSIONS.includes(version)) {
    const swapped = version >>> 24 > 0 ? 'written for big-endian machines' : `of version ${version}, and Sill reads 2 and 3`;
    throw refused('unsupported', `it is ${swapped}`);
  }
  const tensorCount = cursor.u64();
  const valueCount = cursor.u64();
  if (tensorCount > MAX_TENSORS) throw refused('too_large', `it says that it has ${tensorCount} tensors`);
  if (valueCount > MAX_VALUES) throw refused('too_large', `it says that it has ${valueCount} values`);
  const metadata = GgufMetadata.read(cursor, valueCount);
  const found: TensorInfo[] = [];
  for (let i = 0; i < tensorCount; i++) found.push(readTensorInfo(cursor));
  const alignment = metadata.count('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (alignment < 8 || alignment > MAX_ALIGNMENT || !Number.isInteger(Math.log2(alignment))) {
    throw refused('malformed', `its tensors lie at multiples of ${alignment}`);
  }
  const dataStart = Math.ceil(cursor.offsetBytes / alignment) * alignment;
  return {
    metadata,
    tensors: placed(source, found, dataStart, alignment),
    rawMetadata: () => new Map([...metadata.spans].map(([key, { offsetBytes, sizeBytes }]) => [key, source.read(offsetBytes, sizeBytes)])),
  };
}

type TensorInfo = Omit<GgufTensor, 'read'> & { readonly offsetBytes: number };

function readTensorInfo(cursor: GgufCursor): TensorInfo {
  const name = cursor.text(NAME_BYTES, 'the name of a tensor');
  const dimensions = cursor.u32();
  if (dimensions > MAX_DIMENSIONS) throw refused('malformed', `${quoted(name)} has ${dimensions} dimensions`);
  const dims = Array.from({ length: dimensions }, () => cursor.u64());
  const elements = dims.reduce((product, side) => product * side, 1);
  if (!dims.every((side) => side >= 1 && side <= MAX_SIDE) || !Number.isSafeInteger(elements)) {
    throw refused('too_large', `${quoted(name)} measures ${dims.join(' × ')}`);
  }
  const typeId = cursor.u32();
  const type = tensorTypeOf(typeId);
  if (!type) throw unread(name, typeId);
  const columns = dims[0] ?? 1;
  if (columns % type.blockSize !== 0) {
    throw refused('malformed', `rows of ${columns} numbers in ${quoted(name)} do not divide into blocks of ${type.blockSize}`);
  }
  return { name, dims, type, sizeBytes: (elements / type.blockSize) * type.blockBytes, offsetBytes: cursor.u64() };
}

const unread = (name: string, typeId: number) =>
  refused(
    'unsupported',
    `${quoted(name)} is quantised as ${nameOfUnread(typeId)}, and Sill reads ${Object.keys(TENSOR_TYPES).join(', ')}; of the same model, a file in ` +
      'Q4_K_M, Q5_K_M or Q8_0 has no others',
  );

/** Tensors with their place in the file, once it is sure that each lies in it, where the format allows, and apart from the others. */
function placed(source: ByteSource, found: readonly TensorInfo[], dataStart: number, alignment: number): Map<string, GgufTensor> {
  let end = 0;
  let previous = '';
  for (const { name, offsetBytes, sizeBytes } of [...found].sort((a, b) => a.offsetBytes - b.offsetBytes)) {
    if (offsetBytes % alignment !== 0) throw refused('malformed', `${quoted(name)} lies at ${offsetBytes}, no multiple of ${alignment}`);
    if (offsetBytes < end) throw refused('malformed', `${quoted(previous)} and ${quoted(name)} lie over each other`);
    end = offsetBytes + sizeBytes;
    previous = name;
    if (dataStart + end > source.sizeBytes) {
      throw refused('truncated', `${quoted(name)} ends at ${dataStart + end}, and the file has ${source.sizeBytes} bytes`);
    }
  }
  const tensors = new Map<string, GgufTensor>();
  for (const { offsetBytes, ...info } of found) {
    if (tensors.has(info.name)) throw refused('malformed', `${quoted(info.name)} is there twice`);
    const read = (offset = 0, length = info.sizeBytes): Uint8Array => source.read(dataStart + offsetBytes + offset, length);
    tensors.set(info.name, { ...info, read });
  }
  return tensors;
}
