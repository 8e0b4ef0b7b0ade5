/**
 * Longest piece of a prompt that is evaluated in one call. A graph returns scores for each of its positions: 128 of
 * a 32,000-word vocabulary are 16 MB, a whole 2,048-token prompt would be 262 MB. An abort waits for one piece.
 */
const BLOCK_TOKENS = 128;

/**
 * Cuts a prompt at fixed positions and around sink tokens, so that one with huge activations is never evaluated in one call with ordinary ones:
 * dynamic int8 quantises the activations of a call together, and the huge ones flatten the others. Sink tokens that follow each other share a
 * call, being of one kind. Cuts that depend on positions and tokens alone keep an answer independent of what happened to be cached.
 */
export function prefillBlocks(prompt: readonly number[], sinkTokens: ReadonlySet<number>): number[][] {
  const blocks: number[][] = [];
  let start = 0;
  for (let end = 1; end <= prompt.length; end++) {
    if (end < prompt.length && !isCut(prompt, sinkTokens, end)) continue;
    blocks.push(prompt.slice(start, end));
    start = end;
  }
  return blocks;
}

/** Whether a block ends before the token at `position`, which is within the prompt. */
const isCut = (prompt: readonly number[], sinkTokens: ReadonlySet<number>, position: number): boolean =>
  position % BLOCK_TOKENS === 0 || sinkTokens.has(prompt[position - 1] ?? -1) !== sinkTokens.has(prompt[position] ?? -1);

/**
 * The blocks of a prompt that lie within its first `length` tokens and are blocks of every prompt that begins with these: where one ends is
 * seen from the token after it, which has to be among them too, or from its position.
 */
export function wholeBlocks(prompt: readonly number[], sinkTokens: ReadonlySet<number>, length: number): number[][] {
  const beginning = prompt.slice(0, length);
  const blocks = prefillBlocks(beginning, sinkTokens);
  return beginning.length % BLOCK_TOKENS === 0 ? blocks : blocks.slice(0, -1);
}
