import type { Page } from '@playwright/test';
import { expect } from './fixtures.ts';
import { MADE } from './imports.ts';
import { open, openDialog } from './views.ts';

const storedOf = (page: Page, model: string) =>
  page.evaluate(async (id) => {
    const report = await globalThis.sill?.storage();
    const stored = report?.models.find((each) => each.id === id);
    return { ...stored, allDerivedBytes: report?.derivedBytes, unfinishedBytes: report?.unfinishedBytes };
  }, model);

/** As an import of another model: while it is under way no other form is made. The returned way ends it. */
async function holdForge(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(async () => {
    await new Promise<void>((held) => {
      void navigator.locks.request('sill-forge', () => {
        held();
        return new Promise<void>((end) => addEventListener('sill-test-forge', () => end(), { once: true }));
      });
    });
  });
  return () => page.evaluate(() => void dispatchEvent(new Event('sill-test-forge')));
}

/** What was made of a model that a catalog delivered is seen, reported, given up by a person who was told what it costs, and made again in sight. */
export async function expectFormInSight(page: Page, model: string): Promise<void> {
  const card = page.getByRole('article', { name: model, exact: true });
  await open(page, 'Models');
  await card.getByRole('link', { name: `How ${model} came out` }).click();
  const report = page.locator('sill-quality-report').getByRole('article', { name: model, exact: true });
  await expect(report).toContainText('Nats a token of a text');
  await expect(report).toContainText('.gguf');
  await expect(report.locator('sill-layer-errors')).toContainText('How far the weights are from those of the file');

  const before = await storedOf(page, model);
  expect(before.madeBytes).toBeGreaterThan(0);
  expect(before).toMatchObject({ derivedBytes: 0, allDerivedBytes: 0, lostBytes: 0 });
  await open(page, 'Storage');
  const stored = page.getByRole('article', { name: new RegExp(`^${model} `) });
  await expect(stored).toContainText('Of it made here');
  await expect(stored).not.toContainText('Kept instructions');
  const giveUp = stored.getByRole('button', { name: /^Give up what was made/ });
  // It is in memory.
  await expect(giveUp).toBeDisabled();
  await page.evaluate((id) => globalThis.sill?.models.unload(id), model);
  await giveUp.click();
  // What it says is slotted, and lies in the host of the dialog.
  await expect(page.locator('sill-confirm-dialog#forming')).toContainText('is made of it again');
  await openDialog(page)
    .getByRole('button', { name: /^Give it up, frees/ })
    .click();
  await expect(stored).not.toContainText('Of it made here');
  expect(await storedOf(page, model)).toMatchObject({ madeBytes: 0, lostBytes: 0, unfinishedBytes: 0 });

  // Whoever asks is told why it takes a while, also of a model that was made of it.
  const modelfile = `FROM ${model}\nTEMPLATE "{{ .Prompt }}"\nPARAMETER num_predict 4`;
  await page.evaluate((text) => globalThis.sill?.models.create({ name: 'talker', modelfile: text }), modelfile);
  const letGo = await holdForge(page);
  await open(page, 'Chat');
  await page.getByRole('textbox', { name: 'Your message' }).fill('Once');
  await page.getByRole('button', { name: 'Send' }).click();
  const waiting = page.getByRole('article', { name: /^Answer of/ });
  await expect(waiting).toContainText('What runs here is being made');
  await expect(waiting).toContainText('Waiting until another model is rewritten');
  await open(page, 'Models');
  await expect(card).toContainText('Waiting until another model is rewritten');
  await letGo();
  await expect(card).toContainText('In memory', MADE);
  await expect(card).not.toContainText('What runs here is being made');
  await page.evaluate(() => globalThis.sill?.models.remove('talker'));
  expect(await storedOf(page, model)).toMatchObject({ madeBytes: before.madeBytes, sizeBytes: before.sizeBytes });
}
