import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import type { Page } from '@playwright/test';
import * as v from 'valibot';
import { parseCatalog } from '../../src/core/catalog.ts';
import { DIST, expect } from './fixtures.ts';
import { complete, textOf } from './sill.ts';

const json = async (...path: string[]): Promise<unknown> => JSON.parse(await readFile(join(...path), 'utf8'));

const GoldenSchema = v.object({
  cases: v.array(
    v.object({
      prompt: v.string(),
      prompt_ids: v.array(v.number()),
      greedy_ids: v.array(v.number()),
      /** By how much the chosen token's logit is ahead of the second. */
      top1_margin: v.array(v.number()),
    }),
  ),
});

interface Judged {
  readonly model: string;
  readonly variant: string;
  /** The largest margin of a choice that this form may turn. */
  readonly closeCall: number;
  /** How many choices of a text it may turn, of 64: a form that turns each close one is not the model that it was. */
  readonly mostTurned: number;
  /** Of the golden texts; all, where it is not given. */
  readonly cases?: number;
}

/** Stories15M in some form makes every choice that the 32-bit one makes, but for close calls. */
export async function expectGoldenChoices(page: Page, { model, variant, closeCall, mostTurned, cases }: Judged): Promise<void> {
  const golden = v.parse(GoldenSchema, await json(import.meta.dirname, '../../tools/models/golden/stories15m.json'));
  const entry = parseCatalog(await json(DIST, 'models/catalog.json')).models.find(({ id }) => id === 'stories15m');
  const tokenizer = new Tokenizer(v.parse(v.looseObject({}), await json(DIST, 'models', entry?.path ?? '', 'tokenizer.json')), {});
  const decode = (ids: number[]) => tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false });

  for (const { prompt, prompt_ids, greedy_ids, top1_margin } of golden.cases.slice(0, cases)) {
    const golden = (count: number) => decode([...prompt_ids, ...greedy_ids.slice(0, count)]);
    expect(golden(0)).toBe(prompt);
    const turned: number[] = [];
    // Where it leaves the golden path it is put back on it behind the close call, so that all of the path is judged.
    for (let at = 0; at < greedy_ids.length; ) {
      const answer = await complete(page, { model, prompt: golden(at), temperature: 0, max_tokens: greedy_ids.length - at });
      expect(answer.sill).toMatchObject({ variant });
      expect(answer.usage?.prompt_tokens).toBe(prompt_ids.length + at);
      const text = golden(at) + textOf(answer);
      const parted = greedy_ids.findIndex((_, i) => i >= at && !text.startsWith(golden(i + 1)));
      if (parted < 0) break;
      expect(top1_margin[parted], `"${text}" parts from "${golden(parted + 1)}"`).toBeLessThan(closeCall);
      turned.push(parted);
      at = parted + 1;
    }
    expect(turned.length, `of "${prompt}" it turned ${turned.length}: ${turned.join(', ')}`).toBeLessThanOrEqual(mostTurned);
  }
}
