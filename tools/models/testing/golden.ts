import { readFileSync } from 'node:fs';
import * as v from 'valibot';

const numbers = v.array(v.number());
const GoldenSchema = v.object({
  cases: v.array(v.object({ prompt: v.string(), prompt_ids: numbers, greedy_ids: numbers, greedy_text: v.string(), top1_margin: numbers })),
  perplexity: v.object({ text: v.string(), tokens: v.number(), mean_nll: v.number() }),
});

/** What the fp32 weights say, computed apart from this project: see `golden/README.md`. */
export const golden = v.parse(GoldenSchema, JSON.parse(readFileSync(new URL('../golden/stories15m.json', import.meta.url), 'utf8')));
