import { expectAccessible, ONCE } from './support/accessible.ts';
import { expect } from './support/fixtures.ts';
import { scrambled, short } from './support/publisher.ts';
import { test } from './support/publishing.ts';
import { complete } from './support/sill.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m'] });

const SUITE = [
  { id: 'begins', prompt: 'Once upon a time', max_tokens: 6, assert: [{ type: 'starts-with', value: ', there was' }] },
  { id: 'says', prompt: 'Once upon a time', max_tokens: 6, assert: [{ type: 'regex', value: '\\S' }] },
]
  .map((it) => JSON.stringify(it))
  .join('\n');

test('two versions of a model stand side by side: the one that went out of use is chosen, run on the same suite, and what it did better is told', async ({
  page,
  publisher,
}) => {
  test.slow();
  const first = await publisher.first('stories15m');
  // Its own suite asks for so little that a device takes it.
  const second = await publisher.release('stories15m', {
    files: { 'onnx/model_int8.onnx_data': scrambled, 'evaluation.jsonl': () => SUITE.split('\n')[1] ?? '' },
  });
  expect(await page.evaluate(() => globalThis.sill?.updates.apply())).toMatchObject([{ revision: second, result: 'activated' }]);
  await page.evaluate(async (text) => void (await globalThis.sill?.evaluations.save({ name: 'stories', text })), SUITE);

  await open(page, 'Evaluations');
  await page.getByRole('combobox', { name: 'Suite' }).selectOption('stories');
  const versions = page.getByRole('combobox', { name: 'Version' });
  await expect(versions.getByRole('option')).toHaveText([`Running: ${short(second)}, int8-wasm`, `Previous: ${short(first)}, int8-wasm`]);
  await page.getByRole('button', { name: 'Run suite' }).click();
  await expect(page.getByText('Passed: 1 of 2 (50%).')).toBeVisible();
  await versions.selectOption({ index: 1 });
  // What was chosen is part of the address, and so it is there again.
  await page.reload();
  await expect(versions).toHaveValue(first);
  await page.getByRole('button', { name: 'Run suite' }).click();
  await expect(page.getByText('Passed: 2 of 2 (100%).')).toBeVisible();

  const table = page.getByRole('table', { name: 'Runs of suites' });
  for (const number of [1, 2]) await table.getByRole('checkbox', { name: `Compare run ${number}` }).check();
  const compared = page.getByRole('region', { name: 'Run 2 against run 1' });
  await expect(compared).toContainText('Kept 1 of 1 (100%), lost 0, gained 1.');
  for (const revision of [first, second]) await expect(compared).toContainText(short(revision));
  await expectAccessible(page, 'Evaluations, two versions', ONCE);
  // The other one answers as before.
  expect((await complete(page, { max_tokens: 4 })).sill).toMatchObject({ revision: second });
});
