import type { EmbedResult } from '../../ports/runtime.ts';
import type { Reading } from '../sessions/reading.ts';
import type { Session } from '../sessions/session.ts';

/**
 * Texts that are embedded before others are let in: a few hundred milliseconds for long ones on a slow device, and so many that what a call costs
 * besides is a hundredth.
 */
const BATCH_TEXTS = 8;

/**
 * Embeds texts some at a time and lets others have their turn between. What is done is kept over turns and losses, as long as the same weights answer:
 * vectors of two models do not lie in one space.
 * @returns to be called in each turn, until it resolves
 */
export function createEmbedding(
  texts: readonly string[],
): (
  session: Pick<Session, 'model' | 'installed' | 'variant'>,
  signal: AbortSignal,
  reading: Pick<Reading, 'giveWay'>,
) => Promise<EmbedResult> {
  let done: EmbedResult[] = [];
  let madeBy = '';

  return async ({ model, installed, variant }, signal, reading) => {
    const by = `${installed.revision} ${variant.id}`;
    if (by !== madeBy) done = [];
    madeBy = by;
    for (;;) {
      const from = done.length * BATCH_TEXTS;
      // An empty list is refused by the model, in its words.
      done.push(await model.embed(texts.slice(from, from + BATCH_TEXTS), { signal }));
      if (done.length * BATCH_TEXTS >= texts.length) return together(done);
      reading.giveWay();
    }
  };
}

function together(batches: readonly EmbedResult[]): EmbedResult {
  const sum = (count: (batch: EmbedResult) => number) => batches.reduce((total, batch) => total + count(batch), 0);
  const vectors = new Float32Array(sum((batch) => batch.vectors.length));
  let at = 0;
  for (const batch of batches) {
    vectors.set(batch.vectors, at);
    at += batch.vectors.length;
  }
  return {
    vectors,
    dimensions: batches[0]?.dimensions ?? 0,
    promptTokens: sum(({ promptTokens }) => promptTokens),
    truncated: batches.some(({ truncated }) => truncated),
    embedMs: sum(({ embedMs }) => embedMs),
  };
}
