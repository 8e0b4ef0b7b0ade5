import type { BenchmarkResult } from '../../core/benchmark/result.ts';
import { folded, hasWords, wordsOf } from '../../core/words.ts';
import { currentLocale } from '../locale.ts';
import { browserWords, placeLabel } from './benchmark-words.ts';

/** Of each result, in the language that is read: of thousands it is worked out once, not at each letter. */
const texts = new WeakMap<BenchmarkResult, { readonly locale: string; readonly text: string }>();

/** Whether a result fits what somebody typed into the filter: words of its model, variant, device or browser. */
export function resultFilter(typed: string): (result: BenchmarkResult) => boolean {
  const wanted = wordsOf(typed);
  if (wanted.length === 0) return () => true;
  const locale = currentLocale();
  return (result) => hasWords(textOf(result, locale), wanted);
}

function textOf(result: BenchmarkResult, locale: string): string {
  const known = texts.get(result);
  if (known?.locale === locale) return known.text;
  const { model, place, source } = result;
  const text = folded([model.name, model.id, model.variant, placeLabel(result), browserWords(place.userAgent), source].join(' '));
  texts.set(result, { locale, text });
  return text;
}
