import { wordsOf } from './wordErrors.ts';

/**
 * ROUGE-N of a text against one that is wanted: the harmonic mean of how many of its runs of `n` words stand in the other, and the other way round.
 * 0 to 1; the words' case and punctuation do not count. Lin 2004, https://aclanthology.org/W04-1013
 */
export function rougeN(text: string, wanted: string, n = 1): number {
  const [own, other] = [runsOf(wordsOf(text), n), runsOf(wordsOf(wanted), n)];
  const [ownCount, otherCount] = [sizeOf(own), sizeOf(other)];
  if (ownCount === 0 || otherCount === 0) return ownCount === otherCount ? 1 : 0;
  let shared = 0;
  for (const [run, count] of own) shared += Math.min(count, other.get(run) ?? 0);
  // 2 PR / (P + R), with the shared runs in both.
  return (2 * shared) / (ownCount + otherCount);
}

function runsOf(words: readonly string[], n: number): Map<string, number> {
  const runs = new Map<string, number>();
  for (let i = 0; i + n <= words.length; i++) {
    const run = words.slice(i, i + n).join(' ');
    runs.set(run, (runs.get(run) ?? 0) + 1);
  }
  return runs;
}

const sizeOf = (runs: ReadonlyMap<string, number>): number => [...runs.values()].reduce((sum, count) => sum + count, 0);
