import { describe, expect, it } from 'vitest';
import type { BenchmarkResult } from './result.ts';
import { chartOf, measuredModels, measuredNames, resultsIn, type Series } from './series.ts';
import { resultOf } from './testing/results.ts';

const tiny = resultOf().model;
const other = { ...tiny, id: 'other', name: 'Other' };
const q4 = { ...tiny, variant: 'q4-webgpu' };
const { place } = resultOf();
const DAY = 86_400_000;
/** On day n, as result n. */
const day = (number: number, change: Partial<BenchmarkResult> = {}) =>
  resultOf({ id: `r${number}`, number, startedAtMs: Date.UTC(2026, 10, 1) + number * DAY, ...change });
const speed = (mean: number, count = 3, sd = 1): Pick<BenchmarkResult, 'figures'> => ({
  figures: [{ metric: 'tg', size: 32, count, mean, sd }],
});
const lines = (series: readonly Series[]) =>
  series.map(({ result, points }) => [result.model.id, result.model.variant, points.map(({ slot, mean }) => [slot, mean])]);

describe('a chart over results', () => {
  it('has a line for each model and variant, and never two in one', () => {
    const results = [
      day(1, speed(100)),
      day(2, { model: other, ...speed(30) }),
      day(3, { model: q4, ...speed(50) }),
      day(4, speed(110)),
      day(5, { model: other, ...speed(40) }),
      day(6, speed(120)),
    ];
    for (const along of ['time', 'version', 'browser'] as const) {
      for (const { points } of chartOf(results, 'tg32', along).series) {
        const of = new Set(points.flatMap((point) => point.results).map(({ model }) => `${model.id} ${model.variant}`));
        expect(of.size).toBe(1);
      }
    }
    const { slots, series } = chartOf(results, 'tg32');
    expect(slots.map(({ result }) => result.number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(lines(series)).toEqual([
      [
        'tiny',
        'int8-wasm',
        [
          [0, 100],
          [3, 110],
          [5, 120],
        ],
      ],
      [
        'other',
        'int8-wasm',
        [
          [1, 30],
          [4, 40],
        ],
      ],
      ['tiny', 'q4-webgpu', [[2, 50]]],
    ]);
  });

  it('has a line for each place: another device, number of threads, browser or program', () => {
    const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0';
    const results = [
      day(1, { place: { ...place, userAgent: chrome } }),
      day(2, { place: { ...place, userAgent: chrome.replace('156', '157') } }),
      day(3, { place: { ...place, userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0' } }),
      day(4, { place: { ...place, userAgent: chrome, threads: 1 } }),
      day(5, { place: { ...place, userAgent: chrome }, label: 'lab-7' }),
      day(6, { place: { ...place, userAgent: chrome, device: 'webgpu', adapter: 'a card' } }),
      day(7, { place: { ...place, userAgent: chrome }, source: 'llama-bench 1de7be90' }),
      day(8, { place: { ...place, userAgent: chrome }, source: 'llama-bench 99999999' }),
    ].map((result) => ({ ...result, ...speed(100) }));
    const { series } = chartOf(results, 'tg32');
    // A browser that was updated is the same place, and so is another program of a later build.
    expect(series.map(({ points }) => points.flatMap((point) => point.results.map(({ number }) => number)))).toEqual([
      [1, 2],
      [7, 8],
      [3],
      [4],
      [5],
      [6],
    ]);
  });

  it('goes by the date, also of what was brought in later', () => {
    const old = resultOf({ id: 'old', number: 9, startedAtMs: Date.UTC(2025, 0, 1), ...speed(90) });
    const { slots } = chartOf([day(1, speed(100)), old, day(2, speed(110))], 'tg32');
    expect(slots.map(({ result }) => result.number)).toEqual([9, 1, 2]);
  });

  it('leaves out what is not comparable, and other figures of the same kind', () => {
    const results = [
      day(1, speed(100)),
      day(2, { ...speed(100), hidden: true }),
      day(3, speed(100, 3, 40)),
      day(4, { ...speed(100), state: 'interrupted' }),
      day(5, { figures: [{ metric: 'tg', size: 128, count: 3, mean: 90, sd: 1 }] }),
      day(6, { figures: [{ metric: 'tg', size: 32, depth: 512, count: 3, mean: 70, sd: 1 }] }),
    ];
    const { series } = chartOf(results, 'tg32');
    expect(series.flatMap(({ points }) => points.flatMap((point) => point.results.map(({ number }) => number)))).toEqual([1]);
    expect(chartOf(results, 'tg32@d512').series).toHaveLength(1);
    expect(chartOf(results, 'pp128')).toEqual({ slots: [], series: [] });
  });

  it('takes the results of one version together, with the deviation of all their repetitions', () => {
    const versions = { sill: '0.2.0', onnxruntime: '1.31.0' };
    const samples = [
      [98, 100, 102],
      [110, 112],
    ].map((of) => ({ figures: [{ metric: 'tg' as const, size: 32, count: of.length, mean: mean(of), sd: deviation(of) }] }));
    const results = [day(1, samples[0]), day(2, samples[1]), day(3, { ...speed(130), versions })];
    const { slots, series } = chartOf(results, 'tg32', 'version');
    expect(slots.map(({ key }) => key)).toEqual(['Sill 0.1.0, ONNX Runtime 1.31.0', 'Sill 0.2.0, ONNX Runtime 1.31.0']);
    const [line] = series;
    const all = [98, 100, 102, 110, 112];
    expect(line?.points).toMatchObject([
      { slot: 0, count: 5, mean: expect.closeTo(mean(all), 9), sd: expect.closeTo(deviation(all), 9) },
      { slot: 1, count: 3, mean: 130, sd: 1 },
    ]);
    expect(line && resultsIn(line)).toBe(3);
  });

  it('offers the models that were measured, the last one first, and the figures that most results have', () => {
    const results = [day(2, { model: other, ...speed(30) }), day(1), day(3, { model: q4, ...speed(50) })];
    expect(measuredModels(results)).toEqual([
      { id: 'tiny', name: 'Tiny' },
      { id: 'other', name: 'Other' },
    ]);
    expect(measuredNames(results)).toEqual(['tg32', 'pp128', 'tg32@d64']);
  });
});

const mean = (of: readonly number[]): number => of.reduce((sum, each) => sum + each, 0) / of.length;
const deviation = (of: readonly number[]): number => Math.sqrt(of.reduce((sum, each) => sum + (each - mean(of)) ** 2, 0) / (of.length - 1));
