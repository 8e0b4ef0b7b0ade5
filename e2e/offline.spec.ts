import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, openApp, test, untilOfflineReady } from './support/fixtures.ts';
import { acceptInstall, card, open } from './support/views.ts';

const SPEECH = join(import.meta.dirname, 'fixtures/speech.wav');

const DOCUMENTS = [
  {
    name: 'boats.txt',
    text: 'The ferry crosses the river every twenty minutes. It carries cars and bicycles, and a ticket is bought on board.',
  },
  {
    name: 'bread.txt',
    text: 'Knead flour, water, salt and yeast into a dough. Let it rise for an hour, then bake it in a hot oven until it is brown.',
  },
  {
    name: 'stars.txt',
    text: 'Jupiter is the largest planet. With a small telescope its four brightest moons can be seen on a clear night.',
  },
];

test.use({ firstVisit: true });

test('models installed once write, search and transcribe after the server is gone, the page reloaded and the browser restarted', async ({
  openBrowser,
  site,
}) => {
  const context = await openBrowser();
  let page = await openApp(context, site);

  await test.step('nothing claims to work offline before it does', async () => {
    await expect(page.getByText('Preparing offline')).toBeAttached();
    await page.evaluate(() => navigator.serviceWorker.ready);
    await expect(page.getByText('Works offline')).not.toBeAttached();
  });

  await test.step('one model is installed from its card, the others where they are needed', async () => {
    await card(page, 'Stories 15M').getByRole('button', { name: 'Install Stories 15M' }).click();
    await acceptInstall(page, 'Stories 15M');
    await expect(card(page, 'Stories 15M').getByRole('button', { name: 'Remove Stories 15M' })).toBeVisible();
    for (const [view, model] of [
      ['Search', 'all-MiniLM-L6-v2'],
      ['Transcribe', 'Whisper Tiny'],
    ] as const) {
      await open(page, view);
      await page.getByRole('button', { name: `Install ${model}` }).click();
      await acceptInstall(page, model);
      await expect(page.getByRole('button', { name: view === 'Search' ? 'Choose text files' : 'Record' })).toBeVisible();
    }
    await untilOfflineReady(page);
  });

  await site.stop();

  await test.step('reloaded without a server, the page opens and writes', async () => {
    await page.reload();
    await untilOfflineReady(page);
    await open(page, 'Write');
    await write(page, 'Once upon a time');
    await expect(page.getByRole('region', { name: 'Text' })).toContainText('Processor (WASM)');
    await expect(page.getByRole('region', { name: 'Text' })).toContainText(/[\d.,]+ tokens\/s/);
  });

  await test.step('documents are added and found by what they mean', async () => {
    await open(page, 'Search');
    await page
      .locator('sill-search-view input[type=file]')
      .setInputFiles(DOCUMENTS.map(({ name, text }) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })));
    await expect(page.getByRole('list', { name: 'Documents' }).getByRole('listitem')).toHaveCount(3);
    await find(page, 'What can I see in the sky after dark?', 'stars.txt');
  });

  await test.step('one that is removed is found no more, and comes back with all that was computed of it', async () => {
    const documents = page.getByRole('list', { name: 'Documents' }).getByRole('listitem');
    const remove = page.getByRole('button', { name: 'Remove bread.txt' });
    await remove.click();
    await expect(documents).toHaveCount(2);
    await expect(page.getByRole('region', { name: 'Notices' })).toContainText('bread.txt was removed.');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(documents).toHaveCount(3);
    // And by the keyboard. What comes back is stored: it is looked for after the browser was closed.
    await remove.press('Enter');
    await expect(documents).toHaveCount(2);
    await page.getByRole('main').press('Control+z');
    await expect(documents).toHaveCount(3);
  });

  await context.close();

  await test.step('after a restart of the browser everything is still there, and speech becomes text', async () => {
    page = await openApp(await openBrowser(), site);
    await untilOfflineReady(page);
    await open(page, 'Search');
    await find(page, 'How do I make a loaf?', 'bread.txt');
    await open(page, 'Transcribe');
    await page.locator('sill-transcribe-view input[type=file]').setInputFiles(SPEECH);
    await expect(page.getByRole('list', { name: 'Transcript' })).toContainText(
      'Please open the window and let some fresh air into the room.',
      { timeout: 60_000 },
    );
    await expect(page.getByRole('region', { name: 'Transcript' })).toContainText(/[\d.,]+ seconds of sound per second/);
    await open(page, 'Models');
    await expect(page.getByRole('article')).toHaveCount(3);
  });
});

async function write(page: Page, prompt: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Beginning of the text' }).fill(prompt);
  await page.getByRole('button', { name: 'Write on' }).click();
  const result = page.getByRole('region', { name: 'Text' });
  await expect(result.getByRole('button', { name: 'Continue from here' })).toBeVisible({ timeout: 60_000 });
  await expect(result).toContainText(/Once upon a time.{40}/s);
}

async function find(page: Page, query: string, document: string): Promise<void> {
  await page.getByRole('searchbox', { name: 'What are you looking for?' }).fill(query);
  await page.getByRole('search').getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('list', { name: 'Passages found' }).getByRole('listitem').first()).toContainText(document);
}
