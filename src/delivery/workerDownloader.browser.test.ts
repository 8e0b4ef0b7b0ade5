import { afterEach, describe, expect, test } from 'vitest';
import type { DownloadProgress } from '../ports/delivery.ts';
import { openIdbStore } from '../storage/idbStore.ts';
import { createDigests } from './digests.ts';
import { createWorkerDownloader } from './workerDownloader.ts';

const MIB = 1024 * 1024;
const digests = createDigests(crypto.subtle);
const spawn = () => new Worker(new URL('../../workers/download.worker.ts', import.meta.url), { type: 'module' });

const urls: string[] = [];
afterEach(() => {
  for (const url of urls.splice(0)) URL.revokeObjectURL(url);
});

/** A file of so many chunks of 1 MiB, served by the browser itself, ranges included. */
async function publish(count: number) {
  const parts = Array.from({ length: count }, () => new Uint8Array(MIB));
  for (const part of parts) for (let at = 0; at < MIB; at += 65_536) crypto.getRandomValues(part.subarray(at, at + 65_536));
  const url = URL.createObjectURL(new Blob(parts));
  urls.push(url);
  const chunks = await Promise.all(parts.map(async (part) => ({ digest: await digests.sha256(part), sizeBytes: part.length })));
  return { url, chunks, parts };
}

describe('the download worker in a browser', () => {
  test('stores verified chunks where the page finds them, and goes on after it was killed', async () => {
    const { url, chunks, parts } = await publish(24);
    const digestsOfFile = chunks.map((chunk) => chunk.digest);
    const spawned: Worker[] = [];
    const downloader = createWorkerDownloader(() => {
      const worker = spawn();
      spawned.push(worker);
      return worker;
    });
    const killed = new Promise<void>((resolve) => {
      const work = downloader.download(
        { files: [{ url, chunks: chunks.slice(0, 8) }] },
        { onProgress: ({ storedBytes }) => storedBytes >= 2 * MIB && spawned[0]?.dispatchEvent(new Event('error', { cancelable: true })) },
      );
      work.then(resolve, resolve);
    });
    await killed;
    const store = await openIdbStore();
    const stored = chunks.length - (await store.chunks.missing(digestsOfFile)).length;
    expect(stored).toBeGreaterThan(0);

    const seen: DownloadProgress[] = [];
    await downloader.download({ files: [{ url, chunks }] }, { onProgress: (progress) => seen.push(progress) });
    expect(seen[0]?.storedBytes).toBeGreaterThanOrEqual(stored * MIB);
    expect(seen.at(-1)?.storedBytes).toBe(24 * MIB);
    const joined = new Uint8Array((await (await store.chunks.join(digestsOfFile))?.arrayBuffer()) ?? new ArrayBuffer());
    const original = new Uint8Array(await new Blob(parts).arrayBuffer());
    expect(await digests.sha256(joined)).toBe(await digests.sha256(original));
    await store.chunks.delete(digestsOfFile);
    store.close();
  }, 30_000);

  test('refuses damaged bytes with a coded error', async () => {
    const { url, chunks } = await publish(2);
    const other = await publish(1);
    const wrong = { digest: other.chunks[0]?.digest ?? (await digests.sha256(new Uint8Array(1))), sizeBytes: MIB };
    const [first] = chunks;
    if (!first) throw new Error('no chunk');
    await expect(createWorkerDownloader(spawn).download({ files: [{ url, chunks: [first, wrong] }] }, {})).rejects.toMatchObject({
      code: 'chunk_mismatch',
      details: { digest: wrong.digest },
    });
    const store = await openIdbStore();
    expect(await store.chunks.missing([first.digest, wrong.digest])).toEqual([wrong.digest]);
    await store.chunks.delete([first.digest]);
    store.close();
  });

  test('that does not start is lost, not silent', async () => {
    const broken = createWorkerDownloader(() => new Worker(new URL('./no-such-worker.js', location.href), { type: 'module' }));
    const { url, chunks } = await publish(1);
    await expect(broken.download({ files: [{ url, chunks }] }, {})).rejects.toMatchObject({ code: 'worker_lost' });
  });
});
