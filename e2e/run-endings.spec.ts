import type { Page } from '@playwright/test';
import { expectAccessible, ONCE } from './support/accessible.ts';
import { expect, test } from './support/fixtures.ts';
import { openWithRoom } from './support/room.ts';
import { open } from './support/views.ts';

test.use({ installed: ['stories15m'] });

const CASES = Array.from({ length: 12 }, (_, i) => ({
  ...{ id: `case-${i}`, prompt: 'One day, a robot', max_tokens: 60 },
  assert: [{ type: 'regex', value: '[a-z]' }],
}));

const saveSuite = (page: Page): Promise<void> =>
  page.evaluate(
    async (text) => void (await globalThis.sill?.evaluations.save({ name: 'own', text })),
    CASES.map((it) => JSON.stringify(it)).join('\n'),
  );

const removeModel = (page: Page): Promise<void> => page.evaluate(async () => void (await globalThis.sill?.models.remove('stories15m')));

const goTo = (page: Page, address: string): Promise<void> =>
  page.evaluate((to) => {
    location.hash = `#/${to}`;
  }, address);

/** So long that it is under way whatever is done meanwhile. Fields are taken by what they are, in any language. */
async function fillLongRun(page: Page): Promise<void> {
  const form = page.locator('sill-benchmark-form');
  await form.locator('input[value=custom]').check();
  for (const [key, value] of Object.entries({ promptTokens: '16', generatedTokens: '100', repetitions: '100' }))
    await form.locator(`#${key}`).fill(value);
}

const file = (name: string, text: string) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) });

test('a model that is removed under a run, and files that cannot be read, are told in the view and in the language of the person, with what is kept', async ({
  page,
}) => {
  await saveSuite(page);
  await test.step('a benchmark that is stopped keeps what was measured, and says nothing of the kind where nothing was', async () => {
    await open(page, 'Benchmarks');
    const run = page.locator('sill-benchmark-run');
    await fillLongRun(page);
    await page.getByRole('button', { name: 'Run benchmark' }).click();
    await run.getByRole('button', { name: 'Stop' }).click();
    await expect(run.getByRole('status')).toHaveText('The benchmark was stopped. Nothing of it is kept.');
    await page.getByRole('button', { name: 'Run benchmark' }).click();
    await expect(run).toContainText('Measuring tg100', { timeout: 60_000 });
    await run.getByRole('button', { name: 'Stop' }).click();
    await expect(run.getByRole('status')).toHaveText(
      'The benchmark was stopped. What was measured until then is kept, and marked as not comparable.',
    );
  });

  await test.step('a suite, in German', async () => {
    await page.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch');
    await goTo(page, 'evaluations?suite=own');
    const run = page.locator('sill-evaluation-run');
    await page.getByRole('button', { name: 'Fragen stellen' }).click();
    await expect(run).toContainText(/[1-9]\d* von 12 /, { timeout: 60_000 });
    await removeModel(page);
    const note = run.getByRole('alert');
    await expect(note).toContainText('Das Modell wurde entfernt, während es bewertet wurde');
    await expect(run.getByText(/^Beurteilt und behalten: [1-9]\d* von 12\.$/)).toBeVisible();
    await expect(note.locator('details')).not.toHaveAttribute('open');

    const drop = page.locator('sill-file-drop[accept=".json"] input[type=file]');
    const written = JSON.stringify({ format: 'sill-evaluations', version: 1, runs: [] });
    await drop.setInputFiles(file('cut.json', written.slice(0, -4)));
    const refused = page.getByRole('alert').filter({ hasText: 'Diese Datei' });
    await expect(refused).toContainText('Diese Datei ist abgeschnitten oder beschädigt');
    await expect(refused).toContainText('Nichts wurde geändert.');
    await drop.setInputFiles(file('later.json', written.replace('"version":1', '"version":2')));
    await expect(refused).toContainText('Eine andere Version der App hat diese Datei geschrieben');
    await expectAccessible(page, 'Evaluations, endings', ONCE);
  });

  await test.step('a benchmark, in Greek', async () => {
    await page.evaluate(async () => void (await globalThis.sill?.models.install('stories15m')));
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('Ελληνικά');
    await goTo(page, 'benchmarks');
    const run = page.locator('sill-benchmark-run');
    await fillLongRun(page);
    await page.getByRole('button', { name: 'Έναρξη μέτρησης' }).click();
    await expect(run).toContainText('tg100', { timeout: 60_000 });
    await removeModel(page);
    const note = run.getByRole('alert');
    await expect(note).toContainText('Το μοντέλο αφαιρέθηκε κατά τη διάρκεια της μέτρησης');
    await expect(run.getByText('Όσα μετρήθηκαν ως τότε διατηρούνται και σημειώνονται ως μη συγκρίσιμα.')).toBeVisible();
    await expect(note.locator('details')).not.toHaveAttribute('open');

    await page.locator('sill-results-files input[type=file]').setInputFiles(file('notes.json', '[{"a": 1}]'));
    const refused = page.locator('sill-results-files').getByRole('alert');
    await expect(refused).toContainText('Αυτό το αρχείο δεν περιέχει αποτελέσματα μετρήσεων επιδόσεων');
    await expect(refused).toContainText('Δεν άλλαξε τίποτα.');
  });
});

test('a suite that meets a full disk says so of the run, and nothing of downloads', async ({ openBrowser, site }) => {
  const page = await openWithRoom(openBrowser, site, -10_000_000);
  await open(page, 'Evaluations');
  await page.getByRole('button', { name: 'Run suite' }).click();
  const note = page.locator('sill-evaluation-run').getByRole('alert');
  await expect(note).toContainText('There is not enough space for the next result');
  await expect(note).toContainText('then let the run go on.');
  await expect(note).not.toContainText('downloaded');
});
