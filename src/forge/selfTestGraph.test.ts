import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GPU_PRECISIONS, type GpuPrecision } from '../core/device.ts';
import { judgeSelfTest } from '../core/selfTest.ts';
import { SELF_TEST_OUTPUTS, selfTestInputs } from '../core/selfTestWeights.ts';
import { selfTest, selfTestRuns } from './experimentGraphs.ts';
import { GRAPH_PATH, type GraphFeed } from './selfTestGraph.ts';

const INPUTS = selfTestInputs(Number.POSITIVE_INFINITY);

/** What ONNX Runtime gives on the CPU, which shares no code with the numbers that are expected. */
async function computed(precision: GpuPrecision): Promise<Array<Record<string, Float32Array>>> {
  const folder = await mkdtemp(join(tmpdir(), 'sill-self-test-'));
  try {
    const { graph, data } = selfTest(precision);
    await writeFile(join(folder, GRAPH_PATH), graph);
    await writeFile(join(folder, `${GRAPH_PATH}_data`), data);
    const session = await InferenceSession.create(join(folder, GRAPH_PATH), { logSeverityLevel: 3 });
    const runs: Array<Record<string, Float32Array>> = [];
    for (const feeds of selfTestRuns(precision, INPUTS)) {
      const outputs = await session.run(Object.fromEntries(feeds.map((feed) => [feed.name, tensorOf(feed)])));
      runs.push(Object.fromEntries(SELF_TEST_OUTPUTS.map((name) => [name, Float32Array.from(outputs[name]?.data as Float32Array)])));
    }
    return runs;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function tensorOf({ dims, data }: GraphFeed): Tensor {
  if (data instanceof BigInt64Array) return new Tensor('int64', data, dims);
  return data instanceof Uint16Array ? new Tensor('float16', data, dims) : new Tensor('float32', data, dims);
}

describe.each(GPU_PRECISIONS)('the self-test in %s', (precision) => {
  it('is passed by a runtime that computes right, with room for rounding', async () => {
    const check = judgeSelfTest(await computed(precision), precision, INPUTS);
    expect(check).toMatchObject({ verdict: 'right' });
    if (check.verdict === 'right') expect(check.worstError).toBeLessThan(precision === 'fp32' ? 1e-4 : 1e-2);
  });

  it.each(SELF_TEST_OUTPUTS)('is failed by a broken %s, which it names', async (output) => {
    const runs = await computed(precision);
    for (const run of runs) {
      const values = run[output] ?? new Float32Array();
      const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      values[values.length - 1] = (values.at(-1) ?? 0) + 0.1 * largest;
    }
    expect(judgeSelfTest(runs, precision, INPUTS)).toMatchObject({ verdict: 'wrong', output });
  });
});

it('numbers that are none are wrong, and outputs that are missing are no answer', async () => {
  const runs = await computed('fp32');
  runs[1]?.softmax?.fill(Number.NaN, 3, 4);
  expect(judgeSelfTest(runs, 'fp32', INPUTS)).toEqual({ verdict: 'wrong', output: 'softmax' });
  expect(judgeSelfTest(runs.slice(0, 1), 'fp32', INPUTS)).toMatchObject({ verdict: 'failed' });
});
