import { expect, test } from 'vitest';
import { gemma2 } from '../architectures/gemma2.ts';
import { memorySource } from '../testing/tinyLlama.ts';
import { ggufConfig } from './ggufConfig.ts';
import { readGguf } from './readGguf.ts';
import { bytesOf, tinyMetadata } from './testing/tinyGguf.ts';

const configWith = (layers: number) => {
  const metadata = new Map([
    ...tinyMetadata('gemma2'),
    ['gemma2.block_count', { uint32: layers }] as const,
    ['gemma2.attention.key_length', { uint32: 32 }] as const,
  ]);
  return ggufConfig(readGguf([memorySource(bytesOf({ metadata, tensors: [] }))]), gemma2, 32);
};

test('the one size of a Gemma whose attention is scaled by the width of the model is known by its layers', () => {
  expect(configWith(26).attentionScale).toBeUndefined();
  expect(configWith(46).attentionScale).toBe(1 / Math.sqrt(64 / 4));
});

test('a Gemma has its caps and its scale where the file does not say', () => {
  expect(configWith(26)).toMatchObject({ attentionSoftcap: 50, logitSoftcap: 30, embeddingScale: 8, activation: 'gelu' });
});
