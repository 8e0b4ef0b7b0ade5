import { describe, expect, it } from 'vitest';
import { speedOf, speedPathOf, tokensPerSecond } from './speed.ts';

describe('the speed of a way to multiply', () => {
  it('tells what steps cost from what weights cost', () => {
    // 48 small products in 2.4 ms: 0.05 ms each; three large ones of 4 million weights in 1.15 ms, of which steps are 0.15.
    const speed = speedOf({ steps: [9, 2.4, 2.4], weights: [1.15, 1.15, 7] }, 'wasm');
    expect(speed?.stepMs).toBe(2.4);
    expect(speed?.weightsPerSecond).toBeCloseTo((3 * 2048 ** 2) / 0.001, -6);
  });

  it('leaves out what the answer of a graphics processor takes to arrive', () => {
    // As on an H100: 3 ms of waiting in both, and 48 products of 4 million weights in half a millisecond more.
    const speed = speedOf({ steps: [3, 3, 3], weights: [3.5, 3.5, 3.5] }, 'webgpu');
    expect(speed?.weightsPerSecond).toBeCloseTo((48 * 2048 ** 2) / 0.0005, -6);
    expect(tokensPerSecond(speed ?? { stepMs: 0, weightsPerSecond: 0 }, 1.1e9)).toBeGreaterThan(100);
  });

  it('is not known where a graph was run once only, and never infinite', () => {
    expect(speedOf({ steps: [], weights: [1] }, 'wasm')).toBeUndefined();
    expect(Number.isFinite(speedOf({ steps: [10], weights: [0] }, 'wasm')?.weightsPerSecond)).toBe(true);
  });

  it('foretells the speed of small models by their steps and of large ones by their weights', () => {
    const gpu = { stepMs: 4, weightsPerSecond: 1e11 };
    const cpu = { stepMs: 0.5, weightsPerSecond: 5e9 };
    expect(tokensPerSecond(cpu, 15e6)).toBeGreaterThan(tokensPerSecond(gpu, 15e6));
    expect(tokensPerSecond(cpu, 1e9)).toBeLessThan(tokensPerSecond(gpu, 1e9));
  });

  it('speaks for the variants that compute so', () => {
    expect(speedPathOf({ device: 'wasm', dtype: 'q8' })).toBe('wasm:int8');
    expect(speedPathOf({ device: 'webgpu', dtype: 'q4f16' })).toBe('webgpu:q4f16');
    expect(speedPathOf({ device: 'webgpu', dtype: 'fp16' })).toBe('webgpu:fp16');
    expect(speedPathOf({ device: 'wasm', dtype: 'fp16' })).toBeUndefined();
    expect(speedPathOf({ device: 'webgpu', dtype: 'fp32' })).toBeUndefined();
  });
});
