import type { BenchmarkResult } from '../result.ts';
import { summarise } from '../statistics.ts';

const measured = (samples: readonly number[]) => {
  const summary = summarise(samples);
  if (!summary) throw new Error('no samples');
  return { ...summary, samples: [...samples] };
};

/** A result as a run leaves it, but for what a test says. */
export const resultOf = (change: Partial<BenchmarkResult> = {}): BenchmarkResult => ({
  ...{ schema: 1, id: 'a-result', number: 1, state: 'complete', preset: 'quick', startedAtMs: Date.UTC(2026, 10, 26, 12), tookMs: 4000 },
  model: {
    ...{ id: 'tiny', name: 'Tiny', revision: `sha256:${'1'.repeat(64)}`, variant: 'int8-wasm', dtype: 'int8', task: 'text-generation' },
    ...{ parameters: 15_191_712, sizeBytes: 17_155_899 },
  },
  place: { device: 'wasm', build: 'plain', threads: 2, isolated: true, logicalCores: 2, userAgent: 'Chrome/156.0.0.0' },
  versions: { sill: '0.1.0', onnxruntime: '1.31.0' },
  ...{ visibilityChanges: 0, hidden: false, contended: false, repetitions: 3, warmups: 1 },
  figures: [
    { metric: 'pp', size: 128, ...measured([900, 1000, 1100]) },
    { metric: 'tg', size: 32, depth: 64, ...measured([98, 100, 102]) },
  ],
  ...change,
});
