import type { BenchmarkResult } from '../../core/benchmark/result.ts';
import { folded, hasWords, wordsOf } from '../../core/words.ts';
import { browserWords, placeLabel } from './benchmark-words.ts';

/** Whether a result fits what somebody typed into the filter: words of its model, variant, device or browser. */
export function resultFilter(typed: string): (result: BenchmarkResult) => boolean {
  const wanted = wordsOf(typed);
  if (wanted.length === 0) return () => true;
  return (result) => {
    const { model, place, source } = result;
    return hasWords(
      folded([model.name, model.id, model.variant, placeLabel(result), browserWords(place.userAgent), source].join(' ')),
      wanted,
    );
  };
}
