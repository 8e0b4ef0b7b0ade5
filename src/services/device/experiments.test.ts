import { describe, expect, it, vi } from 'vitest';
import type { ProbedDevice } from '../../core/device.ts';
import { SillError } from '../../core/errors.ts';
import { PLAIN_DEVICE } from '../../core/testing/plainDevice.ts';
import { selfTest, selfTestRuns, speed } from '../../forge/experimentGraphs.ts';
import type { Calculator, Computed } from '../../ports/calculator.ts';
import { createExperiments } from './experiments.ts';

const WITH_GPU: ProbedDevice = {
  ...PLAIN_DEVICE,
  webgpu: { available: true, fallback: false, vendor: 'v', architecture: 'a', description: '', f16: true, features: [], limits: {} },
};
describe('a self-test', () => {
  const graphs = { path: 'graph.onnx', selfTest, selfTestRuns, speed };
  const run = (compute: Calculator['compute'], checkTimeoutMs = 1000, device = WITH_GPU) =>
    createExperiments({
      runtime: { compute },
      assets: { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => true, sizeBytes: () => 14 },
      loadGraphs: async () => graphs,
      checkTimeoutMs,
    }).check('fp32', device);
  const nothing: Computed = { outputs: [], runMs: [] };

  it('runs the graph on the GPU with one token and with many, all with what is compiled once', async () => {
    const compute = vi.fn<Calculator['compute']>(async () => [nothing]);
    await run(compute);
    const [spec] = compute.mock.calls[0] ?? [];
    expect(spec).toMatchObject({ device: 'webgpu', build: 'asyncify' });
    expect(spec?.jobs[0]?.calls.map((feeds) => feeds[0]?.data.length)).toEqual([1, 33, 33]);
    expect(spec?.jobs[0]?.files.map(({ path }) => path)).toEqual(['graph.onnx', 'graph.onnx_data']);
  });

  it('calls the graph with no more tokens than a model is called with there', async () => {
    const compute = vi.fn<Calculator['compute']>(async () => [nothing]);
    const small = { ...WITH_GPU, webgpu: { ...WITH_GPU.webgpu, features: ['subgroups'], subgroupMinSize: 4 } } as ProbedDevice;
    await run(compute, 1000, small);
    expect(compute.mock.calls[0]?.[0].jobs[0]?.calls.map((feeds) => feeds[0]?.data.length)).toEqual([1, 31, 31]);
  });

  it('that crashes or does not end excludes the path, with the reason', async () => {
    expect(await run(async () => Promise.reject(new SillError('worker_lost', 'The worker stopped.')))).toEqual({
      verdict: 'failed',
      reason: 'The worker stopped.',
    });
    const hangs: Calculator['compute'] = (_, { signal }) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new SillError('aborted', 'Cancelled.'))));
    expect(await run(hangs, 5)).toEqual({ verdict: 'late', timeoutMs: 5 });
  });

  it('that could not be begun says nothing of the GPU', async () => {
    const full: Calculator['compute'] = async () => Promise.reject(new SillError('out_of_memory', 'Close other tabs.'));
    await expect(run(full)).rejects.toMatchObject({ code: 'out_of_memory' });
  });
});

describe('a measurement', () => {
  const measured = (device: ProbedDevice, kept: boolean, compute: Calculator['compute']) =>
    createExperiments({
      runtime: { compute },
      assets: { ensure: async () => undefined, keepOnly: async () => undefined, has: async () => kept, sizeBytes: () => 14 },
      loadGraphs: async () => ({ path: 'graph.onnx', selfTest, selfTestRuns, speed }),
    }).measure(device, { fp32: { verdict: 'right', worstError: 0 }, f16: { verdict: 'wrong', output: 'matmul' } });
  const timed = vi.fn<Calculator['compute']>(async ({ jobs }) => jobs.map(() => ({ outputs: [{}], runMs: [2, 2, 2] })));

  it('times what the processor and the GPU can do, but for what the GPU does wrong, and fetches no second runtime for it', async () => {
    timed.mockClear();
    expect(Object.keys(await measured(WITH_GPU, false, timed))).toEqual(['wasm:int8', 'wasm:q4', 'webgpu:q4']);
    expect(timed.mock.calls.map(([{ device, build }]) => `${device} ${build}`)).toEqual(['wasm asyncify', 'webgpu asyncify']);
    timed.mockClear();
    await measured(PLAIN_DEVICE, false, timed);
    expect(timed.mock.calls.map(([{ device, build }]) => `${device} ${build}`)).toEqual(['wasm plain']);
  });

  it('leaves out what cannot be run, or only once', async () => {
    const dead: Calculator['compute'] = async ({ device, jobs }) =>
      device === 'webgpu' ? Promise.reject(new Error('lost')) : jobs.map(() => ({ outputs: [{}], runMs: [] }));
    expect(await measured(WITH_GPU, true, dead)).toEqual({});
  });
});
