import { describe, expect, it } from 'vitest';
import { ExternalData } from '../forge/externalData.ts';
import { GraphBuilder } from '../forge/graphBuilder.ts';
import { readLlama2c } from '../forge/llama2c.ts';
import { buildLlama } from '../forge/llamaGraph.ts';
import { memorySource, tinyCheckpoint } from '../forge/testing/tinyLlama.ts';
import { int8 } from '../forge/weightFormats.ts';
import { externalWeightCount, producerOf } from './graphWeights.ts';

/** A graph of these weights, of which one is multiplied by another and one is given out as it is. */
function graphOf({ used, unused }: { readonly used: number; readonly unused: number }): Uint8Array {
  const data = new ExternalData('model.onnx_data', () => undefined);
  const graph = new GraphBuilder('test', data);
  const name = (index: number) => `weight ${index}`;
  for (let index = 0; index < used + unused; index++) graph.weight(name(index), 'float32', [512], new Float32Array(512).fill(index));
  for (let index = 0; index < used; index++) {
    graph.node('Neg', [name(index)], `negative ${index}`);
    graph.output(`negative ${index}`, 'float32', [512]);
  }
  return graph.build({ name: 'somebody', version: '1' });
}

describe('what a graph asks for beside it', () => {
  it('is every tensor that a node uses, and no other', () => {
    expect(externalWeightCount(graphOf({ used: 5, unused: 0 }))).toBe(5);
    expect(externalWeightCount(graphOf({ used: 3, unused: 4 }))).toBe(3);
    expect(externalWeightCount(graphOf({ used: 0, unused: 2 }))).toBe(0);
  });

  it('is counted in a whole decoder, whose producer is told', () => {
    const written: string[] = [];
    const data = new ExternalData('model.onnx_data', () => void written.push('tensor'));
    const { config, weights } = readLlama2c(memorySource(tinyCheckpoint(false)));
    const graph = buildLlama(config, weights, int8, data);
    expect(externalWeightCount(graph)).toBeGreaterThan(10);
    expect(externalWeightCount(graph)).toBeLessThanOrEqual(written.length);
    expect(producerOf(graph)).toBe('sill');
    expect(producerOf(graphOf({ used: 1, unused: 0 }))).toBe('somebody');
  });
});
