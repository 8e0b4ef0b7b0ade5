import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { memorySource, TINY } from '../testing/tinyLlama.ts';
import { tensorMatrix } from './ggufMatrix.ts';
import { quantizeTensor } from './quantizeTensor.ts';
import { readGguf } from './readGguf.ts';
import { tinyGguf } from './testing/tinyGguf.ts';

const { quantised } = v.parse(
  v.object({ quantised: v.record(v.string(), v.string()) }),
  JSON.parse(readFileSync(new URL('./testing/referenceBlocks.json', import.meta.url), 'utf8')),
);
const bytesOf = (base64 = ''): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(base64, 'base64'));

test.each(['F16', 'Q8_0', 'Q4_0'] as const)('weights are written in %s to the bit as ggml writes them', (type) => {
  const weights = new Float32Array(bytesOf(quantised.weights).buffer);
  expect(quantizeTensor(type, weights)).toEqual(bytesOf(quantised[type]));
});

test.each([
  { type: 'Q8_0', middle: 128 },
  { type: 'Q4_0', middle: 8 },
] as const)('blocks of $type are kept as the runtime wants them, and stand for the same numbers', ({ type, middle }) => {
  const tensor = readGguf([memorySource(tinyGguf(type))]).tensors.get('blk.0.ffn_down.weight');
  if (!tensor) throw new Error('the tensor is missing');
  const matrix = tensorMatrix(tensor);
  const blocks = matrix.kept?.read();
  if (!blocks) throw new Error('no blocks were kept');
  const { packed, scales } = blocks;
  const level = (i: number): number => (type === 'Q8_0' ? (packed[i] ?? 0) : ((packed[i >> 1] ?? 0) >> (4 * (i & 1))) & 15);
  const values = Float32Array.from({ length: TINY.hidden * TINY.dim }, (_, i) => (level(i) - middle) * (scales[Math.floor(i / 32)] ?? 0));
  expect([matrix.rows, matrix.columns]).toEqual([TINY.dim, TINY.hidden]);
  expect(values).toEqual(matrix.values);
});
