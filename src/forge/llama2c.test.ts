import { describe, expect, test } from 'vitest';
import { parameterCount } from './llama.ts';
import { readLlama2c } from './llama2c.ts';
import { memorySource, TINY, tinyCheckpoint, tinyTensors } from './testing/tinyLlama.ts';

describe.each([false, true])('a checkpoint whose classifier is its own: %s', (ownClassifier) => {
  const model = readLlama2c(memorySource(tinyCheckpoint(ownClassifier)));
  const tensors = new Map(tinyTensors(ownClassifier));
  const part = (name: string, index: number, count: number) => tensors.get(name)?.subarray(index * count, (index + 1) * count);

  test('gives the shape of its header', () => {
    expect(model.config).toEqual(TINY);
    expect(model.ownClassifier).toBe(ownClassifier);
  });

  test('gives each weight from its place', () => {
    const { dim, hidden } = TINY;
    const second = model.weights.layer(1);
    expect(model.weights.embedding().values).toEqual(tensors.get('embedding'));
    expect(second.attentionNorm).toEqual(part('attentionNorm', 1, dim));
    expect(second.value.values).toEqual(part('value', 1, (dim / 2) * dim));
    expect(second.attentionOutput.values).toEqual(part('attentionOutput', 1, dim * dim));
    expect(second.feedForwardNorm).toEqual(part('feedForwardNorm', 1, dim));
    expect(second.gate).toEqual({ rows: hidden, columns: dim, values: part('gate', 1, hidden * dim) });
    expect(second.down).toEqual({ rows: dim, columns: hidden, values: part('down', 1, hidden * dim) });
    expect(second.up.values).toEqual(part('up', 1, hidden * dim));
    expect(model.weights.finalNorm()).toEqual(tensors.get('finalNorm'));
    expect(model.weights.classifier()?.values).toEqual(tensors.get('classifier'));
  });

  test('has as many parameters as it holds numbers, rotary tables aside', () => {
    const numbers = tinyTensors(ownClassifier).reduce((sum, [name, values]) => sum + (name === 'rotaryTables' ? 0 : values.length), 0);
    expect(parameterCount(model.config, ownClassifier)).toBe(numbers);
  });
});

test('a file that is cut short, too long or no checkpoint is refused', () => {
  const whole = tinyCheckpoint(false);
  const longer = new Uint8Array(whole.byteLength + 4);
  longer.set(whole);
  const page = new TextEncoder().encode('<!doctype html><html><body>Not found</body></html>');
  for (const bytes of [whole.subarray(0, -4), longer, new Uint8Array(10), new Uint8Array(64), page]) {
    expect(() => readLlama2c(memorySource(bytes))).toThrowError(expect.objectContaining({ code: 'invalid_request' }));
  }
});
