import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { isPooling, PoolingFileSchema, pooled } from './pooling.ts';

const STATES = Float32Array.of(3, 4, 0, 5, 8, 6);
const of = (...poolings: Parameters<typeof pooled>[2]) => [...pooled(STATES, 2, poolings)].map((value) => Number(value.toFixed(4)));

describe('one vector of the tokens of a text', () => {
  it('is what the model was trained with, of unit length', () => {
    expect(of('cls')).toEqual([0.6, 0.8]);
    expect(of('lasttoken')).toEqual([0.8, 0.6]);
    expect(of('max')).toEqual([0.8, 0.6]);
    expect(of('mean')).toEqual([0.5914, 0.8064]);
    expect(of('mean_sqrt_len_tokens')).toEqual(of('mean'));
    // (3 + 0 + 24, 4 + 10 + 18) / 6
    expect(of('weightedmean')).toEqual([0.6449, 0.7643]);
  });

  it('may be several side by side', () => {
    expect(of('cls', 'mean_sqrt_len_tokens')).toEqual([0.2532, 0.3377, 0.5361, 0.7311].map((value) => expect.closeTo(value, 3)));
  });

  it('keeps what is below nought where the largest counts', () => {
    expect([...pooled(Float32Array.of(-3, -4, -6, -8), 2, ['max'])]).toEqual([expect.closeTo(-0.6), expect.closeTo(-0.8)]);
  });
});

describe('what sentence-transformers says of it', () => {
  const read = (json: unknown) => v.parse(PoolingFileSchema, json);

  it('is a flag for each', () => {
    const flags = { word_embedding_dimension: 384, pooling_mode_cls_token: true, pooling_mode_mean_tokens: false };
    expect(read(flags)).toEqual(['cls']);
    expect(read({ ...flags, pooling_mode_mean_tokens: true, pooling_mode_lasttoken: true })).toEqual(['cls', 'mean', 'lasttoken']);
  });

  it('is a name in newer ones', () => {
    expect(read({ pooling_mode: 'lasttoken' })).toEqual(['lasttoken']);
  });

  it('may name none, or one that is not known', () => {
    expect(read({ word_embedding_dimension: 384 })).toEqual([]);
    expect(read({ pooling_mode: 'attention' }).filter(isPooling)).toEqual([]);
  });
});
