import { type Dequantizer, half } from './plainBlocks.ts';

/**
 * The `K` types of ggml: 256 numbers a block, in groups that have scales of a few bits, which a 16-bit scale of the block multiplies.
 * Rounded to float32 after each step, as ggml computes.
 */
const { fround } = Math;

export const q2_K: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from + 80);
  const least = half(bytes, from + 82);
  for (let group = 0; group < 16; group++) {
    const packed = bytes[from + group] as number;
    const step = fround(scale * (packed & 15));
    const base = fround(least * (packed >> 4));
    const shift = group & 6;
    const levels = from + 16 + 32 * (group >> 3) + 16 * (group & 1);
    for (let i = 0; i < 16; i++) out[to++] = fround(step * (((bytes[levels + i] as number) >> shift) & 3)) - base;
  }
};

export const q3_K: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from + 108);
  const scales = from + 96;
  for (let group = 0; group < 16; group++) {
    const low = (bytes[scales + (group & 7)] as number) >> (group < 8 ? 0 : 4);
    const high = (bytes[scales + 8 + (group & 3)] as number) >> (2 * (group >> 2));
    const step = fround(scale * (((low & 15) | ((high & 3) << 4)) - 32));
    const shift = group & 6;
    const levels = from + 32 + 32 * (group >> 3) + 16 * (group & 1);
    const mask = 1 << (group >> 1);
    for (let i = 0; i < 16; i++) {
      const level = ((bytes[levels + i] as number) >> shift) & 3;
      out[to++] = step * (level - ((bytes[from + 16 * (group & 1) + i] as number) & mask ? 0 : 4));
    }
  }
};

/** Six bits each of scale and least value for eight groups, in twelve bytes. */
function scaleAndLeast(bytes: Uint8Array, at: number, group: number): readonly [scale: number, least: number] {
  const [a, b] = [bytes[at + group] as number, bytes[at + group + 4] as number];
  if (group < 4) return [a & 63, b & 63];
  const first = bytes[at + group - 4] as number;
  return [(b & 15) | ((first >> 6) << 4), (b >> 4) | ((a >> 6) << 4)];
}

export const q4_K: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  const least = half(bytes, from + 2);
  for (let group = 0; group < 8; group++) {
    const [s, m] = scaleAndLeast(bytes, from + 4, group);
    const [step, base] = [fround(scale * s), fround(least * m)];
    const levels = from + 16 + 32 * (group >> 1);
    const shift = 4 * (group & 1);
    for (let i = 0; i < 32; i++) out[to++] = fround(step * (((bytes[levels + i] as number) >> shift) & 15)) - base;
  }
};

export const q5_K: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  const least = half(bytes, from + 2);
  for (let group = 0; group < 8; group++) {
    const [s, m] = scaleAndLeast(bytes, from + 4, group);
    const [step, base] = [fround(scale * s), fround(least * m)];
    const levels = from + 48 + 32 * (group >> 1);
    const shift = 4 * (group & 1);
    for (let i = 0; i < 32; i++) {
      const high = ((bytes[from + 16 + i] as number) >> group) & 1;
      out[to++] = fround(step * ((((bytes[levels + i] as number) >> shift) & 15) | (high << 4))) - base;
    }
  }
};

export const q6_K: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from + 208);
  for (let group = 0; group < 16; group++) {
    const step = fround(scale * (((bytes[from + 192 + group] as number) << 24) >> 24));
    // Eight groups to a half; within it, two to each pair of high bits.
    const [inHalf, part] = [group >> 3, (group >> 1) & 3];
    const offset = 16 * (group & 1);
    const low = from + 64 * inHalf + 32 * (part & 1) + offset;
    const high = from + 128 + 32 * inHalf + offset;
    for (let i = 0; i < 16; i++) {
      const level = (((bytes[low + i] as number) >> (part < 2 ? 0 : 4)) & 15) | ((((bytes[high + i] as number) >> (2 * part)) & 3) << 4);
      out[to++] = step * (level - 32);
    }
  }
};
