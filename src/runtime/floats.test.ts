import type { Tensor } from 'onnxruntime-web';
import { expect, it } from 'vitest';
import { lastScores } from './decoderGraph.ts';

const tensor = (type: string, data: ArrayBufferView, dims: readonly number[]) =>
  ({ type, dims, getData: async () => data }) as unknown as Tensor;

it('scores of 16 bits are read as numbers, those of the last token alone', async () => {
  const bits = Uint16Array.of(0, 0, 0, 0x3c00, 0xc000, 0x3555);
  const [one, minusTwo, third] = await lastScores(tensor('float16', bits, [1, 2, 3]), 3);
  expect([one, minusTwo]).toEqual([1, -2]);
  expect(third).toBeCloseTo(1 / 3, 3);
});

it('whole numbers are no scores', async () => {
  await expect(lastScores(tensor('int64', BigInt64Array.of(1n), [1, 1, 1]), 1)).rejects.toMatchObject({ code: 'runtime_failed' });
});
