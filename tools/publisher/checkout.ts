import { cp, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCatalog } from '../../src/core/catalog.ts';
import { unlessCode } from '../models/errno.ts';
import { init } from './init.ts';
import { inspect } from './inspect.ts';
import type { KeyRole } from './keyFile.ts';
import { Keyring } from './keyring.ts';
import { PASSPHRASE_VARIABLE } from './passphrase.ts';
import { type PackedModel, readPacked } from './place.ts';
import { publishModels } from './publish.ts';
import { type Publisher, ship } from './publisher.ts';
import { hasRepository, metadataFolder, readRepository } from './repository.ts';
import { renew } from './rotate.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

/** Signatures of which less than this share of their time is left are renewed. */
const RENEW_SHARE = 1 / 3;
const DAY_MS = 24 * 60 * 60 * 1000;
const ROLES: readonly KeyRole[] = ['root', 'timestamp', 'snapshot', 'targets'];

export interface Checkout extends Publisher {
  /** A copy of the metadata, so that a checkout whose models were deleted goes on where its devices are. */
  readonly backup: string;
}

/**
 * Keeps the models of a checkout signed: makes keys at the first run, of the models in `catalog.json` offers exactly the revisions
 * named there, leaves those that somebody else published beside them, and renews what is about to expire. Does nothing, in a few milliseconds, when there is nothing to do.
 */
export async function signCheckout(checkout: Checkout, say: (line: string) => void): Promise<void> {
  const { repo, backup } = checkout;
  if (!(await hasRepository(repo))) await begin(checkout, say);
  const { models } = parseCatalog(JSON.parse(await readFile(join(repo, 'catalog.json'), 'utf8')));
  const state = await inspect(repo);
  const wanted = models.map((entry) => entry.path).sort();
  const ids = new Set(models.map((entry) => entry.id));
  const offered = state.models.flatMap((entry) => (ids.has(entry.id) ? [entry.path] : [])).sort();
  const leftMs = (role: KeyRole) => Date.parse(state.roles[role]?.expires ?? '') - checkout.now();
  const isEnding = (role: KeyRole) => !(leftMs(role) > DEFAULT_SETTINGS.expiresDays[role] * DAY_MS * RENEW_SHARE);

  if (JSON.stringify(wanted) !== JSON.stringify(offered)) {
    const packed: PackedModel[] = [];
    for (const path of wanted) packed.push(await readPacked(join(repo, path)));
    await publishModels(
      checkout,
      packed.map((model) => ({ model, saying: { channel: 'stable' } })),
      { replace: true },
    );
    say('The catalog is signed.');
  }
  if (ROLES.some(isEnding)) {
    await renew(checkout, isEnding('root'));
    say('The signatures of the catalog are renewed.');
  }
  if (await isShipped(checkout)) return;
  await ship(checkout, await readRepository(repo));
  await cp(metadataFolder(repo), backup, { recursive: true });
}

async function begin(checkout: Checkout, say: (line: string) => void): Promise<void> {
  const { repo, keys, backup, ask } = checkout;
  const isRestored = await cp(backup, metadataFolder(repo), { recursive: true }).then(
    () => true,
    (reason) => unlessCode('ENOENT')(reason) ?? false,
  );
  if (isRestored) return;
  // Keys without any catalog: a first run that was killed. They have signed nothing that anyone has seen, and are kept all the same.
  if ((await Keyring.open(keys, ask)).keys.length > 0) await rename(keys, `${keys}.${checkout.now()}`);
  const passphrase = process.env[PASSPHRASE_VARIABLE] || undefined;
  const counts = new Map(ROLES.map((role) => [role, 1]));
  await init(checkout, { counts, thresholds: new Map(), settings: DEFAULT_SETTINGS, passphrase });
  const protection = passphrase
    ? 'encrypted'
    : `not encrypted: for a catalog that others rely on, set ${PASSPHRASE_VARIABLE} before the first start`;
  say(`The keys that sign this checkout's catalog are in ${keys}, readable by you alone and ${protection}.`);
}

/** Whether this catalog's root lies where the app is built from, and its metadata in the backup. */
async function isShipped({ trust, repo, backup }: Checkout): Promise<boolean> {
  const read = (path: string) => readFile(path, 'utf8').catch(unlessCode('ENOENT', 'ENOTDIR'));
  const [root, copy, current] = await Promise.all([
    read(join(trust, 'root.json')),
    read(join(backup, 'timestamp.json')),
    read(join(metadataFolder(repo), 'timestamp.json')),
  ]);
  return root !== undefined && copy !== undefined && copy === current;
}
