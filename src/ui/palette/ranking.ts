import { go } from 'fuzzysort';

/** What is found among others by its words. */
export interface Rankable {
  readonly id: string;
  readonly label: string;
  /** Other words for it, which count less. */
  readonly also?: string;
}

export interface Ranked<T> {
  readonly item: T;
  /** Which characters of the label a person typed. */
  readonly marks: ReadonlySet<number>;
}

/** Below, letters are only strewn over the words. */
const LEAST = 0.35;
const ALSO = 0.8;
/** Between two that fit alike, the one that was used of late. Less than a better fit. */
const RECENT = 0.06;
const MOST = 50;

/**
 * Best first. Without words, what was used of late, then all as they come.
 * @param recent ids, latest first
 */
export function rank<T extends Rankable>(items: readonly T[], words: string, recent: readonly string[]): ReadonlyArray<Ranked<T>> {
  const wanted = words.trim();
  if (wanted === '') return byRecency(items, recent).map((item) => ({ item, marks: new Set() }));
  const bonus = (id: string): number => {
    const at = recent.indexOf(id);
    return at < 0 ? 0 : RECENT * (1 - at / recent.length);
  };
  const found = go(wanted, items, {
    keys: [({ label }) => label, ({ also }) => also ?? ''],
    // All are scored, and those that are far off dropped below: what was used of late is no nearer for it.
    threshold: 0,
    limit: 0,
  });
  return found
    .map((result) => {
      const [label, also] = result;
      // Several words may be spread over both.
      const fit = Math.max(label?.score ?? 0, (also?.score ?? 0) * ALSO, result.score * ALSO);
      return { item: result.obj, marks: new Set(label?.score ? label.indexes : []), fit, score: fit + bonus(result.obj.id) };
    })
    .filter(({ fit }) => fit >= LEAST)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST);
}

function byRecency<T extends Rankable>(items: readonly T[], recent: readonly string[]): readonly T[] {
  const used = recent.flatMap((id) => items.find((item) => item.id === id) ?? []);
  return [...used, ...items.filter((item) => !used.includes(item))];
}
