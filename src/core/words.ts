/** Lower case without accents, so that "cafe" finds "Café". */
export const folded = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The words of a query, each of which is to be found. */
export const wordsOf = (query: string): readonly string[] => folded(query).split(/\s+/).filter(Boolean);

/** @param text folded */
export const hasWords = (text: string, words: readonly string[]): boolean => words.every((word) => text.includes(word));

const BEFORE = 24;
const LENGTH = 90;

/** Where one of the words stands, with what is around it on one line; undefined where none does. @param text as it was written */
export function excerpt(text: string, words: readonly string[]): string | undefined {
  const flat = text.replace(/\s+/g, ' ');
  const plain = folded(flat);
  const at = words.map((word) => plain.indexOf(word)).find((found) => found >= 0);
  if (at === undefined) return undefined;
  // Folding may shorten: the place is near enough for a line of context.
  const from = Math.max(0, at - BEFORE);
  return `${from > 0 ? '…' : ''}${flat.slice(from, from + LENGTH).trim()}${flat.length > from + LENGTH ? '…' : ''}`;
}
