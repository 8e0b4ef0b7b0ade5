/** Words without case and punctuation, in any script. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];

/**
 * Word error rate: words that were put in, left out or replaced, for each word that was said. 0 is right, and more than 1 is possible.
 * https://en.wikipedia.org/wiki/Word_error_rate
 */
export function wordErrorRate(said: string, heard: string): number {
  const [reference, words] = [wordsOf(said), wordsOf(heard)];
  if (reference.length === 0) return words.length === 0 ? 0 : 1;
  let row = Array.from({ length: words.length + 1 }, (_, i) => i);
  for (const [i, wanted] of reference.entries()) {
    const next = [i + 1];
    for (const [j, word] of words.entries()) {
      next.push(Math.min((row[j] ?? 0) + (word === wanted ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return (row.at(-1) ?? 0) / reference.length;
}
