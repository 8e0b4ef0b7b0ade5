import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { speedShape } from '../core/speed.ts';
import { GRAPH_PATH } from './selfTestGraph.ts';
import { speedGraph } from './speedGraph.ts';

it.each([
  ['int8', 'steps', 'wasm'],
  ['q4', 'steps', 'webgpu'],
  ['q4f16', 'steps', 'webgpu'],
  ['fp16', 'steps', 'webgpu'],
  ['q4', 'weights', 'wasm'],
  ['q4', 'weights', 'webgpu'],
] as const)('what is timed in %s (%s, %s) runs, and gives numbers', async (format, which, device) => {
  const folder = await mkdtemp(join(tmpdir(), 'sill-speed-'));
  try {
    const { graph, data } = speedGraph(format, which, device);
    await writeFile(join(folder, GRAPH_PATH), graph);
    await writeFile(join(folder, `${GRAPH_PATH}_data`), data);
    const session = await InferenceSession.create(join(folder, GRAPH_PATH), { logSeverityLevel: 3 });
    const { width } = speedShape(which, device);
    const { y } = await session.run({ x: new Tensor('float32', new Float32Array(width).fill(1), [1, width]) });
    // Each product is the mean of its inputs.
    expect(y?.data.length).toBe(width);
    for (const value of (y?.data ?? []) as Float32Array) expect(value).toBeCloseTo(1, 1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
