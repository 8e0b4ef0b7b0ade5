import { IQ2_S_GRID, IQ2_XS_GRID, IQ2_XXS_GRID, IQ3_S_GRID, IQ3_XXS_GRID, IQ4_LEVELS, SIGNS } from './iqGrids.ts';
import { type Dequantizer, half, u16, u32 } from './plainBlocks.ts';

const { fround } = Math;

/** `count` numbers of a grid from `row`, each under its bit of `signs`. */
function signed(grid: Uint8Array, row: number, count: number, signs: number, step: number, out: Float32Array, to: number): void {
  // A product, since no processor foretells which way a sign goes: with a choice, making numbers takes a third longer.
  for (let i = 0; i < count; i++) out[to + i] = fround(step * (grid[row * count + i] as number)) * (1 - 2 * ((signs >> i) & 1));
}

/** The quarter (or half) of a block's scale times an odd number of halves. */
const stepOf = (scale: number, level: number, share: number): number => fround(scale * (0.5 + level)) * share;

export const iq2_xxs: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  for (let group = 0; group < 8; group++) {
    const at = from + 2 + 8 * group;
    const packed = u32(bytes, at + 4);
    const step = stepOf(scale, packed >>> 28, 0.25);
    for (let i = 0; i < 4; i++) {
      const signs = SIGNS[(packed >>> (7 * i)) & 127] as number;
      signed(IQ2_XXS_GRID, bytes[at + i] as number, 8, signs, step, out, to + 32 * group + 8 * i);
    }
  }
};

export const iq2_xs: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  for (let part = 0; part < 32; part++) {
    const packed = u16(bytes, from + 2 + 2 * part);
    // Two parts share four bits of scale.
    const level = ((bytes[from + 66 + (part >> 2)] as number) >> (part & 2 ? 4 : 0)) & 15;
    signed(IQ2_XS_GRID, packed & 511, 8, SIGNS[packed >> 9] as number, stepOf(scale, level, 0.25), out, to + 8 * part);
  }
};

export const iq3_xxs: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  for (let group = 0; group < 8; group++) {
    const packed = u32(bytes, from + 66 + 4 * group);
    const step = stepOf(scale, packed >>> 28, 0.5);
    for (let i = 0; i < 8; i++) {
      const signs = (SIGNS[(packed >>> (7 * (i >> 1))) & 127] as number) >> (i & 1 ? 4 : 0);
      signed(IQ3_XXS_GRID, bytes[from + 2 + 8 * group + i] as number, 4, signs, step, out, to + 32 * group + 4 * i);
    }
  }
};

export const iq2_s: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  for (let part = 0; part < 32; part++) {
    // A row has ten bits, and every sign is written out.
    const high = ((bytes[from + 66 + (part >> 2)] as number) >> (2 * (part & 3))) & 3;
    const level = ((bytes[from + 74 + (part >> 2)] as number) >> (part & 2 ? 4 : 0)) & 15;
    const signs = bytes[from + 34 + part] as number;
    signed(IQ2_S_GRID, (bytes[from + 2 + part] as number) | (high << 8), 8, signs, stepOf(scale, level, 0.25), out, to + 8 * part);
  }
};

export const iq3_s: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  for (let part = 0; part < 64; part++) {
    const high = ((bytes[from + 66 + (part >> 3)] as number) >> (part & 7)) & 1;
    const level = ((bytes[from + 106 + (part >> 4)] as number) >> (part & 8 ? 4 : 0)) & 15;
    const signs = (bytes[from + 74 + (part >> 1)] as number) >> (part & 1 ? 4 : 0);
    const step = fround(scale * (1 + 2 * level));
    signed(IQ3_S_GRID, (bytes[from + 2 + part] as number) | (high << 8), 4, signs, step, out, to + 4 * part);
  }
};

function pairs(bytes: Uint8Array, from: number, step: number, out: Float32Array, to: number): void {
  for (let i = 0; i < 16; i++) {
    const pair = bytes[from + i] as number;
    out[to + i] = step * (IQ4_LEVELS[pair & 15] as number);
    out[to + 16 + i] = step * (IQ4_LEVELS[pair >> 4] as number);
  }
}

export const iq4_nl: Dequantizer = (bytes, from, out, to) => pairs(bytes, from + 2, half(bytes, from), out, to);

export const iq4_xs: Dequantizer = (bytes, from, out, to) => {
  const scale = half(bytes, from);
  const high = u16(bytes, from + 2);
  for (let group = 0; group < 8; group++) {
    const low = ((bytes[from + 4 + (group >> 1)] as number) >> (4 * (group & 1))) & 15;
    const step = fround(scale * ((low | (((high >> (2 * group)) & 3) << 4)) - 32));
    pairs(bytes, from + 8 + 16 * group, step, out, to + 32 * group);
  }
};
