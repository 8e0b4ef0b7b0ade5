import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JSHandle, Page } from '@playwright/test';
import { writeStoriesParts } from '../tools/models/testing/storiesGguf.ts';
import { test as base, expect } from './support/fixtures.ts';
import { MADE } from './support/imports.ts';
import { complete, textOf } from './support/sill.ts';
import { open } from './support/views.ts';

const NAME = 'Stories 15M';
const PARTS = ['stories-00001-of-00002.gguf', 'stories-00002-of-00002.gguf'] as const;

const test = base.extend<{ parts: ReadonlyMap<string, Buffer> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
  parts: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'sill-parts-'));
    const paths = PARTS.map((name) => join(folder, name));
    writeStoriesParts(paths, 'Q4_0');
    await use(new Map(await Promise.all(PARTS.map(async (name, at) => [`files/${name}`, await readFile(paths[at] ?? '')] as const))));
    await rm(folder, { recursive: true, force: true });
  },
});

/**
 * Puts the parts where the page has handles of them, the only place where no dialog of the system stands before that: the origin's private folder. Such a
 * dialog cannot be worked by a test, so that of the app answers with these handles; they are the browser's own.
 */
async function keepParts(page: Page): Promise<void> {
  await page.evaluate(async (names) => {
    const folder = await navigator.storage.getDirectory();
    for (const name of names) {
      const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
      await (await fetch(`files/${name}`)).body?.pipeTo(writable);
    }
    const pick = async () => Promise.all(names.map((name) => folder.getFileHandle(name)));
    Reflect.set(window, 'showOpenFilePicker', pick);
  }, PARTS);
}

const dragged = (page: Page, names: readonly string[]): Promise<JSHandle<DataTransfer>> =>
  page.evaluateHandle(async (wanted) => {
    const folder = await navigator.storage.getDirectory();
    const data = new DataTransfer();
    for (const name of wanted) data.items.add(await (await folder.getFileHandle(name)).getFile());
    return data;
  }, names);

test('a file in parts is dropped, or chosen; paused, cut off by a reload and by the end of its tab it goes on without being chosen again, and answers', async ({
  page,
  context,
  site,
  parts,
}) => {
  site.answer(({ path }) => {
    const body = parts.get(path);
    return body && { body, type: 'application/octet-stream' };
  });
  await keepParts(page);
  await open(page, 'Import');
  const importing = page.locator('sill-import-view');
  const found = importing.getByRole('region', { name: NAME });
  const drop = async (names: readonly string[]) =>
    importing.locator('sill-file-drop .zone').dispatchEvent('drop', { dataTransfer: await dragged(page, names) });

  await test.step('one part alone is not enough', async () => {
    await drop(PARTS.slice(1));
    await expect(importing.getByRole('alert')).toContainText('1 of its 2 parts');
  });
  await test.step('both are one model, in any order', async () => {
    await drop([...PARTS].reverse());
    await expect(found).toContainText('15.2M');
  });
  const entry = importing.getByRole('article', { name: NAME });
  const pause = entry.getByRole('button', { name: `Pause the import of ${NAME}` });
  await test.step('a person pauses an import, and goes on with it', async () => {
    await importing.getByRole('button', { name: 'Choose a GGUF file' }).click();
    await expect(found).toContainText('Q4_0 × 43');
    await importing.getByRole('checkbox', { name: 'I may use this model' }).check();
    await importing.getByRole('button', { name: 'Import', exact: true }).click();
    await pause.click();
    await expect(entry).toContainText('Paused.');
    expect(await page.evaluate(async () => (await globalThis.sill?.imports.list())?.unfinished)).toMatchObject([{ state: 'paused' }]);
    await entry.getByRole('button', { name: `Go on with the import of ${NAME}` }).click();
    await expect(pause).toBeVisible();
  });
  await test.step('one that a reload cut off goes on by itself', async () => {
    await page.reload();
    await expect(pause).toBeVisible();
  });
  await test.step('one whose tab was closed goes on in another, and both parts become a model that answers', async () => {
    const other = await context.newPage();
    await other.goto(`${site.url}#/import`);
    const there = other.locator('sill-import-view');
    await expect(there.getByRole('article', { name: NAME })).toBeVisible();
    // The engine runs in the first one.
    expect(await other.evaluate(() => globalThis.sill?.engine.place())).toMatchObject({ here: false });
    expect(await other.evaluate(async () => (await globalThis.sill?.imports.list())?.finished)).toEqual([]);
    await page.close();
    const made = there.getByRole('region', { name: 'How they came out' }).getByRole('article', { name: NAME });
    await expect(made).toContainText('It foretells the text', MADE);
    expect(await other.evaluate(() => globalThis.sill?.imports.list())).toMatchObject({
      unfinished: [],
      finished: [{ variant: 'int8-wasm' }],
    });
    const answer = await complete(other, { model: 'file:stories', prompt: 'Once upon a time', temperature: 0, max_tokens: 8 });
    expect(textOf(answer)).toBe(', there was a little girl named L');
  });
});
