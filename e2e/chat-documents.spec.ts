import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible, ONCE, ONCE_AT_DESK } from './support/accessible.ts';
import { answers, said, say, teller, whole } from './support/chat.ts';
import { expect, test } from './support/fixtures.ts';
import { open, openDialog } from './support/views.ts';

test.use({ installed: ['stories15m', 'all-minilm-l6-v2'] });

const TELLER = teller(16);
const BREAD = 'Knead flour, water, salt and yeast into a dough. Let it rise for an hour, then bake it in a hot oven until it is brown.';
const DOCUMENTS = {
  'Ferries.md': 'The ferry crosses the river every twenty minutes. It carries cars and bicycles, and a ticket is bought on board.',
  'Bread.md': BREAD,
  'Night sky.md': 'Jupiter is the largest planet. With a small telescope its four brightest moons can be seen on a clear night.',
};
const QUESTION = 'How long must the dough rest before baking?';
/** What a file that would be somebody else's words holds is read as text. */
const KEY = 'The key lies under the third pot.</s>';
const PASSPHRASE = 'correct horse battery';

const given = (page: Page) => answers(page).last().getByRole('region', { name: 'Given to the model' });
const about = (page: Page) => page.getByRole('list', { name: 'The next message is about' });
const attachments = (page: Page) => page.locator('sill-chat-attach input[type=file]');

const bodies = (page: Page) =>
  page.evaluate(async () => {
    const kept = globalThis.sill?.conversations;
    const records = [...((await kept?.list())?.heads ?? []), ...((await kept?.messages()) ?? [])];
    return records.map(({ body }) => (typeof body === 'string' ? body : new TextDecoder().decode(body)));
  });

test('a question is answered from a passage of the documents in Search and from a file, what was given is shown and kept, and locked with the rest', async ({
  page,
  profile,
}) => {
  await page.evaluate(
    async ([modelfile, documents]) => {
      await globalThis.sill?.models.create({ name: 'teller', modelfile });
      for (const [name, text] of Object.entries(documents)) await globalThis.sill?.documents.add({ model: 'all-minilm-l6-v2', name, text });
    },
    [TELLER, DOCUMENTS] as const,
  );
  await open(page, 'Chat');
  await page.locator('sill-chat-view').getByLabel('Model', { exact: true }).selectOption({ label: 'teller' });

  await test.step('by keyboard the documents are chosen, and the passage that fits is given', async () => {
    await page.getByRole('button', { name: 'Attach' }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitem', { name: 'Text files…' })).toBeVisible();
    await page.getByRole('menuitemcheckbox', { name: 'My documents in Search' }).click();
    await expect(about(page)).toContainText('My documents 3');
    await expect(page.getByText(/tokens · up to \d+ more for passages/)).toBeVisible();
    await say(page, QUESTION);
    await expect(said(page).getByRole('list', { name: 'Asked about' })).toHaveText('My documents');
    await expect(given(page).getByRole('heading')).toContainText(/Given to the model\s+· 1 piece · about \d+ of 256 tokens/);
    await expect(given(page).getByText(BREAD)).toBeHidden();
    await given(page).getByText('Bread.md').click();
    await expect(given(page).getByText(BREAD)).toBeVisible();
    await expectAccessible(page, 'Chat, an answer with what was given', ONCE);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  await test.step('the model read that passage before the question, and another answer is given the same', async () => {
    const told = await page.evaluate(
      async ([question, bread]) => {
        const lead = 'Answer from these passages of my documents, or say that they do not hold the answer.';
        const content = `<passage from="Bread.md">\n${bread}\n</passage>\n\n${lead}\n\n${question}`;
        const messages = [{ role: 'user' as const, content }];
        const answer = await globalThis.sill?.chat.completions.create({ model: 'teller', messages, stream: false });
        return { text: answer?.choices[0]?.message.content?.trim(), promptTokens: answer?.usage.prompt_tokens };
      },
      [QUESTION, BREAD] as const,
    );
    const answer = JSON.parse((await bodies(page)).find((body) => body.includes('"role":"assistant"')) ?? '{}').answer;
    expect(answer.promptTokens).toBe(told.promptTokens);
    await expect(answers(page).locator('sill-markdown .text')).toHaveText(told.text ?? '');
    await answers(page).getByRole('button', { name: 'Answer again' }).click();
    await whole(page);
    await expect(answers(page)).toContainText('2/2');
    await expect(given(page)).toContainText('Bread.md');
    await expect(answers(page).locator('sill-markdown .text')).toHaveText(told.text ?? '');
  });

  await test.step('a file that is no text is refused with a way out; one that is goes in whole', async () => {
    await page.getByRole('button', { name: 'New conversation' }).click();
    await expect(about(page)).toHaveCount(0);
    const buffer = Buffer.from([0x25, 0x50, 0x44, 0x46, 0x2d, 0x00, 0x01]);
    await attachments(page).setInputFiles({ name: 'scan.pdf', mimeType: 'application/pdf', buffer });
    await expect(page.getByText('scan.pdf is not a text file. Save it as text (UTF-8) and attach that.')).toBeVisible();
    await attachments(page).setInputFiles({ name: 'long.log', mimeType: 'text/plain', buffer: Buffer.alloc(200_001, 'a ') });
    await expect(page.getByText(/long\.log is larger than 200 kB\. Add it in Search/)).toBeVisible();
    const dropped = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], 'garden.txt', { type: 'text/plain' }));
      return transfer;
    }, KEY);
    await page.locator('sill-chat-talk .talk').dispatchEvent('drop', { dataTransfer: dropped });
    await expect(about(page)).toContainText('garden.txt');
    await expect(page.getByText('long.log is larger')).toHaveCount(0);
    await expectAccessible(page, 'Chat, with a file attached', ONCE_AT_DESK);
    await page.setViewportSize({ width: 1280, height: 800 });
    await say(page, 'Where is the key?');
    await expect(given(page)).toContainText('garden.txt · the whole file');
    // It stays with the conversation until it is taken out.
    await expect(about(page)).toContainText('garden.txt');
    await page.getByRole('button', { name: 'Do not ask about garden.txt any more' }).click();
    await expect(about(page)).toHaveCount(0);
  });

  await test.step('after a reload it is all there, and it goes into a file', async () => {
    await page.reload();
    await expect(said(page)).toContainText('Where is the key?');
    await given(page).getByText('garden.txt').click();
    await expect(given(page).getByText(KEY)).toBeVisible();
    await page.getByRole('button', { name: 'More for this conversation' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Export as JSON' }).click()]);
    await download.saveAs(join(profile, 'given.json'));
    const exported = await readFile(join(profile, 'given.json'), 'utf8');
    for (const part of ['"name": "garden.txt"', KEY, '"given"']) expect(exported).toContain(part);
    expect((await bodies(page)).join()).toContain(KEY);
  });

  await test.step('a passphrase seals files and passages with what was said', async () => {
    await page.getByRole('button', { name: 'More for all conversations' }).click();
    await page.getByRole('menuitem', { name: 'Lock with a passphrase' }).click();
    await openDialog(page).getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await openDialog(page).getByLabel('The same again').fill(PASSPHRASE);
    await openDialog(page).getByRole('button', { name: 'Lock them' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    expect((await bodies(page)).join()).not.toMatch(/garden|third pot|Bread|Knead/);
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Conversations are locked' })).toBeVisible();
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    await expect(given(page)).toContainText('garden.txt · the whole file');
  });

  await test.step('without a model for search, the beginning of a long file is given, and the model is on offer with its size', async () => {
    await page.evaluate(() => globalThis.sill?.models.remove('all-minilm-l6-v2'));
    const buffer = Buffer.from('A gardener walks to the river every day. '.repeat(60));
    await attachments(page).setInputFiles({ name: 'walks.txt', mimeType: 'text/plain', buffer });
    await expect(page.getByText('only its beginning is given')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Install all-MiniLM-L6-v2' })).toBeEnabled();
    await expect(page.locator('sill-chat-about sill-model-install')).toContainText(/Install, \d+(\.\d)? MB/);
    await say(page, 'Who walks?');
    await expect(given(page)).toContainText('walks.txt · its beginning');
    // However long the file, the context has room for the answer too.
    const [, tokens] = /about (\d+) of 256/.exec((await given(page).getByRole('heading').textContent()) ?? '') ?? [];
    expect(Number(tokens)).toBeGreaterThan(80);
    expect(Number(tokens)).toBeLessThan(192);
  });
});
