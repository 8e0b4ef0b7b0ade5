import { browserOf } from './browser.ts';
import { type BenchmarkResult, byAge, type Figure, faultsOf, figureName, figureOf, type Metric } from './result.ts';
import { pooled, type Spread } from './statistics.ts';

/** Along what a figure is drawn: one place for each result, by its date, or for each version or browser that results are of. */
export const AXES = ['time', 'version', 'browser'] as const;
export type Along = (typeof AXES)[number];

export interface MeasuredModel {
  readonly id: string;
  readonly name: string;
}

/** Models that results are of, the one that was measured last first. */
export function measuredModels(results: readonly BenchmarkResult[]): MeasuredModel[] {
  const models = new Map<string, MeasuredModel>();
  for (const { model } of results.toSorted(byAge)) if (!models.has(model.id)) models.set(model.id, { id: model.id, name: model.name });
  return [...models.values()];
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

/** A place on the axis. */
export interface Slot {
  readonly key: string;
  /** The first result there. */
  readonly result: BenchmarkResult;
}

export interface SeriesPoint extends Spread {
  /** Which place on the axis, from 0. */
  readonly slot: number;
  readonly metric: Metric;
  /** What it says, oldest first: along the time one result. */
  readonly results: readonly BenchmarkResult[];
}

/** What can be held together: one variant of one model in one place. */
export interface Series {
  readonly key: string;
  /** The newest of it, by which it is named. */
  readonly result: BenchmarkResult;
  /** In the order of the axis. */
  readonly points: readonly SeriesPoint[];
}

export interface Chart {
  readonly slots: readonly Slot[];
  /** The one with the most results first. */
  readonly series: readonly Series[];
}

/**
 * How one figure went, in a line for each model, variant and place: another program, device, graphics processor, number of threads or browser
 * is another place. Results that are not comparable are left out. Where several stand at one place of the axis, as those of one version do, they are one
 * point, whose deviation is over all their repetitions.
 * @param name of a figure, as `figureName` writes it
 */
export function chartOf(results: readonly BenchmarkResult[], name: string, along: Along = 'time'): Chart {
  const found = results
    .flatMap((result) => {
      const figure = figureOf(result, name);
      return figure && figureName(figure) === name && faultsOf(result).length === 0 ? [{ result, figure }] : [];
    })
    .sort((a, b) => a.result.startedAtMs - b.result.startedAtMs || byAge(b.result, a.result));
  const slots = new Map<string, Slot & { readonly at: number }>();
  const lines = new Map<string, Map<number, Found[]>>();
  for (const each of found) {
    const key = slotKey(each.result, along);
    const slot = slots.get(key) ?? { key, result: each.result, at: slots.size };
    slots.set(key, slot);
    const name = lineKey(each.result);
    const line = lines.get(name) ?? new Map<number, Found[]>();
    const there = line.get(slot.at) ?? [];
    there.push(each);
    lines.set(name, line.set(slot.at, there));
  }
  const series = [...lines].flatMap(([key, line]) => {
    const points = [...line].sort(([a], [b]) => a - b).map(([slot, those]) => pointOf(slot, those));
    const newest = points.at(-1)?.results.at(-1);
    return newest ? [{ key, result: newest, points }] : [];
  });
  return { slots: [...slots.values()], series: series.sort((a, b) => resultsIn(b) - resultsIn(a)) };
}

interface Found {
  readonly result: BenchmarkResult;
  readonly figure: Figure;
}

function pointOf(slot: number, found: readonly Found[]): SeriesPoint {
  const metric = found[0]?.figure.metric ?? 'tg';
  return { slot, metric, ...pooled(found.map(({ figure }) => figure)), results: found.map(({ result }) => result) };
}

export const resultsIn = ({ points }: Series): number => points.reduce((sum, { results }) => sum + results.length, 0);

/** The program and its version. */
export const versionOf = ({ source, versions }: Pick<BenchmarkResult, 'source' | 'versions'>): string => {
  if (isForeign({ source })) return source ?? '';
  return `Sill ${versions.sill}${versions.onnxruntime === '' ? '' : `, ONNX Runtime ${versions.onnxruntime}`}`;
};

/** Measured by another program, and not only carried over in a table of its kind. */
export const isForeign = ({ source }: { readonly source?: string | undefined }): boolean => source?.startsWith('llama-bench') ?? false;

function slotKey(result: BenchmarkResult, along: Along): string {
  if (along === 'time') return result.id;
  return along === 'version' ? versionOf(result) : (result.source ?? result.place.userAgent);
}

/** The build of another program is its version, and a browser's version is no other browser. */
export function placeKey({ label = '', source, place }: Pick<BenchmarkResult, 'label' | 'source' | 'place'>): string {
  const { device, adapter = '', threads, userAgent } = place;
  const { family, system } = browserOf(userAgent);
  return JSON.stringify([label, device, adapter, threads, isForeign({ source }) ? 'llama-bench' : 'sill', family, system]);
}

const lineKey = (result: BenchmarkResult): string => JSON.stringify([result.model.id, result.model.variant, placeKey(result)]);
