/**
 * Longest piece of a prompt that is evaluated in one call. A graph returns scores for each of its positions: 128 of
 * a 32,000-word vocabulary are 16 MB, a whole 2,048-token prompt would be 262 MB. An abort waits for one piece.
 */
export const BLOCK_TOKENS = 128;
/** Up to so many tokens the last turn and what a template writes behind it are one call: each costs as much as six tokens (docs/decisions/0047). */
const SHORT_TURN_TOKENS = 32;

/** Where a prompt is cut. */
export interface PromptCuts {
  /** Tokens with huge activations: a block has these only, or none of them. */
  readonly sinkTokens: ReadonlySet<number>;
  /** Behind each of these a block ends: the next turn of a conversation begins with all before it. */
  readonly turnEnds: ReadonlySet<number>;
  /** What a chat template writes between such an end and a person's words. Where it follows, the block ends behind it instead. */
  readonly lead: readonly number[];
}

/**
 * Cuts a prompt at fixed positions, behind ends of turns, and around sink tokens, so that one with huge activations is never evaluated in one call
 * with ordinary ones: dynamic int8 quantises the activations of a call together, and the huge ones flatten the others. Sink tokens that follow each
 * other share a call, being of one kind. Cuts that depend on positions and tokens alone keep an answer independent of what happened to be cached.
 */
export function prefillBlocks(prompt: readonly number[], cuts: PromptCuts): number[][] {
  const blocks = sharedBlocks(prompt, cuts);
  const [before = [], last = []] = blocks.slice(-2);
  const at = prompt.length - last.length;
  const isShort = before.length + last.length <= SHORT_TURN_TOKENS;
  if (blocks.length < 2 || !isShort || isParted(prompt, cuts, at)) return blocks;
  return [...blocks.slice(0, -2), [...before, ...last]];
}

/** The blocks in which every longer prompt that begins with this one has it too, but for the last, which may be a part of one there. */
export function sharedBlocks(prompt: readonly number[], cuts: PromptCuts): number[][] {
  const blocks: number[][] = [];
  let start = 0;
  for (let end = 1; end <= prompt.length; end++) {
    if (end < prompt.length && !isParted(prompt, cuts, end) && !endsTurn(prompt, cuts, end)) continue;
    blocks.push(prompt.slice(start, end));
    start = end;
  }
  return blocks;
}

/** Whether the tokens before and at `position`, which is within the prompt, may not share a block. */
const isParted = (prompt: readonly number[], { sinkTokens }: PromptCuts, position: number): boolean =>
  position % BLOCK_TOKENS === 0 || sinkTokens.has(prompt[position - 1] ?? -1) !== sinkTokens.has(prompt[position] ?? -1);

/** While a prompt ends within what may become a lead, its last turn has not ended. */
function endsTurn(prompt: readonly number[], { turnEnds, lead }: PromptCuts, position: number): boolean {
  // Not behind the very first token: some models begin a text with what ends one.
  const isEnd = (at: number) => at > 1 && turnEnds.has(prompt[at - 1] ?? -1);
  const isLed = (at: number) => lead.every((id, i) => at + i >= prompt.length || prompt[at + i] === id);
  if (lead.length === 0) return isEnd(position);
  const led = position - lead.length;
  return (isEnd(position) && !isLed(position)) || (isEnd(led) && isLed(led));
}

/**
 * The blocks of a prompt that lie within its first `length` tokens and are blocks of every prompt that goes on behind these, for at least a short
 * turn: where one ends is seen from its position, from its last tokens, or from those after it, which then have to be among them too. Alone they are
 * cut in the same way: whoever keeps their tokens finds them again.
 */
export function wholeBlocks(prompt: readonly number[], cuts: PromptCuts, length: number): number[][] {
  const beginning = prompt.slice(0, length);
  const blocks = sharedBlocks(beginning, cuts);
  const isWhole = beginning.length % BLOCK_TOKENS === 0 || endsTurn(beginning, cuts, beginning.length);
  let whole = isWhole ? blocks : blocks.slice(0, -1);
  while (!isCutAlike(sharedBlocks(whole.flat(), cuts), whole)) whole = whole.slice(0, -1);
  return whole;
}

/** Of the same tokens. */
const isCutAlike = (a: readonly number[][], b: readonly number[][]): boolean =>
  a.length === b.length && a.every(({ length }, i) => length === b[i]?.length);
