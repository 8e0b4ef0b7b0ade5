import { bitsPerByteOfRun, type EvaluationRun, byAge as newestRun, perplexityOfRun, scoreOf } from '../evaluationRun.ts';
import { type BenchmarkResult, byAge, type Figure, faultsOf, figureName } from './result.ts';
import { measuredNames, placeKey } from './series.ts';

/** A variant in a place: how fast it writes, and how good it is. */
export interface QualityPoint {
  readonly result: BenchmarkResult;
  readonly speed: Figure;
  readonly score: number;
}

/** Scores that can stand on one axis: of one kind, over the same text. */
export interface Measure {
  readonly key: string;
  readonly metric: string;
  /** The publisher of the model states it, or it came of a suite that was run here. */
  readonly by: 'publisher' | 'suite';
  /** What was scored: in the publisher's words, or the id of the suite. */
  readonly over: string;
  /** The only one that it holds for: of another, tokens are other pieces of text. */
  readonly model?: { readonly id: string; readonly name: string };
  readonly lessIsBetter: boolean;
  readonly points: readonly QualityPoint[];
}

export interface QualityPlot {
  /** Those with the most points first. */
  readonly measures: readonly Measure[];
  /** The figure that all speeds are of: `tg32`. Absent where no comparable result has one. */
  readonly speed?: string;
  /** The newest comparable result of each variant and place with that speed: what a point needs but for a score. */
  readonly measured: readonly BenchmarkResult[];
}

const LESS_IS_BETTER: ReadonlySet<string> = new Set(['nll', 'perplexity', 'bits-per-byte', 'loss', 'wer', 'cer']);
/** By token, and so by vocabulary. */
const BY_TOKEN: ReadonlySet<string> = new Set(['nll', 'perplexity', 'loss']);

/**
 * Speed of writing against quality: the newest comparable result of each revision, variant and place that has the speed which most of them have, with each
 * score that there is of that revision and variant: the publisher's, and what suites gave here, which are told apart by their whole text.
 */
export function qualityPlot(results: readonly BenchmarkResult[], runs: readonly EvaluationRun[]): QualityPlot {
  const comparable = results.filter((result) => faultsOf(result).length === 0).sort(byAge);
  const speed = measuredNames(comparable).find((name) => /^tg\d+$/.test(name));
  if (speed === undefined) return { measures: [], measured: [] };
  const newest = new Map<string, { result: BenchmarkResult; speed: Figure }>();
  for (const result of comparable) {
    const { id, revision, variant } = result.model;
    const key = JSON.stringify([id, revision, variant, placeKey(result)]);
    const figure = result.figures.find((each) => figureName(each) === speed);
    if (figure && !newest.has(key)) newest.set(key, { result, speed: figure });
  }
  const scores = scoresOf(runs);
  const measures = new Map<string, Measure & { readonly points: QualityPoint[] }>();
  for (const point of newest.values()) {
    for (const { value, ...about } of [...statedOf(point.result), ...(scores.get(modelKey(point.result.model)) ?? [])]) {
      const { id, name } = point.result.model;
      const model = isOneModels(about) ? { model: { id, name } } : {};
      const key = JSON.stringify([about.by, about.metric, about.digest, model.model?.id]);
      const measure = measures.get(key) ?? {
        ...{ key, metric: about.metric, by: about.by, over: about.over, ...model, points: [] },
        lessIsBetter: LESS_IS_BETTER.has(about.metric),
      };
      measure.points.push({ ...point, score: value });
      measures.set(key, measure);
    }
  }
  return {
    speed,
    measured: [...newest.values()].map(({ result }) => result),
    measures: [...measures.values()].sort((a, b) => b.points.length - a.points.length),
  };
}

interface Score extends Pick<Measure, 'by' | 'metric' | 'over'> {
  /** Tells texts apart; empty where nobody says what was scored. */
  readonly digest: string;
  readonly value: number;
}

/** What nobody named may be any text: then it is only held against the same model's. */
const isOneModels = ({ metric, digest }: Pick<Score, 'metric' | 'digest'>): boolean => BY_TOKEN.has(metric) || digest === '';

const statedOf = ({ model: { reference } }: BenchmarkResult): Score[] => {
  if (!reference) return [];
  const { metric, value, text = '' } = reference;
  return [{ by: 'publisher', metric, over: text, digest: text, value }];
};

/** By model, revision and variant, those of the newest complete run of each suite. */
function scoresOf(runs: readonly EvaluationRun[]): Map<string, Score[]> {
  const scores = new Map<string, Score[]>();
  for (const run of runs.toSorted(newestRun)) {
    if (run.state !== 'complete') continue;
    const { id: over, digest } = run.suite;
    const known = scores.get(modelKey(run.model)) ?? [];
    if (known.some((score) => score.digest === digest)) continue;
    const values = { 'bits-per-byte': bitsPerByteOfRun(run), perplexity: perplexityOfRun(run), score: scoreOf(run) };
    const own = Object.entries(values).flatMap(([metric, value]): Score[] =>
      value !== undefined && Number.isFinite(value) ? [{ by: 'suite', metric, over, digest, value }] : [],
    );
    scores.set(modelKey(run.model), [...known, ...own]);
  }
  return scores;
}

const modelKey = ({ id, revision, variant }: BenchmarkResult['model'] | EvaluationRun['model']): string =>
  JSON.stringify([id, revision, variant]);
