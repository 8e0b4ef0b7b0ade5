import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { freePort, openSite } from '../e2e/support/site.ts';
import { open } from '../e2e/support/views.ts';
import config from '../playwright.config.ts';
import { droppedWhile, timed } from './measure/interactions.ts';
import { loadAverage } from './measure/machine.ts';

/** How long what a person does takes with a thousand conversations of ten messages, open and locked with a passphrase: `npm run bench:chats`. */
const CONVERSATIONS = 1000;
const MESSAGES = 10;
const BUDGET_MS = 200;
const BUDGET_DROPPED = 0.05;
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
let failed = false;
const told = (what: string, value: string, isGood = true): void => {
  failed ||= !isGood;
  console.log(`${isGood ? 'ok  ' : 'MISS'} ${what.padEnd(52)} ${value}`);
};
try {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(site.url);
  const interaction = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    const ms = await timed(page, act);
    told(what, ms === 0 ? 'below 16 ms' : `${Math.round(ms)} ms`, ms <= BUDGET_MS);
  };
  const list = page.getByRole('list', { name: 'Conversations' });
  const use = async (how: string): Promise<void> => {
    await interaction(`${how}open the view, until the list is there`, async () => {
      await open(page, 'Chat');
      await list.getByRole('link').first().waitFor();
    });
    const search = page.getByRole('searchbox', { name: 'Search conversations' });
    await interaction(`${how}type a first query, until all was read`, async () => {
      await search.pressSequentially('ferry');
      await page.getByText(/^[\d,]+ of 1,000$/).waitFor();
    });
    await interaction(`${how}type on`, () => search.pressSequentially(' bicycles 17'));
    await interaction(`${how}clear the query`, () => search.fill(''));
    for (const index of [3, 7]) {
      await interaction(`${how}switch to another conversation`, async () => {
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

  const scroller = list.locator('..');
  await scroller.hover();
  // A machine that is busy with other things leaves out frames of a page that does nothing, too.
  const still = await droppedWhile(page, () => new Promise((done) => setTimeout(done, 3000)));
  const scrolled = await droppedWhile(page, async () => {
    for (let i = 0; i < 90; i++) await page.mouse.wheel(0, 200);
  });
  const share = ({ dropped, frames }: typeof still) => `${(dropped * 100).toFixed(1)} % of ${frames}`;
  const isSmooth = scrolled.dropped - still.dropped < BUDGET_DROPPED;
  told('frames left out while scrolling', `${share(scrolled)}, of the page at rest ${share(still)}`, isSmooth);

  await page.getByRole('button', { name: 'More for all conversations' }).click();
  await page.getByRole('menuitem', { name: 'Lock with a passphrase' }).click();
  for (const name of ['Passphrase', 'The same again'])
    await page.locator('wa-dialog[open]').getByLabel(name, { exact: true }).fill(PASSPHRASE);
  let startMs = performance.now();
  await page.locator('wa-dialog[open]').getByRole('button', { name: 'Lock them' }).click();
  await page.getByRole('button', { name: 'Lock now' }).waitFor({ timeout: 120_000 });
  told('a passphrase is set, everything sealed', `${Math.round(performance.now() - startMs)} ms`);
  await page.reload();
  await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
  startMs = performance.now();
  await page.keyboard.press('Enter');
  await list.getByRole('link').first().waitFor({ timeout: 60_000 });
  told('unlocked, until the list is there', `${Math.round(performance.now() - startMs)} ms`);
  await open(page, 'Models');
  await use('sealed: ');
} finally {
  await context.close();
  await site.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
if (failed) process.exitCode = 1;
