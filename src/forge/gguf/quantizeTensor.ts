import { toHalf } from '../../core/halfFloats.ts';
import { TENSOR_TYPES, type TensorType } from './tensorTypes.ts';

/** The types that Sill writes. */
export type WrittenType = 'F32' | 'F16' | 'Q8_0' | 'Q4_0';

const SIZE = 32;
const { fround } = Math;

/** The numbers in one of ggml's forms, to the bit as its reference code makes them. Rows divide into blocks of 32, or the type is a plain one. */
export function quantizeTensor(name: WrittenType, values: Float32Array): Uint8Array {
  const type: TensorType = TENSOR_TYPES[name];
  const bytes = new Uint8Array((values.length / type.blockSize) * type.blockBytes);
  const view = new DataView(bytes.buffer);
  if (name === 'F32') for (const [i, value] of values.entries()) view.setFloat32(4 * i, value, true);
  else if (name === 'F16') for (const [i, value] of values.entries()) view.setUint16(2 * i, toHalf(value), true);
  else {
    const write = name === 'Q8_0' ? writeQ8 : writeQ4;
    for (let block = 0; block * SIZE < values.length; block++) {
      write(values.subarray(block * SIZE, (block + 1) * SIZE), view, block * type.blockBytes);
    }
  }
  return bytes;
}

function writeQ8(block: Float32Array, view: DataView, at: number): void {
  const scale = fround(block.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127);
  const inverse = scale === 0 ? 0 : fround(1 / scale);
  view.setUint16(at, toHalf(scale), true);
  for (const [i, value] of block.entries()) {
    const scaled = fround(value * inverse);
    // Halves away from zero, as C's roundf.
    view.setInt8(at + 2 + i, Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5));
  }
}

function writeQ4(block: Float32Array, view: DataView, at: number): void {
  const peak = block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  const scale = fround(peak / -8);
  const inverse = scale === 0 ? 0 : fround(1 / scale);
  view.setUint16(at, toHalf(scale), true);
  const level = (i: number): number => Math.min(15, Math.trunc(fround(fround((block[i] as number) * inverse) + 8.5)));
  for (let i = 0; i < SIZE / 2; i++) view.setUint8(at + 2 + i, level(i) | (level(i + SIZE / 2) << 4));
}
