export interface ScoredPiece {
  readonly text: string;
  readonly score: number;
}

/**
 * SentencePiece joins the neighbours whose joint piece scores highest; `tokenizer.json` wants the list of such joints, best first.
 * Where scores are equal (Llama's runs of spaces) the longer left part goes first, which is SentencePiece's leftmost-first.
 * @param pieces those made of text: no control pieces, no bytes
 */
export function mergesFromScores(pieces: readonly ScoredPiece[]): Array<readonly [left: string, right: string]> {
  const known = new Set(pieces.map((piece) => piece.text));
  const merges: Array<{ left: string; right: string; score: number }> = [];
  for (const { text, score } of pieces) {
    const characters = [...text];
    let left = '';
    for (let cut = 1; cut < characters.length; cut++) {
      left += characters[cut - 1];
      const right = text.slice(left.length);
      if (known.has(left) && known.has(right)) merges.push({ left, right, score });
    }
  }
  merges.sort((a, b) => b.score - a.score || b.left.length - a.left.length || b.right.length - a.right.length);
  return merges.map(({ left, right }) => [left, right] as const);
}
