import { describe, expect, it } from 'vitest';
import { resultOf } from '../core/benchmark/testing/results.ts';
import type { BenchmarkResult } from '../protocol/benchmarks.ts';
import type { Client } from '../protocol/client.ts';
import type { EngineContract } from '../protocol/engine.ts';
import { createBenchmarks } from './benchmarks.ts';

const results = Array.from({ length: 5 }, (_, i) => resultOf({ id: `result-${i}`, number: 5 - i }));

/** Tells results in these parts. */
const telling = (...parts: ReadonlyArray<readonly BenchmarkResult[]>) => {
  const call = async (_name: string, _params: object, { onItem }: { onItem?: (part: readonly BenchmarkResult[]) => void }) => {
    for (const part of parts) onItem?.(part);
    return { unreadable: 1 };
  };
  return createBenchmarks({ call, close: () => undefined } as unknown as Client<EngineContract>);
};

describe('results of benchmarks', () => {
  it('that come in parts are one list, in their order', async () => {
    const benchmarks = telling(results.slice(0, 2), results.slice(2));
    expect(await benchmarks.overview()).toEqual({ results, unreadable: 1 });
    expect(await benchmarks.list()).toEqual(results);
  });

  it('are there once each when an engine took the place of another in the middle, and began anew', async () => {
    expect(await telling(results.slice(0, 3), results.slice(0, 4), results.slice(4)).list()).toEqual(results);
  });
});
