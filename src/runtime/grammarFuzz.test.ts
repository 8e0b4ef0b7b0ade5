import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerGrammar } from '../core/grammar/answerGrammar.ts';
import { randomSchema } from '../core/testing/randomSchemas.ts';
import { checkSchema } from '../platform/schemaCheck.ts';
import { createMatching } from './grammarMatching.ts';
import { babble } from './testing/babble.ts';
import { loadXGrammar, testVocabulary } from './testing/xgrammar.ts';

/** One takes ten times as long as a run of other fuzz tests. */
const RUNS = Number(process.env.SILL_FUZZ_RUNS ?? 4000) / 10;
const SEED = Number(process.env.SILL_FUZZ_SEED ?? 1);

test('what comes of random schemas is valid, whatever a model would like to write', { timeout: 60_000 + RUNS * 100 }, async () => {
  const vocabulary = testVocabulary();
  const matching = await createMatching(loadXGrammar(), { tokens: vocabulary.tokens, stopTokenIds: [vocabulary.stop] });
  let ended = 0;
  await fc.assert(
    fc.asyncProperty(randomSchema, fc.nat(), async (schema, seed) => {
      const grammar = answerGrammar({ format: { kind: 'schema', schema } }) ?? '';
      for (const each of [seed, seed + 1]) {
        const text = await babble({ matching, vocabulary }, grammar, each, 120);
        if (text === undefined) continue;
        ended += 1;
        expect(checkSchema(schema, JSON.parse(text)), text).toBeUndefined();
      }
    }),
    { numRuns: RUNS, seed: SEED | 0 },
  );
  expect(ended).toBeGreaterThan(RUNS / 2);
});
