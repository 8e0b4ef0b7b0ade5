/** About 150 to 200 tokens of English: inside the 256 of small embedding models, and a length that a person reads at a glance. */
const MAX_PASSAGE_CHARS = 700;
/** Shorter neighbours are joined: a heading alone means little. */
const MIN_PASSAGE_CHARS = 200;

/**
 * Cuts a text into passages for search: at paragraphs, then at sentences, then at spaces, never inside a surrogate pair. Passages hold
 * the text's words in order, white space folded; empty text gives none.
 */
export function splitPassages(text: string): string[] {
  const pieces = text
    .replaceAll('\r\n', '\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s+/g, ' ').trim())
    .filter((paragraph) => paragraph.length > 0)
    .flatMap(splitLong);
  return joinShort(pieces);
}

function splitLong(paragraph: string): string[] {
  if (paragraph.length <= MAX_PASSAGE_CHARS) return [paragraph];
  const sentences = paragraph.split(/(?<=[.!?。！？])\s+/).flatMap(splitHard);
  return joinShort(sentences, MAX_PASSAGE_CHARS);
}

function splitHard(sentence: string): string[] {
  const parts: string[] = [];
  let rest = sentence;
  while (rest.length > MAX_PASSAGE_CHARS) {
    const space = rest.lastIndexOf(' ', MAX_PASSAGE_CHARS);
    let cut = space > 0 ? space : MAX_PASSAGE_CHARS;
    const code = rest.charCodeAt(cut - 1);
    if (code >= 0xd800 && code <= 0xdbff) cut -= 1;
    parts.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  if (rest.length > 0) parts.push(rest);
  return parts;
}

function joinShort(pieces: readonly string[], enoughChars = MIN_PASSAGE_CHARS): string[] {
  const passages: string[] = [];
  for (const piece of pieces) {
    const last = passages.at(-1);
    if (last !== undefined && last.length < enoughChars && last.length + 1 + piece.length <= MAX_PASSAGE_CHARS) {
      passages[passages.length - 1] = `${last} ${piece}`;
    } else passages.push(piece);
  }
  return passages;
}
