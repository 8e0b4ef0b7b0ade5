import { prefillBlocks } from '../core/prefill.ts';
import { blockKey } from '../core/prefixTree.ts';
import type { Sequence } from './causalModel.ts';
import { guarded } from './failures.ts';
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
  const { model, prefixes, turns, breathe } = text;
  const blocks = prefillBlocks(prompt, text.sinkTokens);
  const path = blocks.map(blockKey);
  const sequence = model.start();
  try {
    const known = salt === undefined ? [] : prefixes.find(salt, path);
    let logits = known.length === blocks.length ? known.at(-1)?.logits : undefined;
    // Without the scores behind it the last block is evaluated again.
    const usable = logits ? known : known.slice(0, blocks.length - 1);
    await turns.take(() => evaluating(async () => sequence.restore(usable.map(({ block }) => block))));
    const cachedTokens = sequence.length;
    for (const [i, block] of blocks.entries()) {
      if (i < usable.length) continue;
      await breathe();
      signal.throwIfAborted();
      const isLast = i === blocks.length - 1;
      await turns.take(async () => {
        const from = sequence.length;
        const scores = await evaluating(() => sequence.forward(block, isLast));
        if (isLast) logits = scores.slice();
        if (salt === undefined) return;
        const kept = sequence.keep(from);
        prefixes.put(salt, path.slice(0, i + 1), { block: kept, logits, sizeBytes: kept.sizeBytes + (logits?.byteLength ?? 0) });
      });
    }
    return { sequence, logits: logits ?? new Float32Array(model.vocabularySize), cachedTokens };
  } catch (reason) {
    sequence.release();
    throw reason;
  }
}

const evaluating = <T>(work: () => Promise<T>): Promise<T> => guarded('generating text', work);
