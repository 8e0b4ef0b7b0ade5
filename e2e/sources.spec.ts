import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect } from './support/fixtures.ts';
import { buildWithPolicy, type Hub, openHub, openMirror, removeBuild } from './support/hub.ts';
import { publishElsewhere } from './support/otherCatalog.ts';
import { refusalOf } from './support/sill.ts';
import { freePort } from './support/site.ts';
import { acceptInstall, openDialog } from './support/views.ts';

const MODELS = resolve(import.meta.dirname, '../public/models');
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const REPOSITORY = 'acme/all-MiniLM-L6-v2';
const ID = `hf:${REPOSITORY}`;

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
      const root = await publishElsewhere(research, 'research-minilm', await minilmFolder());
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
  expectedFaults: [/foreign request: http:\/\/localhost:\d+\/(hub|mirror)\//],
  hub: async ({ elsewhere }, use) => {
    const hub = await openHub(elsewhere.hubPort);
    hub.repositories.set(REPOSITORY, {
      commit: COMMIT,
      card: { pipeline_tag: 'sentence-similarity', cardData: { license: 'apache-2.0', language: 'en' } },
      files: await minilm(),
    });
    await use(hub);
    await hub.close();
  },
});

async function minilmFolder(): Promise<string> {
  const [revision = ''] = await readdir(join(MODELS, 'all-minilm-l6-v2'));
  return join(MODELS, 'all-minilm-l6-v2', revision);
}

async function minilm() {
  const folder = await minilmFolder();
  const paths = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx'];
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

test('a person pastes an address, sees size, licence and trust, and installs', async ({ page, hub }) => {
  await page.getByRole('textbox', { name: 'Name or address of the model' }).fill(`${hub.url}acme/nothing`);
  await page.getByRole('button', { name: 'Look up' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'no such model' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Name or address of the model' }).fill(`${hub.url}${REPOSITORY}`);
  await page.keyboard.press('Enter');
  const dialog = openDialog(page);
  await expect(dialog.getByText('Trusted on first use')).toBeVisible();
  await expect(dialog.getByText(`${hub.url}${REPOSITORY}@${COMMIT}`)).toBeVisible();
  hub.holdAfter(3_000_000);
  await acceptInstall(page, 'all-MiniLM-L6-v2');
  await expect(page.getByRole('progressbar', { name: `Adding ${ID}` })).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText(`Adding ${ID} stopped`)).toBeVisible();
  hub.holdAfter(Number.POSITIVE_INFINITY);
  await page.getByRole('button', { name: 'Continue' }).click();
  const added = page.getByRole('article').filter({ has: page.getByText(ID, { exact: true }) });
  await expect(added.getByText('Trusted on first use')).toBeVisible();
  await expect(added.getByText('Installed', { exact: true })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
});

test('a first download that a reload cut off goes on where it was', async ({ page, hub }) => {
  hub.holdAfter(9_000_000);
  // Nobody waits for it: the page goes away.
  await page.evaluate((model) => void globalThis.sill?.sources.add(model).catch(() => undefined), REPOSITORY);
  const unfinished = async () => (await page.evaluate(() => globalThis.sill?.sources.list()))?.unfinished;
  await expect.poll(async () => (await unfinished())?.storedBytes ?? 0).toBeGreaterThan(5_000_000);
  await page.reload();
  const stored = await unfinished();
  expect(stored).toMatchObject({ id: ID, commit: COMMIT });

  hub.holdAfter(Number.POSITIVE_INFINITY);
  hub.requests.length = 0;
  // By name alone, as from a terminal.
  await page.evaluate((model) => globalThis.sill?.models.install(model), ID);
  const weights = hub.requests.filter((request) => request.method === 'GET' && request.path.endsWith('.onnx'));
  expect(weights).toHaveLength(1);
  // The configuration came before the weights.
  const fromBytes = Number(/bytes=(\d+)-/.exec(weights[0]?.range ?? '')?.[1]);
  expect(fromBytes).toBeGreaterThan((stored?.storedBytes ?? 0) - 1000);
  expect(await page.evaluate(() => globalThis.sill?.sources.list())).not.toHaveProperty('unfinished');
  expect((await page.evaluate((model) => globalThis.sill?.models.verify(model), ID))?.ok).toBe(true);
});

test('what was seen first under a commit is the only thing that is accepted under it', async ({ page, hub }) => {
  await page.evaluate((model) => globalThis.sill?.sources.add(model), REPOSITORY);
  const files = hub.repositories.get(REPOSITORY)?.files;
  const weights = files?.get('onnx/model_quantized.onnx');
  if (!files || !weights) throw new Error('the hub has no weights');
  const other = new Uint8Array(await readFile(String(weights.body)));
  other[5_000_000] = (other[5_000_000] ?? 0) ^ 1;
  weights.body = other;

  const add = () => refusalOf(page, (sill, model) => sill.sources.add(model), REPOSITORY);
  expect(await add()).toMatchObject({ code: 'source_changed', details: { path: 'onnx/model_quantized.onnx' } });
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
  const file = hub.repositories.get(REPOSITORY)?.files.get('onnx/model_quantized.onnx');
  if (!file) throw new Error('the hub has no weights');
  const path = String(file.body);
  await page.evaluate((model) => globalThis.sill?.sources.find(model), REPOSITORY);
  file.stated = path;
  file.body = (await readFile(path)).fill(7, 1_000_000, 1_000_100);
  const refused = await refusalOf(page, (sill, model) => sill.sources.add(model), REPOSITORY);
  expect(refused.code).toBe('source_changed');
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
  hub.repositories.get(REPOSITORY)?.files.delete('onnx/model_quantized.onnx');
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
