/**
 * 256 numbers that look random, one for each byte, of the rolling hash that finds cuts. Made by splitmix32 from a fixed seed: they
 * are part of the format, since another table would cut every file at other places and share nothing with what is published.
 */
export const GEAR: Int32Array = Int32Array.from({ length: 256 }, (_, index) => splitmix32(index + 1));

function splitmix32(position: number): number {
  let z = Math.imul(position, 0x9e37_79b9);
  z = Math.imul(z ^ (z >>> 16), 0x21f0_aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a_2d97);
  return z ^ (z >>> 15);
}
