import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page, Worker } from '@playwright/test';
import { makeKey } from '../tools/publisher/keyFile.ts';
import { DEFAULT_PLACES } from '../tools/publisher/publisher.ts';
import { renew, rotate } from '../tools/publisher/rotate.ts';
import { DAY_MS, Site as Repository, signedOf, signWith } from '../tools/publisher/testing/site.ts';
import { test as base, expect } from './support/fixtures.ts';
import { complete, textOf } from './support/sill.ts';
import type { Answer } from './support/site.ts';
import { card, open } from './support/views.ts';
import { isThread } from './support/workers.ts';

const TIMESTAMP = 'metadata/timestamp.json';
const root = resolve(import.meta.dirname, '..');

/**
 * The catalog of the checkout with one model more, made and signed by the publisher's tools, and a web server that an attacker holds:
 * what is put into `served` is what browsers get. The model that is published last is the news that every attack is about.
 */
const test = base.extend<{ repository: Repository }>({
  repository: async ({ site }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sill-attacked-'));
    const checkout = { repo: join(root, DEFAULT_PLACES.repo), keys: join(root, DEFAULT_PLACES.keys) };
    const repository = await Repository.continuing(checkout, folder);
    site.answer(({ path }) => (path.startsWith('models/') ? answerOf(repository, path.slice('models/'.length)) : undefined));
    await use(repository);
    await rm(folder, { recursive: true });
  },
});

test.use({ installed: ['stories15m'] });

function answerOf({ served }: Repository, path: string): Answer | undefined {
  const answer = served.get(path);
  if (answer instanceof Uint8Array) return { body: answer };
  // Files of the models come from the real server, metadata never.
  return path.startsWith('metadata/') ? { status: 404, body: 'no' } : undefined;
}

/** What the browser keeps of the catalog, as text; without the time of the last check, which one that was under way may still note. */
const keptTrust = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('sill');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const kept = await new Promise<unknown>((resolve, reject) => {
      const request = database.transaction('trust').objectStore('trust').get('catalog');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    database.close();
    return JSON.stringify(kept, (key, value: unknown) => (key === 'checkedAtMs' ? undefined : value));
  });

const alert = (page: Page) => page.getByRole('main').locator('sill-error');
const retry = (page: Page) => page.getByRole('main').getByRole('button', { name: 'Try again' });

/** What the view says of the model that the attacks are about. */
const shown = (page: Page): Promise<string[]> => card(page, 'Model').allTextContents();

/** The attack is told by code and in words, nothing of it is kept, and what is installed works. */
async function expectRefused(page: Page, attack: string | undefined, words: string): Promise<void> {
  const before = { trust: await keptTrust(page), shown: await shown(page) };
  const list = await page.evaluate(() => globalThis.sill?.models.overview());
  expect(list?.catalogError?.details?.attack, list?.catalogError?.message).toBe(attack);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await expect(alert(page)).toContainText(words);
  await expect(alert(page)).toContainText('Last read in good order on');
  await expect(card(page, 'Stories 15M')).toBeVisible();
  expect({ trust: await keptTrust(page), shown: await shown(page) }).toEqual(before);
  expect(textOf(await complete(page, { temperature: 0, max_tokens: 4 }))).toBe(', there was a');
}

/** The attack is over: the person tries again and has the news. */
async function expectRecovered(page: Page, news = 'news'): Promise<void> {
  await retry(page).click();
  await expect(card(page, 'Model')).toContainText(news);
  await expect(alert(page)).toHaveCount(0);
}

const up = (signed: { version: number }) => signed.version++;

test('whatever an attacker sends in place of the list is refused and told by its name, and it is over when the list is right again', async ({
  page,
  repository,
  site,
}) => {
  test.slow();
  const recover = async (news: string) => {
    // The latest is the one that is offered.
    repository.nowMs += 1000;
    await repository.publish(news);
    await expectRecovered(page, news);
  };
  await open(page, 'Models');
  await test.step('a list that is older than what the device has seen is refused', async () => {
    const old = repository.text(TIMESTAMP);
    await renew(repository.publisher, false);
    await repository.deploy();
    await page.evaluate(() => globalThis.sill?.models.overview());
    repository.replace(TIMESTAMP, old);
    await expectRefused(page, 'rollback', 'The server sent an older list of models than is known here');
    await recover('It was rolled back.');
  });

  await test.step('parts of different lists are refused', async () => {
    const { version } = signedOf(repository.text(TIMESTAMP)).meta['snapshot.json'] ?? { version: 0 };
    const old = repository.text(`metadata/${version}.snapshot.json`);
    await repository.forge({ targets: up, snapshot: up, timestamp: up });
    repository.replace(`metadata/${version + 1}.snapshot.json`, old);
    await expectRefused(page, 'mix_and_match', 'The parts of the list of models do not belong together');
    await recover('It was in parts.');
  });

  await test.step('a host that answers every path with a web page is told what to change', async () => {
    const mend = site.answer(({ path }) =>
      path.startsWith('models/metadata/') && !repository.served.has(path.slice('models/'.length))
        ? { type: 'text/html', body: '<!doctype html><title>Sill</title>' }
        : undefined,
    );
    await expectRefused(page, undefined, 'The server does not say when a file is missing');
    await expect(alert(page)).toContainText('has to answer “not found” (404)');
    mend();
    await recover('It was a web page.');
  });

  await test.step('a list that never ends is dropped', async () => {
    let sentBytes = 0;
    const mend = site.answer(({ path }) =>
      path === `models/${TIMESTAMP}` ? { body: endless((bytes) => (sentBytes += bytes)) } : undefined,
    );
    await expectRefused(page, 'endless_data', 'The server sends more than a list of models can be');
    // What the sockets in between hold comes on top of what was read.
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
    mend();
    await recover('It was endless.');
  });

  await test.step('a list that a stranger signed is refused', async () => {
    const signed = signedOf(repository.text(TIMESTAMP));
    repository.replace(TIMESTAMP, signWith([makeKey('timestamp', undefined)], { ...signed, version: signed.version + 1 }));
    await expectRefused(page, 'wrong_key', 'The list of models is signed by somebody else than its publisher');
    await recover('It was of a stranger.');
  });

  await test.step('a list that nobody signed is refused', async () => {
    const signed = signedOf(repository.text(TIMESTAMP));
    repository.replace(TIMESTAMP, signWith([], { ...signed, version: signed.version + 1 }));
    await expectRefused(page, 'unsigned', 'The list of models is not signed');
    await recover('It was unsigned.');
  });
});

/** In the workers, which tell the time. One that looks at the list is ended when idle and started anew. */
async function turnClocks(page: Page, laterMs: number): Promise<void> {
  const turn = (worker: Worker) =>
    worker.evaluate((ms) => {
      const now = Date.now;
      Date.now = () => now() + ms;
    }, laterMs);
  page.on('worker', (worker) => void turn(worker).catch(() => undefined));
  for (const worker of page.workers()) if (!isThread(worker)) await turn(worker);
}

test('a list that is frozen goes stale: the view says since when, and the publisher signs again', async ({ page, repository }) => {
  await open(page, 'Models');
  await page.evaluate(() => globalThis.sill?.models.overview());
  const expiresMs = Date.parse(signedOf(repository.text(TIMESTAMP)).expires);
  await turnClocks(page, expiresMs + DAY_MS - Date.now());
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(expiresMs);
  await expectRefused(page, 'freeze', `The list of models has been out of date since ${day}`);
  await expect(alert(page)).toContainText('Check the clock of this device');
  repository.nowMs = expiresMs + DAY_MS;
  await repository.publish('news');
  await expectRecovered(page);
});

test('numbers that a thief of keys drove up lock out nobody once the keys are replaced', async ({ page, repository }) => {
  const driven = (signed: { version: number }) => (signed.version = 2 ** 40);
  await repository.forge({ targets: driven, snapshot: driven, timestamp: driven });
  await open(page, 'Models');
  await page.evaluate(() => globalThis.sill?.models.overview());
  await repository.publish('news');
  await expectRefused(page, 'fast_forward', 'Somebody has driven up the version numbers of the list of models');
  for (const role of ['targets', 'snapshot', 'timestamp'] as const) await rotate(repository.publisher, role);
  await repository.deploy();
  await expectRecovered(page);
});

function* endless(onBytes: (bytes: number) => void): Generator<Uint8Array> {
  const spaces = new Uint8Array(65_536).fill(32);
  for (;;) {
    onBytes(spaces.length);
    yield spaces;
  }
}
