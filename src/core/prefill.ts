/**
 * Longest piece of a prompt that is evaluated in one call. A graph returns scores for each of its positions: 128 of
 * a 32,000-word vocabulary are 16 MB, a whole 2,048-token prompt would be 262 MB. An abort waits for one piece.
 */
const BLOCK_TOKENS = 128;

/**
 * Cuts a prompt at fixed positions and after each sink token. Dynamic int8 quantises the activations of a call together,
 * and one token with huge activations flattens its neighbours; cuts that depend on positions and tokens alone
 * keep an answer independent of what happened to be cached.
 */
export function prefillBlocks(prompt: readonly number[], sinkTokens: ReadonlySet<number>): number[][] {
  const blocks: number[][] = [];
  let block: number[] = [];
  prompt.forEach((id, i) => {
    block.push(id);
    if (sinkTokens.has(id) || (i + 1) % BLOCK_TOKENS === 0 || i === prompt.length - 1) {
      blocks.push(block);
      block = [];
    }
  });
  return blocks;
}

/**
 * The blocks of a prompt that lie within its first `length` tokens and end at a cut, so that they are blocks of every prompt that begins with them.
 */
export function wholeBlocks(prompt: readonly number[], sinkTokens: ReadonlySet<number>, length: number): number[][] {
  const whole: number[][] = [];
  let end = 0;
  for (const block of prefillBlocks(prompt, sinkTokens)) {
    end += block.length;
    // The last one may only end because the prompt does.
    if (end > length || !(end % BLOCK_TOKENS === 0 || sinkTokens.has(block.at(-1) ?? -1))) break;
    whole.push(block);
  }
  return whole;
}
