import { BLOCK, type BlockMatrix, type KeptBlocks } from '../blockMatrix.ts';
import { lazyMatrix, type Matrix } from '../matrix.ts';
import { refused } from './ggufError.ts';
import { quoted } from './ggufMetadata.ts';
import { half } from './plainBlocks.ts';
import type { GgufTensor } from './readGguf.ts';
import { dequantizeInto, TENSOR_TYPES } from './tensorTypes.ts';

/** Bytes of blocks that are turned into numbers in one go: what is read stays small beside what comes of it. */
const STRETCH_BYTES = 4 * 1024 * 1024;

/** All numbers of a tensor, read in stretches. */
export function tensorValues(tensor: GgufTensor): Float32Array {
  const values = new Float32Array((tensor.sizeBytes / tensor.type.blockBytes) * tensor.type.blockSize);
  readValues(tensor, 0, tensor.sizeBytes, values);
  return values;
}

/** @throws SillError `invalid_request` whose `details.reason` is `malformed` where one is no number, or infinite */
function readValues({ name, type, read }: GgufTensor, fromBytes: number, endBytes: number, into: Float32Array): void {
  const stretch = Math.floor(STRETCH_BYTES / type.blockBytes) * type.blockBytes;
  let end = 0;
  for (let at = fromBytes; at < endBytes; at += stretch) {
    const from = end;
    end += dequantizeInto(type, read(at, Math.min(stretch, endBytes - at)), into, end);
    // All numbers of a block have its scale: where that is none, so is the first of them.
    refuseUnreal(name, into, from, end, type.blockSize);
  }
}

/** What was quantised of them would be zeros and lowest levels, of which nothing seems lost. */
function refuseUnreal(name: string, values: Float32Array, from: number, end: number, step: number): void {
  let sum = 0;
  // Zero as long as all are numbers: soon done for a million of them.
  for (let i = from; i < end; i += step) sum += (values[i] as number) * 0;
  if (sum !== 0) throw refused('malformed', `${quoted(name)} has numbers that are none`);
}

/** Some rows of a matrix: whole blocks, since no block goes over the end of a row. */
export function tensorRows(tensor: GgufTensor, from: number, count: number): GgufTensor {
  const [columns = 0, rows = 0] = tensor.dims;
  const rowBytes = tensor.sizeBytes / rows;
  const sizeBytes = count * rowBytes;
  const read = (offset = 0, length = sizeBytes): Uint8Array => tensor.read(from * rowBytes + offset, length);
  return { ...tensor, dims: [columns, count], sizeBytes, read };
}

/** A tensor of two dimensions, read row by row when its values are asked for. Q4_0 and Q8_0 can be had as the blocks that they are. */
export function tensorMatrix(tensor: GgufTensor): Matrix {
  const [columns = 0, rows = 0] = tensor.dims;
  const rowBytes = (columns / tensor.type.blockSize) * tensor.type.blockBytes;
  const read = (from: number, count: number, into: Float32Array) => readValues(tensor, from * rowBytes, (from + count) * rowBytes, into);
  return lazyMatrix(rows, columns, read, keptBlocks(tensor));
}

function keptBlocks(tensor: GgufTensor): KeptBlocks | undefined {
  const [, rows = 0] = tensor.dims;
  const reader =
    (pack: Packer) =>
    (from = 0, count = rows) =>
      repacked(tensorRows(tensor, from, count), pack);
  if (tensor.type === TENSOR_TYPES.Q4_0) return { bits: 4, read: reader(packQ4) };
  if (tensor.type === TENSOR_TYPES.Q8_0) return { bits: 8, read: reader(packQ8) };
  return undefined;
}

type Packer = (bytes: Uint8Array, from: number, packed: Uint8Array, to: number) => number;

/** From ggml's blocks, scale first, to the runtime's, scales apart. */
function repacked({ name, type, sizeBytes, read }: GgufTensor, pack: Packer): BlockMatrix {
  const bytes = read();
  const count = sizeBytes / type.blockBytes;
  const packed = new Uint8Array(count * (type.blockBytes - 2));
  const scales = new Float32Array(count);
  for (let block = 0, end = 0; block < count; block++) {
    scales[block] = half(bytes, block * type.blockBytes);
    end = pack(bytes, block * type.blockBytes + 2, packed, end);
  }
  refuseUnreal(name, scales, 0, count, 1);
  return { packed, scales };
}

/** ggml pairs a level with the one half a block later, the runtime with the next. Both store it plus 8. */
const packQ4: Packer = (bytes, from, packed, to) => {
  for (let i = 0; i < BLOCK; i += 2) {
    const at = from + (i % (BLOCK / 2));
    const shift = i < BLOCK / 2 ? 0 : 4;
    const [first, second] = [(bytes[at] as number) >> shift, (bytes[at + 1] as number) >> shift];
    packed[to++] = (first & 15) | ((second & 15) << 4);
  }
  return to;
};

/** ggml's levels are signed, the runtime's lie 128 higher. */
const packQ8: Packer = (bytes, from, packed, to) => {
  for (let i = 0; i < BLOCK; i++) packed[to++] = (bytes[from + i] as number) ^ 0x80;
  return to;
};
