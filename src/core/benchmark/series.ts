import { type BenchmarkResult, byAge, type Figure, faultsOf, figureName, figureOf } from './result.ts';

/** By what results are told apart in a chart. */
export const GROUPINGS = ['variant', 'device', 'version', 'browser'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface SeriesPoint {
  readonly result: BenchmarkResult;
  readonly figure: Figure;
}

export interface Series {
  readonly name: string;
  /** Oldest first. */
  readonly points: readonly SeriesPoint[];
}

/** Names of the figures that were measured, the most frequent first. */
export function measuredNames(results: readonly BenchmarkResult[]): string[] {
  const counts = new Map<string, number>();
  for (const { figures } of results) {
    for (const figure of figures) {
      if (figure.metric === 'itl') continue;
      const name = figureName(figure);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

/**
 * What a figure was over time, in one series for each variant, device or version, the longest first. Results that are not comparable are left out.
 * @param nameOf says in words which one of them a result belongs to
 */
export function seriesOf(results: readonly BenchmarkResult[], name: string, nameOf: (result: BenchmarkResult) => string): Series[] {
  const groups = new Map<string, SeriesPoint[]>();
  for (const result of results.toSorted((a, b) => byAge(b, a))) {
    const figure = figureOf(result, name);
    if (!figure || figureName(figure) !== name || faultsOf(result).length > 0) continue;
    const group = nameOf(result);
    const points = groups.get(group) ?? [];
    points.push({ result, figure });
    groups.set(group, points);
  }
  return [...groups].map(([group, points]) => ({ name: group, points })).sort((a, b) => b.points.length - a.points.length);
}

export interface QualityPoint {
  readonly result: BenchmarkResult;
  readonly speed: Figure;
  readonly metric: string;
  /** As the publisher states it: of nll and perplexity less is better. */
  readonly score: number;
}

/** Speed of writing against the publisher's score, of the newest comparable result of each revision, variant and device. */
export function qualityPoints(results: readonly BenchmarkResult[]): QualityPoint[] {
  const points = new Map<string, QualityPoint>();
  for (const result of results.toSorted(byAge)) {
    const { model, place } = result;
    const speed = figureOf(result, 'tg');
    const key = JSON.stringify([model.id, model.revision, model.variant, place.device, place.adapter, place.threads, result.label]);
    if (!speed || !model.reference || faultsOf(result).length > 0 || points.has(key)) continue;
    points.set(key, { result, speed, metric: model.reference.metric, score: model.reference.value });
  }
  return [...points.values()];
}
