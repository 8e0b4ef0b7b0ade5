import { prefillBlocks } from '../core/prefill.ts';
import { blockKey } from '../core/prefixTree.ts';
import type { Sequence } from './causalModel.ts';
import { stepping } from './steps.ts';
import type { TextModel } from './textModel.ts';

interface PrefillCall {
  readonly signal: AbortSignal;
  /** Whose beginnings may be used and added to; absent means none. */
  readonly salt?: string;
}

export interface Prefilled {
  readonly sequence: Sequence;
  /** Scores of the token after the last. Not to be written to. */
  readonly logits: Float32Array;
  /** Tokens that were not evaluated, because an earlier prompt began with them. */
  readonly cachedTokens: number;
}

/**
 * Evaluates a prompt in the blocks of `core/prefill`, but for those that are kept. Only whole blocks are kept and only as a prefill
 * made them, never tokens as decoding left them there: int8 quantises over all tokens of a call, and so the numbers are the same,
 * to the bit, whether a beginning was evaluated now or before.
 * @throws SillError `runtime_failed` | `out_of_memory` | `aborted`
 */
export async function prefill(text: TextModel, prompt: readonly number[], { signal, salt }: PrefillCall): Promise<Prefilled> {
  const { model, prefixes, turns, sealed } = text;
  const blocks = prefillBlocks(prompt, text.cuts);
  if (salt !== undefined) await sealed?.open(text, prompt, salt);
  const sequence = model.start();
  try {
    // Looked for when the turn comes: the block that is evaluated meanwhile may be one of them.
    const { usable, logits } = await turns.take(() =>
      evaluating(async () => {
        const known = salt === undefined ? [] : prefixes.find(salt, blocks.map(blockKey));
        const scores = known.length === blocks.length ? known.at(-1)?.logits : undefined;
        // Without the scores behind it the last block is evaluated again.
        const usable = scores ? known : known.slice(0, blocks.length - 1);
        sequence.restore(usable.map(({ block }) => block));
        return { usable: usable.length, logits: scores };
      }),
    );
    const cachedTokens = sequence.length;
    const scores = logits ?? (await evaluate(text, sequence, { blocks, from: usable, isScored: true, signal, salt }));
    return { sequence, logits: scores ?? new Float32Array(model.vocabularySize), cachedTokens };
  } catch (reason) {
    sequence.release();
    throw reason;
  }
}

interface Evaluation {
  readonly blocks: readonly number[][];
  /** Index of the first block that the sequence does not hold. */
  readonly from: number;
  /** Whether the scores behind the last one are wanted. */
  readonly isScored: boolean;
  readonly signal: AbortSignal;
  readonly salt: string | undefined;
  /** After each block, with its tokens. */
  readonly onBlock?: (tokens: number) => void;
}

/** Block after block, each in a turn of its own, and keeps them. @returns the scores behind the last one, where they are wanted */
export async function evaluate(
  { prefixes, turns, breathe }: TextModel,
  sequence: Sequence,
  { blocks, from, isScored, signal, salt, onBlock }: Evaluation,
): Promise<Float32Array | undefined> {
  const path = blocks.map(blockKey);
  let logits: Float32Array | undefined;
  for (const [i, block] of blocks.entries()) {
    if (i < from) continue;
    await breathe();
    signal.throwIfAborted();
    const isLast = isScored && i === blocks.length - 1;
    await turns.take(async () => {
      const at = sequence.length;
      const scores = await evaluating(() => sequence.forward(block, isLast), block.length);
      if (isLast) logits = scores.slice();
      if (salt === undefined) return;
      const kept = sequence.keep(at);
      prefixes.put(salt, path.slice(0, i + 1), { block: kept, logits, sizeBytes: kept.sizeBytes + (logits?.byteLength ?? 0) });
    });
    onBlock?.(block.length);
  }
  return logits;
}

/** @param tokens that it evaluates */
export const evaluating = <T>(work: () => Promise<T>, tokens?: number): Promise<T> => stepping('generating text', work, tokens);
