import type { Page } from '@playwright/test';
import type { BenchmarkResult } from '../../src/protocol/benchmarks.ts';

/** All that are kept, newest first. */
export const results = (page: Page): Promise<readonly BenchmarkResult[]> =>
  page.evaluate(async () => (await globalThis.sill?.benchmarks.list()) ?? []);
