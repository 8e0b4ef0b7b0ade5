import { halves } from '../../core/halfFloats.ts';

/** Turns the block that begins at `from` into the numbers that it stands for, from `to` on. */
export type Dequantizer = (bytes: Uint8Array, from: number, out: Float32Array, to: number) => void;

export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
export const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
export const half = (bytes: Uint8Array, at: number): number => halves()[u16(bytes, at)] as number;

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);
const fromBits = (value: number): number => {
  bits[0] = value;
  return float[0] as number;
};

export const f32: Dequantizer = (bytes, from, out, to) => {
  out[to] = fromBits(u32(bytes, from));
};

export const f16: Dequantizer = (bytes, from, out, to) => {
  out[to] = half(bytes, from);
};

export const bf16: Dequantizer = (bytes, from, out, to) => {
  out[to] = fromBits(u16(bytes, from) << 16);
};

/** Half a block lies in the low four bits of its bytes, the other half in the high ones. */
const HALF_BLOCK = 16;

export const q4_0: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  for (let i = 0; i < HALF_BLOCK; i++) {
    const pair = bytes[from + 2 + i] as number;
    out[to + i] = scale * ((pair & 15) - 8);
    out[to + HALF_BLOCK + i] = scale * ((pair >> 4) - 8);
  }
};

export const q4_1: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  const least = half(bytes, from + 2);
  for (let i = 0; i < HALF_BLOCK; i++) {
    const pair = bytes[from + 4 + i] as number;
    out[to + i] = Math.fround(scale * (pair & 15)) + least;
    out[to + HALF_BLOCK + i] = Math.fround(scale * (pair >> 4)) + least;
  }
};

export const q5_0: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  const high = u32(bytes, from + 2);
  for (let i = 0; i < HALF_BLOCK; i++) {
    const pair = bytes[from + 6 + i] as number;
    out[to + i] = scale * (((pair & 15) | (((high >>> i) & 1) << 4)) - 16);
    out[to + HALF_BLOCK + i] = scale * (((pair >> 4) | (((high >>> (i + HALF_BLOCK)) & 1) << 4)) - 16);
  }
};

export const q5_1: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  const least = half(bytes, from + 2);
  const high = u32(bytes, from + 4);
  for (let i = 0; i < HALF_BLOCK; i++) {
    const pair = bytes[from + 8 + i] as number;
    out[to + i] = Math.fround(scale * ((pair & 15) | (((high >>> i) & 1) << 4))) + least;
    out[to + HALF_BLOCK + i] = Math.fround(scale * ((pair >> 4) | (((high >>> (i + HALF_BLOCK)) & 1) << 4))) + least;
  }
};

export const q8_0: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  for (let i = 0; i < 2 * HALF_BLOCK; i++) out[to + i] = scale * (((bytes[from + 2 + i] as number) << 24) >> 24);
};
