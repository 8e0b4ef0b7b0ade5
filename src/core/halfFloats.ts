let table: Float32Array | undefined;

/** Every 16-bit float (IEEE 754 binary16) by its bits: 256 KiB, made when first asked for. */
export function halves(): Float32Array {
  table ??= Float32Array.from({ length: 0x1_0000 }, (_, bits) => fromBits(bits));
  return table;
}

function fromBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

const number = new Float32Array(1);
const bitsOf = new Uint32Array(number.buffer);

/** The bits of the nearest 16-bit float, ties to even. */
export function toHalf(value: number): number {
  number[0] = value;
  const bits = bitsOf[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  // From the half-way point above 65504 on.
  if (magnitude >= 0x477f_f000) return sign | 0x7c00;
  const exponent = magnitude >>> 23;
  // Below 2^-14 a half has no leading one of its own and steps of 2^-24.
  if (exponent < 113) return sign | roundToEven(Math.abs(number[0] as number) * 2 ** 24);
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x3800_0000) >>> 13);
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
