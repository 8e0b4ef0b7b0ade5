import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { packFolder } from '../models/packFolder.ts';
import { placeRevision, prune, writeCatalog } from '../models/publish.ts';
import { withStaging } from '../models/staging.ts';
import { ABOUT, FILES } from '../models/testing/about.ts';
import { put, tempFolder } from '../models/testing/tempFolder.ts';
import { type Checkout, signCheckout } from './checkout.ts';
import { inspect } from './inspect.ts';
import { placeFiles, readPacked } from './place.ts';
import { publishModels } from './publish.ts';
import { hasRepository } from './repository.ts';
import { DAY_MS, START_MS } from './testing/site.ts';
import { verify } from './verify.ts';

const folder = tempFolder();
const said: string[] = [];
let nowMs = START_MS;

beforeEach(() => {
  said.length = 0;
  nowMs = START_MS;
});
afterEach(() => vi.unstubAllEnvs());

const checkout = (): Checkout => {
  const place = (name: string) => join(folder(), name);
  const ask = () => Promise.resolve(process.env.SILL_KEY_PASSPHRASE ?? '');
  return {
    repo: place('models'),
    keys: place('.sill/keys'),
    trust: place('trust'),
    backup: place('.sill/metadata'),
    ask,
    now: () => nowMs,
  };
};

/** As the starter models are built: one revision, named in catalog.json, older ones pruned. */
async function build(name: string): Promise<string> {
  const { repo } = checkout();
  return withStaging(join(folder(), 'staging'), async (staging) => {
    const staged = join(staging, 'model');
    await put(staged, FILES);
    const entry = await placeRevision(repo, staged, await packFolder(staged, { ...ABOUT, id: 'model', name }));
    const others = (await hasRepository(repo)) ? (await inspect(repo)).models : [];
    await prune(repo, await writeCatalog(repo, [entry]), others);
    return entry.revision;
  });
}
const sign = () => signCheckout(checkout(), (line) => said.push(line));
const offered = async () => (await verify(checkout(), () => nowMs, true)).models.map((entry) => entry.revision);
const versions = async () => Object.values((await inspect(checkout().repo)).roles).map((role) => role.version);

test('the first start makes keys that only their owner reads, and a catalog that a device accepts', async () => {
  const revision = await build('One');
  await sign();
  expect(await offered()).toEqual([revision]);
  const [key = ''] = await readdir(checkout().keys);
  expect((await stat(join(checkout().keys, key))).mode & 0o777).toBe(0o600);
  expect(said.join('\n')).toContain('not encrypted');
});

test('a start with nothing to do signs nothing', async () => {
  await build('One');
  await sign();
  const before = await versions();
  said.length = 0;
  await sign();
  expect(said).toEqual([]);
  expect(await versions()).toEqual(before);
});

test('models that were built anew take the place of the old ones', async () => {
  await build('One');
  await sign();
  const revision = await build('Two');
  await sign();
  expect(await offered()).toEqual([revision]);
});

test('a model that somebody published beside the starters stays when those are built anew', async () => {
  await build('One');
  await sign();
  const own = join(folder(), 'own');
  await put(own, FILES);
  const { revision } = await packFolder(own, { ...ABOUT, id: 'owner/own' });
  const model = await readPacked(own);
  await placeFiles(checkout().repo, own, model);
  await publishModels(checkout(), [{ model, saying: { channel: 'stable' } }]);
  const starter = await build('Two');
  await sign();
  expect((await offered()).sort()).toEqual([revision, starter].sort());
});

test('signatures are renewed in time, the root too', async () => {
  const revision = await build('One');
  await sign();
  nowMs += 80 * DAY_MS;
  await sign();
  expect((await versions())[0]).toBe(1);
  nowMs += 250 * DAY_MS;
  await sign();
  expect((await versions())[0]).toBe(2);
  expect(await offered()).toEqual([revision]);
});

test('a checkout whose models were deleted goes on with higher versions under the same root', async () => {
  await build('One');
  await sign();
  const root = await readFile(join(checkout().trust, 'root.json'), 'utf8');
  const before = await versions();
  await rm(checkout().repo, { recursive: true });
  await rm(checkout().trust, { recursive: true });
  const revision = await build('Two');
  await sign();
  expect(await offered()).toEqual([revision]);
  expect(await readFile(join(checkout().trust, 'root.json'), 'utf8')).toBe(root);
  expect((await versions())[1]).toBeGreaterThan(before[1] ?? 0);
});

test('a first start that was killed before there was a catalog begins again and keeps the keys aside', async () => {
  const revision = await build('One');
  await sign();
  await rm(join(checkout().repo, 'metadata'), { recursive: true });
  await rm(checkout().backup, { recursive: true });
  await sign();
  expect(await offered()).toEqual([revision]);
  expect((await readdir(join(folder(), '.sill'))).length).toBe(3);
});

test('with a passphrase in the environment the keys are encrypted', async () => {
  vi.stubEnv('SILL_KEY_PASSPHRASE', 'correct horse');
  await mkdir(checkout().repo, { recursive: true });
  await build('One');
  await sign();
  for (const name of (await readdir(checkout().keys)).filter((each) => each !== 'settings.json')) {
    expect(await readFile(join(checkout().keys, name), 'utf8')).toContain('aes-256-gcm');
  }
  expect(said.join('\n')).toContain(', readable by you alone and encrypted.');
});
