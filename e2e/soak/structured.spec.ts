import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { randomSchema } from '../../src/core/testing/randomSchemas.ts';
import { expect, test } from '../support/fixtures.ts';
import { answersTo, faultsOf, matchBeginnings } from '../support/structured.ts';

const SCHEMAS = 1500;
const MAX_TOKENS = 120;

test.use({ installed: ['stories15m'] });

test(`answers to ${SCHEMAS} random schemas are valid whenever they say that they are whole`, async ({ page }) => {
  test.setTimeout(30 * 60_000);
  const seed = Number(process.env.SILL_FUZZ_SEED ?? randomInt(2 ** 31));
  console.log(`seed ${seed}`);
  const schemas = fc.sample(randomSchema, { numRuns: SCHEMAS, seed: seed | 0 });
  const answers = await answersTo(page, schemas, { maxTokens: MAX_TOKENS });
  expect(await faultsOf(answers, schemas, { maxTokens: MAX_TOKENS, matching: await matchBeginnings() })).toEqual([]);
  expect(answers.filter(({ end }) => end === 'stop').length).toBeGreaterThan(SCHEMAS / 2);
});
