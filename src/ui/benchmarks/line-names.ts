import { browserOf } from '../../core/benchmark/browser.ts';
import type { BenchmarkResult } from '../../core/benchmark/result.ts';
import { isForeign, placeKey } from '../../core/benchmark/series.ts';
import { placeLabel } from './benchmark-words.ts';

/** Names for what is drawn beside each other: the variant, and of model, place and browser what is not the same in all. */
export function lineNames(results: readonly BenchmarkResult[]): string[] {
  const several = (of: (result: BenchmarkResult) => string): boolean => new Set(results.map(of)).size > 1;
  const family = ({ place, source }: BenchmarkResult): string =>
    isForeign({ source }) ? 'llama-bench' : browserOf(place.userAgent).family;
  const [models, places, browsers] = [several(({ model }) => model.id), several(placeKey), several(family)];
  return results.map((result) => {
    const { model } = result;
    const name = models ? `${model.name} ${model.variant}` : model.variant;
    return [name, ...(places ? [placeLabel(result)] : []), ...(browsers ? [family(result)] : [])].filter(Boolean).join(', ');
  });
}
