import { expect, test } from './support/fixtures.ts';
import { OFFER } from './support/offer.ts';
import { card, open } from './support/views.ts';

test('models are filtered by what they are; the choice outlives a reload and is taken back in one step', async ({ page }) => {
  await open(page, 'Models');
  await page.getByText('Filter', { exact: true }).click();
  await page.getByRole('combobox', { name: 'Made for' }).selectOption({ label: 'Searches by meaning' });
  await expect(card(page, 'all-MiniLM-L6-v2')).toBeVisible();
  await expect(card(page, 'Stories 15M')).toHaveCount(0);
  await expect(page.getByText(`1 of ${OFFER.length} models`)).toBeVisible();

  await page.getByRole('combobox', { name: 'Licence' }).selectOption('MIT');
  await expect(page.getByText('No model matches these filters.')).toBeVisible();
  await expect(page.getByRole('article')).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Licence' })).toHaveValue('MIT');
  await expect(page.getByText('No model matches these filters.')).toBeVisible();

  await page.getByRole('button', { name: 'Show all models' }).click();
  await expect(page.getByRole('article')).toHaveCount(OFFER.length);
  await page.getByText('Filter', { exact: true }).click();
  await expect(page.getByRole('combobox', { name: 'Licence' })).toHaveValue('');
  expect(new URL(page.url()).hash).toBe('#/models');
});
