import { describe, expect, it } from 'vitest';
import { type EvaluationRun, RUN_SCHEMA } from '../evaluationRun.ts';
import { qualityPlot } from './quality.ts';
import type { BenchmarkResult } from './result.ts';
import { resultOf } from './testing/results.ts';

const tiny = resultOf().model;
const nll = (value: number, text?: string) => ({ reference: { metric: 'nll', value, ...(text ? { text } : {}) } });
const speed = (mean: number, size = 32): Pick<BenchmarkResult, 'figures'> => ({ figures: [{ metric: 'tg', size, count: 3, mean, sd: 1 }] });
let number = 0;
const measured = (model: Partial<BenchmarkResult['model']>, change: Partial<BenchmarkResult> = speed(100)): BenchmarkResult => {
  number += 1;
  return resultOf({ id: `r${number}`, number, model: { ...tiny, ...model }, ...change });
};
const ran = (model: Partial<EvaluationRun['model']>, change: Partial<EvaluationRun> = {}): EvaluationRun => {
  number += 1;
  return {
    ...{ schema: RUN_SCHEMA, id: `e${number}`, number, state: 'complete', startedAtMs: 0, tookMs: 1 },
    suite: { id: 'own', digest: 'sha256:a', cases: 1 },
    model: { id: tiny.id, name: tiny.name, revision: tiny.revision ?? '', variant: tiny.variant, dtype: 'int8', ...model },
    ...{ place: resultOf().place, versions: { sill: '0.1.0', onnxruntime: '1.31.0' } },
    verdicts: [{ id: 'a', pass: true, score: 0.5 }],
    // Two bits a byte.
    texts: { nll: 2 * Math.LN2, tokens: 40, bytes: 40 },
    ...change,
  };
};
const plotted = (results: readonly BenchmarkResult[], runs: readonly EvaluationRun[] = []) =>
  qualityPlot(results, runs).measures.map(({ by, metric, over, model, points }) => [
    ...[by, metric, over, model?.id ?? 'all'],
    points.map(({ result, score }) => [result.model.id, result.model.variant, score]),
  ]);

describe('speed against quality', () => {
  it('never puts scores over different texts, or by token of different models, on one axis', () => {
    const results = [
      measured({ ...nll(1.16, 'stories') }),
      measured({ variant: 'q4-webgpu', ...nll(1.15, 'stories') }),
      measured({ variant: 'fp32-wasm', ...nll(3.2, 'Wikipedia') }),
      measured({ id: 'other', ...nll(2.9, 'stories') }),
    ];
    expect(plotted(results)).toEqual([
      [
        'publisher',
        'nll',
        'stories',
        'tiny',
        expect.arrayContaining([
          ['tiny', 'q4-webgpu', 1.15],
          ['tiny', 'int8-wasm', 1.16],
        ]),
      ],
      ['publisher', 'nll', 'stories', 'other', [['other', 'int8-wasm', 2.9]]],
      ['publisher', 'nll', 'Wikipedia', 'tiny', [['tiny', 'fp32-wasm', 3.2]]],
    ]);
  });

  it('takes scores of nobody knows what for one model alone', () => {
    const accuracy = (value: number) => ({ reference: { metric: 'accuracy', value } });
    expect(plotted([measured(accuracy(0.5)), measured({ id: 'other', ...accuracy(0.6) })])).toHaveLength(2);
  });

  it("takes a person's own suite: bits per byte and passed cases of all models on one axis, perplexity of each by itself", () => {
    const results = [measured({}), measured({ id: 'other', name: 'Other' }, speed(20))];
    const runs = [ran({}), ran({ id: 'other' }, { texts: { nll: Math.LN2, tokens: 40, bytes: 40 } })];
    expect(plotted(results, runs)).toEqual([
      [
        'suite',
        'bits-per-byte',
        'own',
        'all',
        [
          ['other', 'int8-wasm', 1],
          ['tiny', 'int8-wasm', 2],
        ],
      ],
      [
        'suite',
        'score',
        'own',
        'all',
        [
          ['other', 'int8-wasm', 0.5],
          ['tiny', 'int8-wasm', 0.5],
        ],
      ],
      ['suite', 'perplexity', 'own', 'other', [['other', 'int8-wasm', expect.closeTo(2, 9)]]],
      ['suite', 'perplexity', 'own', 'tiny', [['tiny', 'int8-wasm', expect.closeTo(4, 9)]]],
    ]);
  });

  it('tells suites apart by their text, takes the newest run of each, and of complete ones only', () => {
    const edited = { id: 'own', digest: 'sha256:b', cases: 1 };
    const runs = [
      ran({}),
      ran({}, { texts: { nll: 3 * Math.LN2, tokens: 40, bytes: 40 } }),
      ran({}, { suite: edited }),
      ran({}, { state: 'stopped', texts: { nll: 0.1, tokens: 1, bytes: 1 } }),
      ran({ revision: 'sha256:another' }, { texts: { nll: 0.1, tokens: 1, bytes: 1 } }),
      ran({ variant: 'q4-webgpu' }, { texts: { nll: 0.1, tokens: 1, bytes: 1 } }),
    ];
    const bits = plotted([measured({})], runs).filter(([, metric]) => metric === 'bits-per-byte');
    expect(bits.map(([, , , , points]) => points)).toEqual([[['tiny', 'int8-wasm', 2]], [['tiny', 'int8-wasm', expect.closeTo(3, 9)]]]);
  });

  it('draws speeds of one kind, the newest comparable one of each variant and place, and tells what has no score', () => {
    const results = [
      measured({ ...nll(1.1, 'stories') }, speed(90)),
      measured({ ...nll(1.1, 'stories') }, speed(100)),
      measured({ ...nll(1.1, 'stories') }, { ...speed(500), hidden: true }),
      measured({ ...nll(1.1, 'stories') }, speed(300, 128)),
      measured({ variant: 'q4-webgpu' }, speed(40)),
    ];
    const plot = qualityPlot(results, []);
    expect(plot.speed).toBe('tg32');
    expect(plot.measures[0]?.points.map(({ speed: { mean } }) => mean)).toEqual([100]);
    expect(plot.measured.map(({ model }) => model.variant)).toEqual(['q4-webgpu', 'int8-wasm']);
    expect(qualityPlot([], [ran({})])).toEqual({ measures: [], measured: [] });
  });
});
