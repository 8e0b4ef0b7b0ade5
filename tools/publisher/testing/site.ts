import { type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalize } from '@tufjs/canonical-json';
import type { Catalog, CatalogEntry } from '../../../src/core/catalog.ts';
import { createDigests } from '../../../src/delivery/digests.ts';
import { createSignatures } from '../../../src/delivery/tuf/signatures.ts';
import { createTufCatalog, type TufCatalogOptions } from '../../../src/delivery/tuf/tufCatalog.ts';
import type { SignedSource, TrustStore } from '../../../src/ports/delivery.ts';
import { memoryTrust } from '../../../src/storage/memoryTrust.ts';
import { packFolder } from '../../models/packFolder.ts';
import { ABOUT, FILES } from '../../models/testing/about.ts';
import { put } from '../../models/testing/tempFolder.ts';
import { type InitOptions, init } from '../init.ts';
import { type KeyFile, type KeyRole, openKey } from '../keyFile.ts';
import { Keyring } from '../keyring.ts';
import { placeFiles, readPacked } from '../place.ts';
import { publishModels, type Saying } from '../publish.ts';
import type { Publisher } from '../publisher.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
export const START_MS = Date.parse('2030-01-01T00:00:00Z');
const BASE_URL = 'https://edge.test/apps/sill/models/';

/** The signed part of a metadata file, as an attacker who has keys would change it. */
export interface Forgery {
  _type: string;
  version: number;
  expires: string;
  meta: Record<string, { version: number; length?: number; hashes?: Record<string, string> }>;
  targets: Record<string, { length: number; hashes: Record<string, string>; custom?: unknown }>;
  keys: Record<string, { keytype: string; scheme: string; keyval: { public: string }; [more: string]: unknown }>;
  roles: Record<string, { keyids: string[]; threshold: number }>;
  [more: string]: unknown;
}
type Edit = (signed: Forgery) => void;
type Answer = Uint8Array<ArrayBuffer> | (() => Response | Promise<Response>);

/** A repository made by the publisher's tools, and a web server in between that an attacker holds. */
export class Site {
  /** What the server answers, by path below the repository. Everything else is 404. */
  readonly served = new Map<string, Answer>();
  readonly requests: Array<{ readonly path: string; readonly init: RequestInit | undefined }> = [];
  readonly publisher: Publisher;
  /** The clock of publisher and device. */
  nowMs = START_MS;

  private keyring: Promise<Keyring> | undefined;

  private constructor(readonly folder: string) {
    const place = (name: string) => join(folder, name);
    this.publisher = {
      repo: place('models'),
      keys: place('keys'),
      trust: place('trust'),
      ask: () => Promise.reject(new Error('no passphrase here')),
      now: () => this.nowMs,
    };
  }

  static async make(folder: string, options: Partial<InitOptions> = {}): Promise<Site> {
    const site = new Site(folder);
    const counts = new Map<KeyRole, number>([
      ['root', 1],
      ['timestamp', 1],
      ['snapshot', 1],
      ['targets', 1],
    ]);
    await init(site.publisher, { counts, thresholds: new Map(), settings: DEFAULT_SETTINGS, passphrase: undefined, ...options });
    await site.deploy();
    return site;
  }

  /** The catalog of a checkout, to go on with in a folder of its own: the app that was built there trusts it. */
  static async continuing(checkout: Pick<Publisher, 'repo' | 'keys'>, folder: string): Promise<Site> {
    const site = new Site(folder);
    site.nowMs = Date.now();
    for (const part of ['metadata', 'targets']) await cp(join(checkout.repo, part), join(site.publisher.repo, part), { recursive: true });
    await cp(checkout.keys, site.publisher.keys, { recursive: true });
    await site.deploy();
    return site;
  }

  /** Another server with the same files, for whoever only changes what is served. */
  fork(): Site {
    const fork = new Site(this.folder);
    for (const [path, answer] of this.served) fork.served.set(path, answer);
    return fork;
  }

  /** Publishes a new revision of `owner/model` and serves it. */
  async publish(description: string, saying: Saying = { channel: 'stable' }): Promise<void> {
    const folder = join(this.folder, 'pack');
    await put(folder, FILES);
    await packFolder(folder, { ...ABOUT, description });
    const model = await readPacked(folder);
    await placeFiles(this.publisher.repo, folder, model);
    await publishModels(this.publisher, [{ model, saying }]);
    await this.deploy();
  }

  /** Serves what the publisher has made, honestly. */
  async deploy(): Promise<void> {
    this.served.clear();
    this.keyring = undefined;
    for (const entry of await readdir(this.publisher.repo, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      this.served.set(path.slice(this.publisher.repo.length + 1), new Uint8Array(await readFile(path)));
    }
  }

  /** A device; `trust` is what it keeps over restarts. */
  client(trust: TrustStore = memoryTrust(), options: Partial<TufCatalogOptions> = {}): SignedSource {
    return createTufCatalog({
      baseUrl: BASE_URL,
      shipped: { root: readFileSync(join(this.publisher.trust, 'root.json'), 'utf8') },
      trust,
      fetcher: async (url, init) => {
        const path = url.slice(BASE_URL.length);
        this.requests.push({ path, init });
        const answer = this.served.get(path);
        if (!answer) return new Response('<!doctype html>', { status: 404, headers: { 'content-type': 'text/html' } });
        return typeof answer === 'function' ? answer() : new Response(answer);
      },
      digests: createDigests(crypto.subtle),
      signatures: createSignatures(crypto.subtle),
      clock: { now: () => this.nowMs },
      ...options,
    });
  }

  text(path: string): string {
    const answer = this.served.get(path);
    if (!answer || typeof answer === 'function') throw new Error(`${path} is not served as a file`);
    return new TextDecoder().decode(answer);
  }

  replace(path: string, text: string): void {
    this.served.set(path, new TextEncoder().encode(text));
  }

  async keysOf(...roles: KeyRole[]): Promise<KeyFile[]> {
    this.keyring ??= Keyring.open(this.publisher.keys, this.publisher.ask);
    const { keys } = await this.keyring;
    return keys.filter((key) => roles.includes(key.role));
  }

  /** Changes targets, snapshot and timestamp and signs them with the publisher's own keys, each naming the one before. */
  async forge(edits: { readonly targets?: Edit; readonly snapshot?: Edit; readonly timestamp?: Edit }): Promise<void> {
    const timestamp = signedOf(this.text('metadata/timestamp.json'));
    const snapshot = signedOf(this.text(`metadata/${versionIn(timestamp, 'snapshot.json')}.snapshot.json`));
    const targets = signedOf(this.text(`metadata/${versionIn(snapshot, 'targets.json')}.targets.json`));
    edits.targets?.(targets);
    snapshot.meta['targets.json'] = { version: targets.version };
    edits.snapshot?.(snapshot);
    timestamp.meta['snapshot.json'] = { version: snapshot.version };
    edits.timestamp?.(timestamp);
    this.replace(`metadata/${targets.version}.targets.json`, signWith(await this.keysOf('targets'), targets));
    this.replace(`metadata/${snapshot.version}.snapshot.json`, signWith(await this.keysOf('snapshot'), snapshot));
    this.replace('metadata/timestamp.json', signWith(await this.keysOf('timestamp'), timestamp));
  }

  /** A root after the last one, signed by these keys. */
  async forgeRoot(edit: Edit, keys?: readonly KeyFile[]): Promise<void> {
    let version = 1;
    while (this.served.has(`metadata/${version + 1}.root.json`)) version++;
    const root = signedOf(this.text(`metadata/${version}.root.json`));
    root.version = version + 1;
    edit(root);
    this.replace(`metadata/${version + 1}.root.json`, signWith(keys ?? (await this.keysOf('root')), root));
  }
}

const versionIn = (signed: Forgery, name: string): number => signed.meta[name]?.version ?? 0;

export const signedOf = (text: string): Forgery => JSON.parse(text).signed;

const opened = new WeakMap<KeyFile, KeyObject>();

/** To read a key takes longer than to sign with it. */
function privateKeyOf(file: KeyFile): KeyObject {
  const key = opened.get(file) ?? openKey(file, '');
  opened.set(file, key);
  return key;
}

export function signWith(keys: readonly KeyFile[], signed: Forgery): string {
  const data = Buffer.from(canonicalOrNot(signed));
  const signatures = keys.map((key) => ({ keyid: key.keyId, sig: sign(undefined, data, privateKeyOf(key)).toString('hex') }));
  return JSON.stringify({ signed, signatures });
}

function canonicalOrNot(signed: Forgery): string {
  try {
    return canonicalize(signed);
  } catch {
    // What has no canonical form cannot be signed rightly; a forger signs something.
    return JSON.stringify(signed);
  }
}

export function first(catalog: Catalog): CatalogEntry {
  const [entry] = catalog.models;
  if (!entry) throw new Error('the catalog is empty');
  return entry;
}
