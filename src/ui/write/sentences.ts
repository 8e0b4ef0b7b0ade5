/** The end of a sentence: its mark, a closing quote perhaps, and then space or a line break. */
const SENTENCE_END = /[.!?…]["'”’)]*\s|\n/g;

/**
 * Cuts streamed text where a listener can follow: whole sentences to be said now, and the beginning of the next.
 * A screen reader that is given every token interrupts itself.
 */
export function splitSentences(text: string): { readonly whole: string; readonly rest: string } {
  let end = 0;
  for (const match of text.matchAll(SENTENCE_END)) end = match.index + match[0].length;
  return { whole: text.slice(0, end).trim(), rest: text.slice(end) };
}
