import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { type Manifest, parseManifest } from '../../src/core/manifest.ts';
import { DIST } from './fixtures.ts';
import type { Site } from './site.ts';

/** A model as it is published: what it consists of, and where its files are. */
export interface PublishedModel {
  readonly manifest: Manifest;
  /** By path, as `onnx/model.onnx`. */
  file(path: string): string;
}

/** The revision of a model whose files are in the built app: of earlier ones the manifests alone are kept. */
export async function publishedModel(id: string): Promise<PublishedModel> {
  const root = join(DIST, 'models/targets', id);
  const [revision] = await readdir(join(DIST, 'models', id));
  const [name] = revision ? await readdir(join(root, revision)) : [];
  if (!revision || !name) throw new Error(`${id} is not published in ${root}`);
  const manifest = parseManifest(JSON.parse(await readFile(join(root, revision, name), 'utf8')));
  return { manifest, file: (path) => join(DIST, 'models', id, revision, path) };
}

/** The digests that a tab finds stored, read past the app. */
export const storedDigests = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('sill');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const keys = await new Promise<IDBValidKey[]>((resolve, reject) => {
      const reading = db.transaction('chunks').objectStore('chunks').getAllKeys();
      reading.onsuccess = () => resolve(reading.result);
      reading.onerror = () => reject(reading.error);
    });
    db.close();
    return keys.map(String);
  });

/** Chunks that were stored before and of which a request asked for a byte again. */
export function askedAgain({ manifest }: PublishedModel, stored: readonly string[], requests: Site['requests']): string[] {
  const had = new Set(stored);
  const again: string[] = [];
  for (const file of manifest.files) {
    const asked = requests.filter(({ path }) => path.endsWith(`/${file.path}`));
    let offset = 0;
    for (const { digest, sizeBytes } of file.chunks) {
      const isAsked = asked.some(({ range }) => {
        const [from = 0, last = file.sizeBytes - 1] = (range?.match(/\d+/g) ?? []).map(Number);
        return from < offset + sizeBytes && last >= offset;
      });
      if (isAsked && had.has(digest)) again.push(`${file.path}@${offset}`);
      offset += sizeBytes;
    }
  }
  return again;
}

/** SHA-256 of every file as it is published, and of what lies on the device, put together from its chunks past the app. */
export async function fileHashes(
  page: Page,
  model: PublishedModel,
): Promise<{ published: Record<string, string>; stored: Record<string, string> }> {
  const published: Record<string, string> = {};
  for (const { path } of model.manifest.files) {
    const hash = createHash('sha256');
    for await (const bytes of createReadStream(model.file(path))) hash.update(bytes);
    published[path] = hash.digest('hex');
  }
  const files = model.manifest.files.map(({ path, chunks }) => ({ path, digests: chunks.map(({ digest }) => String(digest)) }));
  const stored = await page.evaluate(async (wanted) => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('sill');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const chunks = db.transaction('chunks').objectStore('chunks');
    const blobs = await Promise.all(
      wanted.flatMap(({ digests }) =>
        digests.map(
          (digest) =>
            new Promise<[string, Blob]>((resolve, reject) => {
              const reading = chunks.get(digest);
              reading.onsuccess = () => resolve([digest, reading.result?.data ?? new Blob(['missing'])]);
              reading.onerror = () => reject(reading.error);
            }),
        ),
      ),
    );
    const byDigest = new Map(blobs);
    const hashes: Record<string, string> = {};
    for (const { path, digests } of wanted) {
      const bytes = await new Blob(digests.map((digest) => byDigest.get(digest) ?? 'missing')).arrayBuffer();
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      hashes[path] = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
    }
    db.close();
    return hashes;
  }, files);
  return { published, stored };
}

/** The main process of the Chromium that runs on a profile, of which the others are children; `undefined` where the system does not tell. */
export async function browserPid(profile: string): Promise<number | undefined> {
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(`--user-data-dir=${profile}`) && !command.includes('--type=')) return Number(pid);
  }
  return undefined;
}

/** Ends Chromium as the system does when it runs out of memory: with all its processes, and without a word. */
export async function killBrowser(context: BrowserContext, profile: string): Promise<void> {
  const closed = context.waitForEvent('close');
  const pid = await browserPid(profile);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  else {
    const session = await context.browser()?.newBrowserCDPSession();
    // The answer never comes: the process that should send it is gone.
    session?.send('Browser.crash').catch(() => undefined);
  }
  await closed;
}
