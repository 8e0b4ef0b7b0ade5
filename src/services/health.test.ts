import { beforeEach, expect, it } from 'vitest';
import { PLAIN_DEVICE, PLAIN_REPORT } from '../core/testing/plainDevice.ts';
import { healthOf } from './health.ts';
import { createMetrics } from './inference/metrics.ts';
import { metricsText } from './metricsText.ts';
import { a, ask, memory, newSmallDevice, sessions, store } from './testing/smallDevice.ts';
import { putModel } from './testing/storeFixture.ts';

beforeEach(newSmallDevice);

const GPU = {
  available: true,
  fallback: false,
  vendor: '',
  architecture: '',
  description: '',
  f16: true,
  features: [],
  limits: {},
} as const;
const excluding = {
  ...PLAIN_REPORT,
  webgpu: GPU,
  checks: { fp32: { verdict: 'right', worstError: 0 }, f16: { verdict: 'wrong', output: 'MatMulNBits' } },
} as const;
const deviceOf = (report: typeof PLAIN_REPORT) => ({ report: async () => report, abilities: async () => report }) as never;
const textOf = (report: typeof PLAIN_REPORT) =>
  metricsText({
    metrics: createMetrics(),
    memory,
    sessions,
    deps: { versions: { sill: '1', onnxruntime: '1' }, device: deviceOf(report) } as never,
  });

it('tells of a graphics processor that is not trusted, and is none the worse for it', async () => {
  const health = await healthOf({ store, sessions, device: deviceOf(excluding) });
  expect(health).toMatchObject({
    status: 'model_not_loaded',
    gpu: { available: true, excluded: [{ precision: 'f16', verdict: 'wrong' }] },
  });
  expect(await textOf(excluding)).toContain('sill:gpu_excluded{precision="f16",verdict="wrong"} 1\n');
  expect(await textOf(excluding)).toContain('sill:gpu_available 1\n');
  expect(await textOf(PLAIN_REPORT)).toContain('sill:gpu_available 0\n');
});

it('tells of a model that does not run as it was meant to', async () => {
  await putModel(store, { model: 'a', parts: ['of the GPU'], device: 'webgpu' });
  await ask(a);
  expect(PLAIN_DEVICE.webgpu.available).toBe(false);
  const health = await healthOf({ store, sessions, device: deviceOf(PLAIN_REPORT) });
  expect(health).toMatchObject({ status: 'healthy', loaded: [{ id: a, device: 'wasm', fallback: { reason: 'gpu-missing' } }] });
  expect(await textOf(PLAIN_REPORT)).toContain('sill:model_fallback{model_name="a",reason="gpu-missing"} 1\n');
});
