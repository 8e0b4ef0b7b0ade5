import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import type { DownloadSummary } from '../src/protocol/downloadReports.ts';
import { expectAccessible, ONCE_AT_DESK } from './support/accessible.ts';
import { test as base, expect, openApp } from './support/fixtures.ts';
import { buildWithPolicy, forgetModels, type Hub, openHub, openMirror, removeBuild } from './support/hub.ts';
import { publishElsewhere } from './support/otherCatalog.ts';
import { complete, refusalOf, textOf } from './support/sill.ts';
import { freePort } from './support/site.ts';
import { acceptInstall, open, openDialog } from './support/views.ts';

const MODELS = resolve(import.meta.dirname, '../public/models');
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const REPOSITORY = 'acme/all-MiniLM-L6-v2';
const ID = `hf:${REPOSITORY}`;
const NAME = 'all-MiniLM-L6-v2';
const WEIGHTS = 'onnx/model_quantized.onnx';
const MB = 1_000_000;

interface Elsewhere {
  /** A server in Hugging Face's layout with one model, and the app built so that it may speak to it and to a mirror. */
  hub: Hub;
}

const test = base.extend<
  Elsewhere,
  { elsewhere: { directory: string; research: string; hubPort: number; mirrorPort: number; researchPort: number } }
>({
  elsewhere: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what a fixture needs
    async ({}, use) => {
      const [hubPort, mirrorPort, researchPort] = [await freePort(), await freePort(), await freePort()];
      const research = await mkdtemp(join(tmpdir(), 'sill-research-'));
      const root = await publishElsewhere(research, 'research-minilm', await folderOf('all-minilm-l6-v2'));
      const directory = await buildWithPolicy({
        sources: [
          { kind: 'hub', name: 'The hub', url: `http://localhost:${hubPort}/hub/` },
          { kind: 'mirror', name: 'The mirror', url: `http://localhost:${mirrorPort}/mirror/models/` },
          { kind: 'catalog', name: 'Research', url: `http://localhost:${researchPort}/mirror/models/`, root },
        ],
      });
      await use({ directory, research, hubPort, mirrorPort, researchPort });
      await removeBuild(directory);
      await rm(research, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  siteSettings: async ({ elsewhere }, use) => use({ base: '/', headers: true, directory: elsewhere.directory }),
  visited: async ({ siteSettings }, use) => use(siteSettings),
  expectedFaults: [/foreign request: http:\/\/localhost:\d+\/(hub|mirror)\//],
  hub: async ({ elsewhere }, use) => {
    const hub = await openHub(elsewhere.hubPort);
    hub.repositories.set(REPOSITORY, {
      commit: COMMIT,
      card: { pipeline_tag: 'sentence-similarity', cardData: { license: 'apache-2.0', language: 'en' } },
      files: await filesOf('all-minilm-l6-v2', ['config.json', 'tokenizer.json', 'tokenizer_config.json', WEIGHTS]),
    });
    await use(hub);
    await hub.close();
  },
});

test.use({ shared: true });

test.afterEach(async ({ context, site }) => forgetModels(await openApp(context, site)));

async function folderOf(model: string): Promise<string> {
  const [revision = ''] = await readdir(join(MODELS, model));
  return join(MODELS, model, revision);
}

/** The files of a model that this site publishes, as a hub has them. */
async function filesOf(model: string, paths: readonly string[]) {
  const folder = await folderOf(model);
  return new Map(paths.map((path) => [path, { body: join(folder, path) as string | Uint8Array }]));
}

test('a model is found by name at an allowed server, installed as it is then, and computes', async ({ page, hub }) => {
  const found = await page.evaluate((name) => globalThis.sill?.sources.find(name), REPOSITORY);
  expect(found).toMatchObject({ source: { kind: 'hub', name: 'The hub' }, commit: COMMIT });
  expect(found?.summary).toMatchObject({
    id: ID,
    trust: 'first-use',
    task: 'feature-extraction',
    languages: ['en'],
    licence: { spdx: 'apache-2.0' },
  });
  expect(hub.requests.some((request) => request.path.endsWith('.onnx'))).toBe(false);

  const added = await page.evaluate((address) => globalThis.sill?.sources.add(address), `${hub.url}${REPOSITORY}/tree/main`);
  expect(added).toMatchObject({ id: ID, trust: 'first-use', state: 'installed', provenance: `${hub.url}${REPOSITORY}@${COMMIT}` });
  const answer = await page.evaluate((model) => globalThis.sill?.embeddings.create({ model, input: 'a cat sits' }), ID);
  expect(answer?.data[0]?.embedding).toHaveLength(384);
});

test('a device gives itself the commit of a model that its operator names, and asks nobody', async ({ page, hub, site }) => {
  const policy = { schema: 1, devices: { install: [`${ID}@${COMMIT}`] } };
  site.answer(({ path }) => (path === 'sill.policy.json' ? { body: JSON.stringify(policy) } : undefined));
  await page.reload();
  const entry = page.getByRole('article').filter({ has: page.getByText(ID, { exact: true }) });
  await expect(entry.getByText('Installed', { exact: true })).toBeVisible();
  expect(hub.requests.every(({ path }) => path.includes(COMMIT))).toBe(true);
});

test('a person pastes an address, sees size, licence and trust, and installs', async ({ page, hub }) => {
  await page.getByRole('textbox', { name: 'Name or address of the model' }).fill(`${hub.url}acme/nothing`);
  await page.getByRole('button', { name: 'Look up' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'no such model' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Name or address of the model' }).fill(`${hub.url}${REPOSITORY}`);
  await page.keyboard.press('Enter');
  const dialog = openDialog(page);
  await expect(dialog.getByText('Trusted on first use')).toBeVisible();
  await expect(dialog.getByText(`${hub.url}${REPOSITORY}@${COMMIT}`)).toBeVisible();
  hub.holdAfter(6 * MB);
  await acceptInstall(page, 'all-MiniLM-L6-v2');
  await expect(page.getByRole('status').filter({ hasText: `${ID} is on its way, and in the list.` })).toBeVisible();
  const added = page.getByRole('article').filter({ has: page.getByText(ID, { exact: true }) });
  await expect(added.getByRole('progressbar', { name: `Installing ${NAME}` })).toBeVisible();
  await expect.poll(() => storedBytes(page)).toBeGreaterThan(MB);
  await added.getByRole('button', { name: `Pause installing ${NAME}` }).click();
  await expect(added.getByText(/^Paused\. [\d.]+ MB of 2\d\.\d MB are on the device\.$/)).toBeVisible();
  await expect(added.getByText('Trusted on first use')).toBeVisible();
  hub.holdAfter(Number.POSITIVE_INFINITY);
  await added.getByRole('button', { name: `Continue installing ${NAME}` }).click();
  await expect(added.getByText('Installed', { exact: true })).toBeVisible();
  await expectAccessible(page, 'a source that was added', ONCE_AT_DESK);
});

/** Begins and waits for nothing. */
const begin = (page: Page, model: string): Promise<void> =>
  page.evaluate((name) => void globalThis.sill?.sources.add(name).catch(() => undefined), model);
/** Not what an earlier test has finished. */
const queued = (page: Page): Promise<DownloadSummary | undefined> =>
  page.evaluate(async (id) => (await globalThis.sill?.downloads.list())?.find((each) => each.id === id && each.state !== 'finished'), ID);
const storedBytes = async (page: Page): Promise<number> => (await queued(page))?.progress.storedBytes ?? 0;
/** Where the requests for the weights began. */
const weightsFrom = (hub: Hub): number[] =>
  hub.requests
    .filter(({ method, path }) => method === 'GET' && path.endsWith(WEIGHTS))
    .map(({ range }) => Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0));

test('a first download is in the queue: every tab shows and steers it, the limit holds, and another tab goes on when its own is closed', async ({
  page: first,
  context,
  hub,
  site,
}) => {
  const second = await context.newPage();
  await second.goto(site.url);
  await open(second, 'Downloads');
  const entry = second.locator('sill-downloads-view').getByRole('article', { name: NAME });

  await test.step('no faster than the limit', async () => {
    await second.evaluate(() => globalThis.sill?.downloads.setSettings({ bytesPerSecond: 200_000 }));
    await begin(first, REPOSITORY);
    await expect(entry).toContainText(`Commit ${COMMIT.slice(0, 7)}`);
    await expect(entry).toContainText(/Downloading · .* of 2\d\.\d MB · (1\d\d|2[0-4]\d) kB\/s · about/);
  });

  await test.step('paused and continued from the tab that does not carry it', async () => {
    await entry.getByRole('button', { name: `Pause the download of ${NAME}` }).click();
    await expect(entry).toContainText('Paused.');
    expect((await queued(first))?.state).toBe('paused');
    hub.holdAfter(12 * MB);
    await second.evaluate(() => globalThis.sill?.downloads.setSettings({}));
    await entry.getByRole('button', { name: `Continue the download of ${NAME}` }).click();
    await expect.poll(() => storedBytes(second)).toBeGreaterThan(8 * MB);
    expect((await queued(first))?.state).toBe('running');
  });

  await test.step('the other tab takes over, and whoever waits in it is told', async () => {
    const installed = second.evaluate(async (id) => (await globalThis.sill?.models.install(id))?.state, ID);
    await expect(entry).toContainText('Waiting for the network');
    const stored = await storedBytes(second);
    hub.requests.length = 0;
    await first.close();
    await expect.poll(() => weightsFrom(hub).length).toBe(1);
    // The configuration came before the weights.
    expect(weightsFrom(hub)[0]).toBeGreaterThan(stored - MB);
    hub.holdAfter(Number.POSITIVE_INFINITY);
    expect(await installed).toBe('installed');
    await expect(second.getByRole('region', { name: 'Recently finished' })).toContainText(NAME);
    expect((await second.evaluate((model) => globalThis.sill?.models.verify(model), ID))?.ok).toBe(true);
  });
});

test('a first download that a reload cut off goes on by itself, where it was', async ({ page, hub }) => {
  hub.holdAfter(14 * MB);
  await begin(page, REPOSITORY);
  await expect.poll(() => storedBytes(page)).toBeGreaterThan(5 * MB);
  await page.reload();
  const stored = await storedBytes(page);
  hub.requests.length = 0;
  hub.holdAfter(Number.POSITIVE_INFINITY);
  const state = () => page.evaluate(async (id) => (await globalThis.sill?.models.list())?.find((each) => each.id === id)?.state, ID);
  await expect.poll(state).toBe('installed');
  expect(weightsFrom(hub)).toHaveLength(1);
  expect(weightsFrom(hub)[0]).toBeGreaterThan(stored - MB);
  // Its server was not asked anew what the model is.
  expect(hub.requests.every(({ path }) => path.includes(`/resolve/${COMMIT}/`))).toBe(true);
  expect((await page.evaluate((model) => globalThis.sill?.models.verify(model), ID))?.ok).toBe(true);
});

test('several models are added at once, come one after the other, and answer: one writes, one hears', async ({ page, hub }) => {
  const tokenizer = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];
  const onnx = (names: readonly string[]) => names.map((name) => `onnx/${name}`);
  hub.repositories.set('acme/stories15m', {
    commit: COMMIT,
    card: { pipeline_tag: 'text-generation', cardData: { license: 'mit', language: 'en' } },
    files: await filesOf('stories15m', [...tokenizer, ...onnx(['model_int8.onnx', 'model_int8.onnx_data'])]),
  });
  hub.repositories.set('acme/whisper-tiny', {
    commit: COMMIT,
    card: { pipeline_tag: 'automatic-speech-recognition', cardData: { license: 'apache-2.0' } },
    files: await filesOf('whisper-tiny', [
      ...[...tokenizer, 'preprocessor_config.json'],
      ...onnx(['encoder_model_quantized.onnx', 'decoder_model_merged_quantized.onnx']),
    ]),
  });
  const models = ['acme/stories15m', 'acme/whisper-tiny'];
  const states = await page.evaluate(
    async (names) => Promise.all(names.map(async (name) => (await globalThis.sill?.sources.add(name))?.state)),
    models,
  );
  expect(states).toEqual(['installed', 'installed']);
  const written = await complete(page, { model: 'hf:acme/stories15m', temperature: 0, max_tokens: 4 });
  expect(textOf(written)).toBe(', there was a');
  const speech = await readFile(join(import.meta.dirname, 'fixtures/speech.wav'));
  const heard = await page.evaluate(
    (spoken) =>
      globalThis.sill?.audio.transcriptions.create({
        model: 'hf:acme/whisper-tiny',
        file: new Blob([Uint8Array.from(atob(spoken), (letter) => letter.charCodeAt(0))]),
        language: 'en',
      }),
    speech.toString('base64'),
  );
  expect(heard?.text).toMatch(/Please open the window/i);
});

test('what was seen first under a commit is the only thing that is accepted under it', async ({ page, hub }) => {
  await page.evaluate((model) => globalThis.sill?.sources.add(model), REPOSITORY);
  const files = hub.repositories.get(REPOSITORY)?.files;
  const weights = files?.get(WEIGHTS);
  if (!files || !weights) throw new Error('the hub has no weights');
  const other = new Uint8Array(await readFile(String(weights.body)));
  other[5_000_000] = (other[5_000_000] ?? 0) ^ 1;
  weights.body = other;

  const add = () => refusalOf(page, (sill, model) => sill.sources.add(model), REPOSITORY);
  expect(await add()).toMatchObject({ code: 'source_changed', details: { path: WEIGHTS } });
  // A server that states no digests is found out by the bytes.
  hub.api = false;
  await page.evaluate((model) => globalThis.sill?.models.remove(model), ID);
  const install = await refusalOf(page, (sill, model) => sill.models.install(model), ID);
  expect(install.code).toBe('source_changed');

  // A person may decide to trust what is there now.
  expect(await page.evaluate((model) => globalThis.sill?.sources.forget(model), ID)).toBe(true);
  const added = await page.evaluate((model) => globalThis.sill?.sources.add(model), REPOSITORY);
  expect(added?.state).toBe('installed');
});

test('bytes that are not what their own server states are refused, and nothing is kept of them', async ({ page, hub }) => {
  const file = hub.repositories.get(REPOSITORY)?.files.get(WEIGHTS);
  if (!file) throw new Error('the hub has no weights');
  const path = String(file.body);
  await page.evaluate((model) => globalThis.sill?.sources.find(model), REPOSITORY);
  file.stated = path;
  file.body = (await readFile(path)).fill(7, 1_000_000, 1_000_100);
  const refused = await refusalOf(page, (sill, model) => sill.sources.add(model), REPOSITORY);
  expect(refused.code).toBe('source_changed');
  expect(await queued(page)).toMatchObject({ state: 'failed', error: { code: 'source_changed' }, progress: { storedBytes: 0 } });
  const report = await page.evaluate(() => globalThis.sill?.storage());
  expect(report).toMatchObject({ models: [], unfinishedBytes: 0 });
  // A person lets go of it.
  await page.evaluate((model) => globalThis.sill?.sources.forget(model), ID);
  const models = await page.evaluate(() => globalThis.sill?.models.list());
  expect(models?.some((model) => model.id.startsWith('hf:'))).toBe(false);
});

test('a plain file server is asked for each file; what cannot run, is not there or is not allowed is refused with its reason', async ({
  page,
  hub,
}) => {
  hub.api = false;
  const found = await page.evaluate((model) => globalThis.sill?.sources.find(model), REPOSITORY);
  expect(found).toMatchObject({ commit: COMMIT, summary: { task: 'feature-extraction', licence: { spdx: 'unknown' } } });
  const find = (model: string) => refusalOf(page, (sill, name) => sill.sources.find(name), model);
  expect(await find('acme/nothing')).toMatchObject({ code: 'unknown_model' });
  expect(await find('https://huggingface.co/acme/tiny')).toMatchObject({ code: 'source_not_allowed' });
  expect(await find('not a model')).toMatchObject({ code: 'invalid_request' });
  hub.repositories.get(REPOSITORY)?.files.delete(WEIGHTS);
  expect(await find(REPOSITORY)).toMatchObject({ code: 'unsupported_device', details: { missing: ['onnx/model.onnx'] } });
});

test('a mirror has the same signed catalog: models come from there, and from the site when it fails', async ({ page, site, elsewhere }) => {
  const mirror = await openMirror(elsewhere.mirrorPort, elsewhere.directory);
  const asked: string[] = [];
  page.context().on('request', (request) => asked.push(request.url()));
  site.requests.length = 0;
  await page.evaluate(() => globalThis.sill?.models.install('stories15m'));
  expect(asked.some((url) => url.includes('/mirror/models/stories15m/'))).toBe(true);
  expect(site.requests.filter(({ path }) => path.startsWith('models/stories15m/'))).toEqual([]);
  await mirror.close();
  await page.evaluate(() => globalThis.sill?.models.install('all-minilm-l6-v2'));
  expect(site.requests.some(({ path }) => path.startsWith('models/all-minilm-l6-v2/'))).toBe(true);
});

test('another publisher is trusted by the root in the policy, and by no other', async ({ page, elsewhere }) => {
  const url = `http://localhost:${elsewhere.researchPort}/mirror/models/`;
  const imposter = await openMirror(elsewhere.researchPort, elsewhere.directory);
  const refused = await page.evaluate(() => globalThis.sill?.models.overview());
  expect(refused?.models.filter((model) => model.source === url)).toEqual([]);
  expect(refused?.catalogError?.code).toBe('untrusted_catalog');
  await imposter.close();

  const research = await openMirror(elsewhere.researchPort, elsewhere.research);
  const listed = await page.evaluate(() => globalThis.sill?.models.list());
  expect(listed?.find((model) => model.id === 'research-minilm')).toMatchObject({ source: url, trust: 'signed' });
  const installed = await page.evaluate(() => globalThis.sill?.models.install('research-minilm'));
  expect(installed?.state).toBe('installed');
  await research.close();
});

test('the page may speak to the sources of its policy, and to nobody else', async ({ page, site, elsewhere }) => {
  const csp = (await page.request.get(site.url)).headers()['content-security-policy'] ?? '';
  const { hubPort, mirrorPort, researchPort } = elsewhere;
  const origins = [hubPort, mirrorPort, researchPort].map((port) => `http://localhost:${port}`);
  expect(csp.split('; ').find((part) => part.startsWith('connect-src'))).toBe(`connect-src 'self' ${origins.join(' ')}`);
});
