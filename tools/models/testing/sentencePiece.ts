import { FIRST_BYTE_ID, FIRST_TEXT_ID, type Piece } from '../../../src/forge/llama2cTokenizer.ts';
import { SPACE_MARK } from '../../../src/forge/tokenizerFiles.ts';

/** SentencePiece's BPE as it is defined, slow and plain: join the neighbours whose joint piece scores highest, leftmost first, until none. */
export function sentencePieceIds(pieces: readonly Piece[], text: string): number[] {
  const known = new Map(pieces.map((piece, id) => [piece.text, { id, score: piece.score }] as const).slice(FIRST_TEXT_ID));
  if (text === '') return [];
  const symbols = [...(SPACE_MARK + text.replaceAll(' ', SPACE_MARK))];
  for (;;) {
    let best: { at: number; score: number } | undefined;
    for (let at = 0; at + 1 < symbols.length; at++) {
      const joined = known.get(`${symbols[at]}${symbols[at + 1]}`);
      if (joined && (best === undefined || joined.score > best.score)) best = { at, score: joined.score };
    }
    if (best === undefined) break;
    symbols.splice(best.at, 2, `${symbols[best.at]}${symbols[best.at + 1]}`);
  }
  const bytes = (symbol: string) => [...new TextEncoder().encode(symbol)].map((byte) => FIRST_BYTE_ID + byte);
  return symbols.flatMap((symbol) => known.get(symbol)?.id ?? bytes(symbol));
}
