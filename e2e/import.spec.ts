import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { LOUD_TOKEN, loudGguf } from '../src/forge/gguf/testing/loudGguf.ts';
import type { ImportsReport } from '../src/protocol/importReports.ts';
import { writeStoriesGguf } from '../tools/models/testing/storiesGguf.ts';
import { expectAccessible } from './support/accessible.ts';
import { test as base, expect } from './support/fixtures.ts';
import { expectGoldenChoices } from './support/golden.ts';
import { left, MADE, NOTHING } from './support/imports.ts';
import { openWithRoom } from './support/room.ts';
import { refusalOf } from './support/sill.ts';
import { card, open } from './support/views.ts';

/** The last is of 16 bits with weights that 8 bits cannot hold as they are. */
const FILES = ['F16', 'Q8_0', 'Q4_0', 'hard'] as const;
type Kind = (typeof FILES)[number];

const NAME = 'Stories 15M';
const test = base.extend<{ importing: Locator }, { gguf: (kind: Kind) => string }>({
  gguf: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'sill-gguf-'));
      const pathOf = (kind: Kind) => join(folder, `stories-${kind}.gguf`);
      for (const kind of FILES) writeStoriesGguf(pathOf(kind), kind === 'hard' ? 'F16' : kind, kind === 'hard');
      await use(pathOf);
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  importing: async ({ page }, use) => {
    await open(page, 'Import');
    await use(page.locator('sill-import-view'));
  },
});

const choose = (importing: Locator, files: Parameters<Locator['setInputFiles']>[0]): Promise<void> =>
  importing.locator('input[type=file]').setInputFiles(files);

async function agree(importing: Locator, button: string): Promise<void> {
  await importing.getByRole('checkbox', { name: 'I may use this model' }).check();
  await importing.getByRole('button', { name: button, exact: true }).click();
}

/** Sizes of the files that the app has written for itself, in bytes. */
const spooled = (page: Page): Promise<number[]> =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('sill-spool').catch(() => undefined);
    const sizes: number[] = [];
    for await (const entry of folder?.values() ?? []) if (entry instanceof FileSystemFileHandle) sizes.push((await entry.getFile()).size);
    return sizes;
  });
const imports = (page: Page): Promise<ImportsReport | undefined> => page.evaluate(() => globalThis.sill?.imports.list());
/** Around which tokens a prompt is cut, by the manifest of what was imported. */
const sinksOf = (page: Page, id: string) =>
  page.evaluate(async (model) => {
    const result = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await result(indexedDB.open('sill'));
    const rows: Array<{ id: string; sinkTokens?: number[] }> = await result(
      database.transaction('manifests').objectStore('manifests').getAll(),
    );
    database.close();
    return rows.find((manifest) => manifest.id === model)?.sinkTokens;
  }, id);
test('a GGUF file is chosen, looked at, made for this device over a reload, and writes what it wrote before', async ({
  page,
  importing,
  gguf,
}) => {
  test.slow();
  await choose(importing, gguf('Q8_0'));
  const found = importing.getByRole('region', { name: NAME });
  await expect(found).toContainText('llama');
  await expect(found).toContainText('15.2M');
  await expect(found).toContainText('Q8_0 × 43, F32 × 13');
  await expect(found).toContainText(/17\.2 MB of storage in place of 16\.9 MB, 8\d\.\d MB of memory/);
  await expect(found.getByRole('button', { name: 'Import', exact: true })).toBeDisabled();
  await expectAccessible(page, 'what is in a file');

  await test.step('cut off by a reload, it goes on with the same file, and does not begin anew', async () => {
    // When the form itself is being made, the one that it is held against was made and scored.
    const reached = page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          globalThis.sill?.watch((event) => event.type === 'import' && event.progress.phase === 'transcoding' && resolve());
        }),
    );
    await agree(importing, 'Import');
    await reached;
    await page.reload();
    await expect(importing.getByText(/To go on, choose stories-Q8_0\.gguf again/)).toBeVisible();
    await choose(importing, gguf('F16'));
    await expect(found.getByRole('button', { name: 'Import', exact: true })).toBeVisible();
    await choose(importing, gguf('Q8_0'));
    await expect(found).toContainText('An import of this file was begun');
    const phases = page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const seen = new Set<string>();
          globalThis.sill?.watch((event) => {
            if (event.type === 'import') seen.add(event.progress.phase);
            if (seen.has('activating')) resolve([...seen]);
          });
        }),
    );
    await agree(importing, 'Go on');
    await expect(importing.getByText('It is ready')).toBeVisible(MADE);
    // By the first button that follows what was done.
    await expect(importing.getByRole('status').getByRole('link', { name: `Write with ${NAME}` })).toBeVisible();
    expect(await phases).not.toContain('reference');
    expect((await page.evaluate(() => globalThis.sill?.models.verify('file:stories-Q8_0')))?.ok).toBe(true);
  });
  const report = importing.getByRole('article', { name: NAME });
  await expect(report).toContainText(/It foretells the text (as well as|worse than) 8-bit blocks of the same weights/);
  await report.getByText('Errors as a table').click();
  await expect(report.getByRole('row')).toHaveCount(11);
  await expectAccessible(page, 'how an import came out');
  const { finished = [], unfinished } = (await imports(page)) ?? {};
  expect(unfinished).toEqual([]);
  expect(finished).toMatchObject([
    { id: 'file:stories-Q8_0', variant: 'int8-wasm', recipe: 'gguf-6', evened: true, sourceBytes: 16_879_424 },
  ]);
  expect(finished[0]?.scores.measured).toBeLessThanOrEqual((finished[0]?.scores.reference ?? 0) + 0.1);
  await expectGoldenChoices(page, { model: 'file:stories-Q8_0', variant: 'int8-wasm', closeCall: 0.5, mostTurned: 4, cases: 2 });
  await open(page, 'Models');
  await expect(card(page, NAME).getByText('Imported here')).toBeVisible();
});

test('files of 16 bits and of 4 become models, from an address of this site and by the public surface; what 8 bits cannot hold is kept in more, and a loud token is found', async ({
  page,
  gguf,
  site,
}) => {
  const bodies = new Map([
    ['files/f16.gguf', await readFile(gguf('F16'))],
    ['files/hard.gguf', await readFile(gguf('hard'))],
    ['files/q4.gguf', await readFile(gguf('Q4_0'))],
  ]);
  site.answer(({ path }) => {
    const body = bodies.get(path);
    return body && { body, type: 'application/octet-stream' };
  });
  bodies.set('files/loud.gguf', Buffer.from(loudGguf()));
  await test.step('what was fetched to be looked at lies on the disk, and not in memory', async () => {
    await page.evaluate(() => globalThis.sill?.models.inspectFile('files/f16.gguf'));
    await expect.poll(() => spooled(page)).toEqual([bodies.get('files/f16.gguf')?.length]);
  });
  for (const [name, closeCall, mostTurned] of [
    ['f16', 0.3, 2],
    ['hard', 0.5, 5],
    ['q4', 2, 8],
  ] as const) {
    const model = await page.evaluate((url) => globalThis.sill?.models.importFile(url), `files/${name}.gguf`);
    expect(model).toMatchObject({ id: `file:${name}`, trust: 'brought', state: 'installed', installed: { variant: 'int8-wasm' } });
    await expectGoldenChoices(page, { model: `file:${name}`, variant: 'int8-wasm', closeCall, mostTurned, cases: 1 });
  }
  // Nor for longer than it is needed.
  await expect.poll(() => spooled(page)).toEqual([]);
  const { finished = [] } = (await imports(page)) ?? {};
  expect(finished.map(({ source }) => source)).toMatchObject([{ kind: 'url' }, { kind: 'url' }, { kind: 'url' }]);
  const recordOf = (name: string) => finished.find(({ id }) => id === `file:${name}`);
  const hard = recordOf('hard');
  expect(hard?.wider).toContain('model.layers.2.mlp.down_proj');
  expect(hard?.tries).toMatchObject([{ wider: [], evened: true }]);
  expect(hard?.scores.measured).toBeLessThan((hard?.scores.reference ?? 0) + 0.05);
  for (const name of ['f16', 'q4']) {
    expect(recordOf(name)?.wider).toBeUndefined();
    expect(recordOf(name)?.evened).toBe(true);
  }
  await test.step('a loud token is found by measuring, as on the command line, and its calls are its own', async () => {
    await page.evaluate(() => globalThis.sill?.models.importFile('files/loud.gguf'));
    expect(await sinksOf(page, 'file:loud')).toEqual([1, 2, LOUD_TOKEN]);
    const loud = (await imports(page))?.finished.find(({ id }) => id === 'file:loud');
    expect(loud?.scores.reference).toBeLessThan(3);
    expect(loud?.scores.measured).toBeLessThan((loud?.scores.reference ?? 0) + 0.1);
  });
  await open(page, 'Import');
  await expect(page.getByRole('article', { name: NAME }).filter({ hasText: 'file:hard' })).toContainText(
    /kept in more bits, because it needed 4\.\d+ nats a token before: .*Down of layer 3/,
  );
  const refusal = await refusalOf(page, (sill) => sill.models.inspectFile('https://elsewhere.example/model.gguf'));
  expect(refusal.code).toBe('source_not_allowed');
});

test('what cannot be imported is refused by name, and what is cancelled leaves nothing behind', async ({ page, importing, gguf, site }) => {
  const whole = await readFile(gguf('Q8_0'));
  const as = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });
  const alert = importing.getByRole('alert');
  await test.step('cut short', async () => {
    await choose(importing, as('cut.gguf', whole.subarray(0, 3_000_000)));
    await expect(alert).toContainText('This file was not downloaded to its end');
  });
  await test.step('no GGUF file', async () => {
    await choose(importing, as('letter.gguf', Buffer.from('Dear reader')));
    await expect(alert).toContainText('This is no GGUF file');
  });
  await test.step('of an architecture that nobody built', async () => {
    const other = Buffer.from(whole);
    other.write('llame', other.indexOf('llama', other.indexOf('general.architecture')));
    await choose(importing, as('other.gguf', other));
    await expect(alert).toContainText('Sill cannot run this kind of model yet');
    await expect(alert).toContainText('"llame"');
  });
  await test.step('at an address of another site, and at one where nothing lies', async () => {
    const address = importing.getByLabel('Address of the file');
    await importing.getByText('From an address on this site').click();
    await address.fill('https://elsewhere.example/model.gguf');
    await importing.getByRole('button', { name: 'Look at it' }).click();
    await expect(alert).toContainText('This address is on another site');
    await address.fill('files/nothing.gguf');
    await importing.getByRole('button', { name: 'Look at it' }).click();
    await expect(alert).toContainText('The file cannot be fetched from this address');
  });
  await test.step('at an address from where it comes slowly: a person sees how much is here, and need not wait', async () => {
    const slow = async function* () {
      yield whole.subarray(0, 3_000_000);
      await new Promise(() => undefined);
    };
    site.answer(({ path }) => (path === 'files/slow.gguf' ? { body: slow(), type: 'application/octet-stream' } : undefined));
    await importing.getByLabel('Address of the file').fill('files/slow.gguf');
    await importing.getByRole('button', { name: 'Look at it' }).click();
    await expect(importing.getByRole('progressbar', { name: 'Fetching the file' })).toBeVisible();
    await expect.poll(() => spooled(page)).toEqual([3_000_000]);
    await importing.getByRole('button', { name: 'Do not fetch the file' }).click();
    await expect(importing.getByRole('progressbar')).toBeHidden();
    await expect(alert).toBeHidden();
    await expect.poll(() => spooled(page)).toEqual([]);
  });
  await test.step('cancelled', async () => {
    await choose(importing, gguf('Q8_0'));
    await agree(importing, 'Import');
    const entry = importing.getByRole('article', { name: NAME });
    await entry.getByRole('button', { name: `Cancel the import of ${NAME}` }).click();
    await importing.getByRole('button', { name: 'Cancel the import', exact: true }).click();
    await expect(entry).toBeHidden();
    await expect.poll(() => left(page)).toEqual(NOTHING);
  });
});

test('a disk that fills on the way is told of, and nothing of the import is left', async ({ openBrowser, site, gguf }) => {
  const page = await openWithRoom(openBrowser, site, 9_000_000);
  await open(page, 'Import');
  const importing = page.locator('sill-import-view');
  await choose(importing, gguf('Q8_0'));
  await agree(importing, 'Import');
  await expect(importing.getByRole('alert')).toContainText('There is not enough space', MADE);
  await expect(importing.getByRole('alert')).toContainText('Nothing of it was kept');
  await expect.poll(() => left(page)).toEqual(NOTHING);
  expect(await imports(page)).toEqual({ unfinished: [], finished: [] });
});
