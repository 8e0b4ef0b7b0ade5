import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { halves, toHalf } from '../../core/halfFloats.ts';
import { createRandom } from '../../core/random.ts';
import { dequantize, TENSOR_TYPES } from './tensorTypes.ts';

const CaseSchema = v.object({ blocks: v.string(), values: v.string() });
const { types } = v.parse(
  v.object({ types: v.record(v.string(), CaseSchema) }),
  JSON.parse(readFileSync(new URL('./testing/referenceBlocks.json', import.meta.url), 'utf8')),
);

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(base64, 'base64'));

test.each(Object.values(TENSOR_TYPES).filter(({ name }) => name !== 'F32'))('blocks of $name stand for the numbers of ggml', (type) => {
  const reference = types[type.name];
  const values = dequantize(type, bytesOf(reference?.blocks ?? ''));
  expect(values.length).toBeGreaterThan(0);
  expect(values).toEqual(new Float32Array(bytesOf(reference?.values ?? '').buffer));
});

test.each(Object.values(TENSOR_TYPES))('of a block of $name the first number tells whether all are numbers', (type) => {
  const random = createRandom(type.id);
  let unreal = 0;
  for (let run = 0; run < 500; run++) {
    const block = Uint8Array.from({ length: type.blockBytes }, () => Math.floor(random() * 256));
    const real = [...dequantize(type, block)].map(Number.isFinite);
    if (real[0] === false) unreal++;
    expect(real).toEqual(real.map(() => real[0]));
  }
  expect(unreal).toBeGreaterThan(0);
});

test('32-bit floats are taken as they are', () => {
  const values = Float32Array.of(0, -1.5, Math.PI, 1e-40, Number.POSITIVE_INFINITY);
  expect(dequantize(TENSOR_TYPES.F32, new Uint8Array(values.buffer))).toEqual(values);
});

test('every 16-bit float comes back from the number that it stands for', () => {
  for (const [bits, value] of halves().entries()) if (!Number.isNaN(value)) expect(toHalf(value)).toBe(bits);
});

test('between two 16-bit floats the nearer is taken, and the even one from the middle', () => {
  const table = halves();
  for (let bits = 0; bits < 0x7bff; bits += 7) {
    const [low, high] = [table[bits] ?? Number.NaN, table[bits + 1] ?? Number.NaN];
    const middle = (low + high) / 2;
    expect(toHalf(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
    expect(toHalf(middle - (high - low) / 64)).toBe(bits);
    expect(toHalf(middle + (high - low) / 64)).toBe(bits + 1);
  }
  expect([65_519, 65_520, Number.NaN].map(toHalf)).toEqual([0x7bff, 0x7c00, 0x7e00]);
});
