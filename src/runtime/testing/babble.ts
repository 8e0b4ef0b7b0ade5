import { createRandom } from '../../core/random.ts';
import type { Matching } from '../grammarMatching.ts';
import type { testVocabulary } from './xgrammar.ts';

interface Babbler {
  readonly matching: Matching;
  readonly vocabulary: ReturnType<typeof testVocabulary>;
}

/** A text by a model that likes nothing better than anything else: the hottest there is. Absent when it came to no end. */
export async function babble({ matching, vocabulary }: Babbler, grammar: string, seed: number, most = 400): Promise<string | undefined> {
  const random = createRandom(seed);
  let { matcher, allowed } = await matching.start(grammar, []);
  const bytes: number[] = [];
  try {
    for (let step = 0; step < most; step++) {
      const ids = vocabulary.tokens.flatMap((_, id) => (((allowed.mask[id >> 5] ?? 0) >>> (id & 31)) & 1 ? [id] : []));
      if (ids.length === 0) throw new Error(`There is no way on from ${new TextDecoder().decode(Uint8Array.from(bytes))}`);
      // Ends when it may, every other time; else it would hardly ever end a number.
      const id = ids.includes(vocabulary.stop) && random() < 0.5 ? vocabulary.stop : (ids[Math.floor(random() * ids.length)] ?? 0);
      if (id === vocabulary.stop) return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
      bytes.push(...(vocabulary.bytes[id] ?? []));
      allowed = await matching.accept(matcher, [id]);
    }
    return undefined;
  } finally {
    matching.end(matcher);
  }
}
