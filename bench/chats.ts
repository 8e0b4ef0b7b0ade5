import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { freePort, openSite } from '../e2e/support/site.ts';
import { open } from '../e2e/support/views.ts';
import config from '../playwright.config.ts';
import { loadAverage } from './measure/machine.ts';
import { ViewReport } from './measure/viewReport.ts';

/** How long what a person does takes with a thousand conversations of ten messages, open and locked with a passphrase: `npm run bench:chats`. */
const CONVERSATIONS = 1000;
const MESSAGES = 10;
const PASSPHRASE = 'correct horse battery';

const WORDS = 'the ferry crosses river every twenty minutes and carries cars bicycles a ticket is bought on board before it leaves'.split(
  ' ',
);
const textOf = (seed: number): string =>
  Array.from({ length: 80 }, (_, i) => WORDS[(seed * 7 + i * (1 + (seed % 5))) % WORDS.length]).join(' ');

function manyConversations(): string {
  const conversations = Array.from({ length: CONVERSATIONS }, (_, c) => ({
    ...{
      id: `c${c}`,
      title: `Conversation ${c} about ${WORDS[c % WORDS.length]}`,
      createdAtMs: c,
      updatedAtMs: c,
      model: 'tiny',
      system: '',
    },
    leaf: `c${c}m${MESSAGES - 1}`,
    messages: Array.from({ length: MESSAGES }, (_, m) => ({
      ...{ id: `c${c}m${m}`, role: m % 2 === 0 ? 'user' : 'assistant', text: textOf(c * MESSAGES + m), createdAtMs: c + m },
      ...(m === 0 ? {} : { parent: `c${c}m${m - 1}` }),
      ...(m % 2 === 0 ? {} : { answer: { state: 'done', ending: 'stop', model: 'tiny' } }),
    })),
  }));
  return JSON.stringify({ format: 'sill-conversations', version: 1, exportedAtMs: 0, conversations });
}

const profile = await mkdtemp(join(tmpdir(), 'sill-chats-'));
const site = await openSite({ base: '/', headers: true, directory: resolve(import.meta.dirname, '../dist') }, await freePort());
const context = await chromium.launchPersistentContext(profile, { ...config.use?.launchOptions, viewport: { width: 1280, height: 800 } });
try {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(site.url);
  const report = new ViewReport(page);
  const list = page.getByRole('list', { name: 'Conversations' });
  const use = async (how: string): Promise<void> => {
    await report.interaction(`${how}open the view, until the list is there`, async () => {
      await open(page, 'Chat');
      await list.getByRole('link').first().waitFor();
    });
    const search = page.getByRole('searchbox', { name: 'Search conversations' });
    await report.interaction(`${how}type a first query, until all was read`, async () => {
      await search.pressSequentially('ferry');
      await page.getByText(/^[\d,]+ of 1,000$/).waitFor();
    });
    await report.interaction(`${how}type on`, () => search.pressSequentially(' bicycles 17'));
    await report.interaction(`${how}clear the query`, () => search.fill(''));
    for (const index of [3, 7]) {
      await report.interaction(`${how}switch to another conversation`, async () => {
        await list.getByRole('link').nth(index).click();
        await page
          .getByRole('article')
          .nth(MESSAGES - 1)
          .waitFor();
      });
    }
  };

  await open(page, 'Chat');
  await page
    .locator('sill-chat-view input[type=file]')
    .setInputFiles({ name: 'many.json', mimeType: 'application/json', buffer: Buffer.from(manyConversations()) });
  await page.getByText('1,000 conversations', { exact: true }).waitFor({ timeout: 120_000 });
  console.log(`${CONVERSATIONS} conversations of ${MESSAGES} messages, load average ${loadAverage()}.\n`);
  await page.goto(`${site.url}#/models`);
  await page.reload();
  await use('');

  await report.scroll('conversations', list.locator('..'));

  await page.getByRole('button', { name: 'More for all conversations' }).click();
  await page.getByRole('menuitem', { name: 'Lock with a passphrase' }).click();
  for (const name of ['Passphrase', 'The same again'])
    await page.locator('wa-dialog[open]').getByLabel(name, { exact: true }).fill(PASSPHRASE);
  let startMs = performance.now();
  await page.locator('wa-dialog[open]').getByRole('button', { name: 'Lock them' }).click();
  await page.getByRole('button', { name: 'Lock now' }).waitFor({ timeout: 120_000 });
  report.wait('a passphrase is set, everything sealed', performance.now() - startMs);
  await page.reload();
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  startMs = performance.now();
  await page.keyboard.press('Enter');
  await list.getByRole('link').first().waitFor({ timeout: 60_000 });
  report.wait('unlocked, until the list is there', performance.now() - startMs);
  await open(page, 'Models');
  await use('sealed: ');
  await report.end();
} finally {
  await context.close();
  await site.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
