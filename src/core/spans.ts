export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Case, accents and white space are what tokenizers change. */
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/**
 * Where words that a tokenizer gave back stand in the text that it was given, each after the one before.
 * @returns one for each word, in UTF-16 units of `text`; `undefined` for a word that is not found
 */
export function findSpans(text: string, words: readonly string[]): Array<Span | undefined> {
  // Of each unit of the plain text, where it came from.
  const origin: number[] = [];
  let searched = '';
  for (let at = 0; at < text.length; ) {
    const letter = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const bare = /\s/u.test(letter) ? '' : plain(letter);
    searched += bare;
    for (let unit = 0; unit < bare.length; unit++) origin.push(at);
    at += letter.length;
  }
  const lengthAt = (at: number) => String.fromCodePoint(text.codePointAt(at) ?? 0).length;
  let from = 0;
  return words.map((word) => {
    // Pieces of a word are marked by some tokenizers.
    const wanted = plain(word.replace(/^##/, '')).replace(/\s+/gu, '');
    const found = wanted === '' ? -1 : searched.indexOf(wanted, from);
    if (found < 0) return undefined;
    from = found + wanted.length;
    const [start, last] = [origin[found] ?? 0, origin[from - 1] ?? 0];
    // An accent of its own belongs to the letter before it.
    const accents = /^\p{M}*/u.exec(text.slice(last + lengthAt(last)))?.[0].length ?? 0;
    return { start, end: last + lengthAt(last) + accents };
  });
}
