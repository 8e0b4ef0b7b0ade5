import type { Page } from '@playwright/test';
import type { EvaluationDetails, EvaluationRequest, EvaluationRun } from '../src/protocol/evaluations.ts';
import { expectAccessible } from './support/accessible.ts';
import { expect, openApp, test } from './support/fixtures.ts';
import { refusalOf } from './support/sill.ts';
import { open } from './support/views.ts';

const STORY = 'Once upon a time, there was a little girl who lived in a small house.';
/** What stories15M writes after this is known by e2e/golden.spec.ts; here it is enough that it goes on with a story. */
const SUITE = [
  { id: 'begins', prompt: 'Once upon a time', max_tokens: 12, assert: [{ type: 'starts-with', value: ', there was' }] },
  { id: 'wrong', prompt: 'Once upon a time', max_tokens: 12, assert: [{ type: 'equals', value: ', there was a dragon' }] },
  {
    id: 'weighed',
    prompt: 'One day, a robot',
    // Long enough to be under way when a pause or a removal comes.
    max_tokens: 100,
    threshold: 0.7,
    assert: [
      { type: 'regex', value: '[a-z]', weight: 3 },
      { type: 'is-json', value: { type: 'object' }, weight: 1 },
    ],
  },
  {
    id: 'foretells',
    prompt: STORY,
    assert: [{ type: 'perplexity', threshold: 10 }, { type: 'bits-per-byte', threshold: 2 }, { type: 'token-agreement' }],
  },
];
const MEANING = { id: 'means', prompt: 'The cat', max_tokens: 8, assert: [{ type: 'similar', value: 'a cat', threshold: 0.1 }] };
/** Two that are drawn alike and one with another seed. */
const DRAWN = [7, 7, 8].map((seed, i) => ({
  ...{ id: `drawn-${i}`, prompt: 'Once upon a time', max_tokens: 16, temperature: 1.2, top_p: 0.95, seed },
  assert: [{ type: 'regex', value: '[a-z]' }],
}));
const jsonl = (cases: readonly object[]): string => cases.map((it) => JSON.stringify(it)).join('\n');

const save = (page: Page, name: string, cases: readonly object[]): Promise<void> =>
  page.evaluate(async (suite) => void (await globalThis.sill?.evaluations.save(suite)), { name, text: jsonl(cases) });

const run = (page: Page, request: Partial<EvaluationRequest> = {}): Promise<EvaluationRun | undefined> =>
  page.evaluate((given) => globalThis.sill?.evaluations.run({ model: 'stories15m', ...given }), request);

const details = (page: Page, id: string): Promise<EvaluationDetails | undefined> =>
  page.evaluate((of) => globalThis.sill?.evaluations.get(of), id);

/** Runs a suite until so many cases are judged, then does something to it. Tells how the run ended. */
const interrupt = (page: Page, suite: string, how: 'pause' | 'remove'): Promise<string> =>
  page.evaluate(
    async ([name, what]) => {
      const abort = new AbortController();
      let isDone = false;
      return globalThis.sill?.evaluations
        .run(
          { model: 'stories15m', suite: name },
          {
            signal: abort.signal,
            onProgress: ({ done }) => {
              if (done !== 2 || isDone) return;
              isDone = true;
              if (what === 'pause') abort.abort();
              else void globalThis.sill?.models.remove('stories15m');
            },
          },
        )
        .then(
          () => 'complete',
          ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
        );
    },
    [suite, how] as const,
  ) as Promise<string>;

test.describe('with a model that writes', () => {
  test.use({ installed: ['stories15m'] });

  test("a publisher's suite and one's own are run by the engine, kept, and held against each other", async ({ openBrowser, site }) => {
    const context = await openBrowser();
    const page = await openApp(context, site);
    const signed = await run(page);
    expect(signed).toMatchObject({
      state: 'complete',
      suite: { id: 'publisher:stories15m', cases: 4 },
      place: { device: 'wasm', build: 'plain' },
    });
    expect(signed?.verdicts.filter(({ pass }) => !pass)).toEqual([]);

    await save(page, 'own', SUITE);
    const first = await run(page, { suite: 'own' });
    expect(first?.verdicts.map(({ id, pass }) => [id, pass])).toEqual([
      ['begins', true],
      ['wrong', false],
      ['weighed', true],
      ['foretells', true],
    ]);
    expect(first?.verdicts[2]?.score).toBe(0.75);
    const found = await details(page, first?.id ?? '');
    expect(found?.cases[0]).toMatchObject({
      asked: SUITE[0],
      output: expect.stringMatching(/^, there was/),
      latencyMs: expect.any(Number),
    });
    const [text] = found?.cases[3]?.texts ?? [];
    expect(text).toMatchObject({ text: STORY, bytes: STORY.length, tokens: text?.top.length });
    // What the model's own figures are for text of this kind: nll 1.16 a token, three to four bytes each.
    expect(Math.exp(text?.nll ?? 0)).toBeLessThan(4);

    // Drawn, the same seed says the same, and not what is likeliest.
    await save(page, 'drawn', DRAWN);
    const drawn = (await details(page, (await run(page, { suite: 'drawn' }))?.id ?? ''))?.cases.map(({ output }) => output) ?? [];
    expect(drawn[1]).toBe(drawn[0]);
    expect(new Set([...drawn, found?.cases[0]?.output]).size).toBe(3);
    await page.evaluate(async () => {
      const [last] = (await globalThis.sill?.evaluations.list()) ?? [];
      await globalThis.sill?.evaluations.remove(last?.id ?? '');
    });

    // A pause ends it with what was judged; it goes on behind that, to the same answers.
    expect(await interrupt(page, 'own', 'pause')).toMatch(/^aborted/);
    const paused = await page.evaluate(async () => (await globalThis.sill?.evaluations.list())?.[0]);
    expect(paused).toMatchObject({ state: 'stopped' });
    // The case that was under way may have come to its end.
    expect([2, 3]).toContain(paused?.verdicts.length);
    const resumed = await page.evaluate((id) => globalThis.sill?.evaluations.resume(id), paused?.id ?? '');
    expect(resumed).toMatchObject({ id: paused?.id, state: 'complete', verdicts: first?.verdicts });
    const outputs = (of: EvaluationDetails | undefined) => of?.cases.map(({ output }) => output);
    expect(outputs(await details(page, resumed?.id ?? ''))).toEqual(outputs(found));
    const compared = await page.evaluate(([one, two]) => globalThis.sill?.evaluations.compare(one, two), [
      first?.id ?? '',
      resumed?.id ?? '',
    ] as const);
    expect(compared).toMatchObject({
      sameSuite: true,
      retention: { passedBefore: 3, retained: 3, lost: [], gained: [] },
      agreement: { share: 1, tokens: text?.tokens, texts: 1 },
    });
    await context.close();

    // After the browser was closed all of it is there; a record of another version of the app is kept beside it, and a broken file changes nothing.
    const later = await openApp(await openBrowser(), site);
    const kept = await later.evaluate(() => globalThis.sill?.evaluations.overview());
    expect(kept?.runs.map(({ number }) => number)).toEqual([3, 2, 1]);
    expect(
      await refusalOf(later, async (sill) => {
        const text = await (await sill.evaluations.export()).text();
        return sill.evaluations.import(new Blob([text.replace('"schema":1', '"schema":2')]));
      }),
    ).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('another version of Sill wrote it') });
    expect(await refusalOf(later, (sill) => sill.evaluations.save({ name: 'own', text: '{"id": "a"}\nno case' }))).toMatchObject({
      code: 'invalid_suite',
      details: { line: 1 },
    });
    await save(later, 'meanings', [MEANING]);
    expect(await refusalOf(later, (sill) => sill.evaluations.run({ model: 'stories15m', suite: 'meanings' }))).toMatchObject({
      code: 'model_not_installed',
      details: { needs: 'feature-extraction' },
    });
    expect(await interrupt(later, 'own', 'remove')).toMatch(/^model_not_installed: .*removed while it was evaluated/);
    expect(await later.evaluate(async () => (await globalThis.sill?.evaluations.list())?.[0])).toMatchObject({
      state: 'failed',
      error: { code: 'model_not_installed' },
    });
  });
});

test.describe('with a model that writes and one that embeds', () => {
  test.use({ installed: ['stories15m', 'all-minilm-l6-v2'] });

  test('a person writes a suite, mends the line that is none, runs it, and sees what was lost since the baseline', async ({ page }) => {
    await open(page, 'Evaluations');
    await expect(page.getByText('No suite was run yet.')).toBeVisible();
    await expectAccessible(page, 'Evaluations, empty');

    await page.getByRole('button', { name: 'Write a suite' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('stories');
    const text = page.getByRole('textbox', { name: 'Cases, one in each line, as JSON' });
    await text.fill(`${jsonl([SUITE[0] ?? {}, MEANING])}\n{"id": "broken",`);
    await expect(page.getByRole('list', { name: 'Lines that are no cases' })).toContainText('Line 3');
    await page.getByRole('button', { name: 'Save suite' }).click();
    await expect(page.getByRole('alert')).toContainText('Line 3 of the suite is no case');
    await expectAccessible(page, 'Evaluations, a suite with a fault');
    // Nothing of it is lost, not even by a reload.
    await page.reload();
    await expect(text).toHaveValue(/"means".*\n\{"id": "broken",$/s);
    await text.fill(jsonl([SUITE[0] ?? {}, MEANING]));
    await page.getByRole('button', { name: 'Save suite' }).click();
    await expect(page.getByRole('list', { name: 'Suites' })).toContainText('stories');

    // A suite never takes the place of another by its name.
    await page.getByRole('button', { name: 'Write a suite' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('stories ');
    await expect(page.getByText('Another suite has this name.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Save suite' })).toBeDisabled();
    await expectAccessible(page, 'Evaluations, a suite with the name of another');
    await page.getByRole('textbox', { name: 'Name' }).fill('stories 2');
    await expect(page.getByRole('button', { name: 'Save suite' })).toBeEnabled();
    await page.getByRole('button', { name: 'Close without saving' }).click();

    await page.getByRole('button', { name: 'Run suite' }).click();
    await open(page, 'Models');
    await open(page, 'Evaluations');
    await expect(page.getByText('Passed: 2 of 2 (100%).')).toBeVisible();
    const table = page.getByRole('table', { name: 'Runs of suites' });
    await table.getByRole('button', { name: 'Show run 1' }).click();
    await page.getByRole('article', { name: 'Run 1' }).getByRole('button', { name: 'Make it the baseline' }).click();
    await expect(table).toContainText('baseline');

    // The same case asks for something that the model does not write.
    await page.getByRole('button', { name: 'Edit stories' }).click();
    await text.fill(jsonl([{ ...SUITE[1], id: 'begins', temperature: 0.5, top_k: 1, seed: 3 }, MEANING]));
    await page.getByRole('button', { name: 'Save suite' }).click();
    await page.getByRole('button', { name: 'Run suite' }).click();
    await page.getByRole('button', { name: 'Show its cases' }).click();
    const second = page.getByRole('article', { name: 'Run 2' });
    await expect(second).toContainText('Lost: begins.');
    await second.getByRole('combobox', { name: 'Show' }).selectOption('Failed ones');
    await expect(second.getByRole('list', { name: 'Cases' }).locator('sill-case-result')).toHaveCount(1);
    await second.getByText('begins', { exact: true }).click();
    await expect(second.getByRole('group', { name: 'Difference from what was wanted' })).toContainText('dragon');
    await expect(second).toContainText('Drawn with temperature 0.5, top_k 1, and seed 3.');
    for (const number of [1, 2]) await table.getByRole('checkbox', { name: `Compare run ${number}` }).check();
    await expect(page.getByRole('region', { name: 'Run 2 against run 1' })).toContainText('Kept 1 of 2 (50%), lost 1, gained 0.');
    await expectAccessible(page, 'Evaluations, compared');

    await page.getByRole('button', { name: 'Run suite' }).click();
    await expect(table.getByRole('button', { name: 'Remove run 3' })).toBeEnabled();
    await page.getByRole('button', { name: 'Remove 2 runs, all but baselines' }).click();
    await expect(table.getByRole('row')).toHaveCount(1 + 1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(table.getByRole('row')).toHaveCount(1 + 3);
    await table.getByRole('button', { name: 'Remove run 1' }).click();
    await expect(table.getByRole('row')).toHaveCount(1 + 2);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(table.getByRole('button', { name: 'Show run 1' })).toBeVisible();
  });
});
