import { readFileSync } from 'node:fs';
import * as v from 'valibot';

const numbers = v.array(v.number());
const CasesSchema = v.array(
  v.object({ prompt: v.string(), prompt_ids: numbers, greedy_ids: numbers, greedy_text: v.string(), top1_margin: numbers }),
);
const GoldenSchema = v.object({
  cases: CasesSchema,
  perplexity: v.object({ text: v.string(), tokens: v.number(), mean_nll: v.number() }),
});

/** What the fp32 weights say, computed apart from this project: see `golden/README.md`. */
export const golden = v.parse(GoldenSchema, read('stories15m.json'));

/** What the unquantised weights of TinyLlama answer: see there as well. */
export const answers = v.parse(v.object({ cases: CasesSchema }), read('tinyllamaAnswers.json'));

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8'));
}
