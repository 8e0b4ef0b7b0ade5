/** A model on a misbehaving server, an empty store and a downloader whose waits take no time; fresh for each test. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect } from 'vitest';
import { SillError } from '../../core/errors.ts';
import { type Digest, parseDigest } from '../../core/ids.ts';
import type { DownloadJob } from '../../ports/delivery.ts';
import type { ChunkStore } from '../../ports/store.ts';
import { createDigests } from '../digests.ts';
import { createDownloader, type DownloaderOptions } from '../downloader.ts';
import { startTestServer, type TestServer } from './testServer.ts';

export const KIB = 1024;
export const digests = createDigests(crypto.subtle);
const digestOf = (bytes: Uint8Array): Digest => parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);

/** Bytes without a pattern that a wrong cut could hide behind. */
export function noise(sizeBytes: number, seed: number): Buffer {
  let state = seed * 2654435761 + 1;
  return Buffer.from(
    Uint8Array.from({ length: sizeBytes }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
}

export function cut(bytes: Buffer, sizes: readonly number[]) {
  let offset = 0;
  return sizes.map((sizeBytes) => {
    const piece = bytes.subarray(offset, offset + sizeBytes);
    offset += sizeBytes;
    return { digest: digestOf(piece), sizeBytes: piece.length };
  });
}

export function memoryChunks(): ChunkStore & { readonly kept: Map<Digest, Blob> } {
  const kept = new Map<Digest, Blob>();
  return {
    kept,
    put: async (digest, data) => void kept.set(digest, data instanceof Blob ? data : new Blob([data])),
    get: async (digest) => kept.get(digest),
    join: async (wanted) => {
      const found = wanted.map((digest) => kept.get(digest));
      return found.every((blob) => blob !== undefined) ? new Blob(found) : undefined;
    },
    missing: async (wanted) => [...new Set(wanted)].filter((digest) => !kept.has(digest)),
    delete: async (gone) => gone.forEach((digest) => void kept.delete(digest)),
    list: async () => [...kept].map(([digest, data]) => ({ digest, sizeBytes: data.size })),
  };
}

/** The file put together again from the store. */
export async function joined(chunks: ChunkStore, file: { readonly chunks: ReadonlyArray<{ digest: Digest }> }): Promise<Buffer> {
  const blob = await chunks.join(file.chunks.map((chunk) => chunk.digest));
  return Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
}

export const MODEL = noise(400 * KIB, 1);
export const SIZES = [100 * KIB, 100 * KIB, 100 * KIB, 100 * KIB];
const TOKENIZER = noise(10 * KIB, 2);

export let server: TestServer;
export let chunks: ReturnType<typeof memoryChunks>;
export let job: DownloadJob;
export let waits: number[];

export const downloader = (options: Partial<DownloaderOptions> = {}) =>
  createDownloader({
    fetcher: (url, init) => fetch(url, init),
    chunks,
    digests,
    sleep: async (ms) => void waits.push(ms),
    random: () => 0.5,
    ...options,
  });

export const failureOf = (work: Promise<void>): Promise<SillError> =>
  work.then(
    () => Promise.reject(new Error('the download succeeded')),
    (reason: unknown) => (reason instanceof SillError ? reason : Promise.reject(reason)),
  );

/** In place of the running server, which is closed. The job asks the new one. */
export async function restart(
  files: Readonly<Record<string, Buffer>> = { '/model.onnx': MODEL, '/tokenizer.json': TOKENIZER },
): Promise<void> {
  await server?.close();
  server = await startTestServer(files);
  job = {
    files: [
      { url: `${server.url}/model.onnx`, chunks: cut(MODEL, SIZES) },
      { url: `${server.url}/tokenizer.json`, chunks: cut(TOKENIZER, [10 * KIB]) },
    ],
  };
}

beforeEach(async () => {
  chunks = memoryChunks();
  waits = [];
  await restart();
});
afterEach(() => server.close());

export const modelChunk = (n: number) => {
  const chunk = job.files[0]?.chunks[n];
  if (!chunk) throw new Error(`no chunk ${n}`);
  return chunk;
};
export const keepFirst = async (...indexes: number[]) => {
  for (const n of indexes) {
    const offset = n * 100 * KIB;
    await chunks.put(modelChunk(n).digest, new Blob([Uint8Array.from(MODEL.subarray(offset, offset + 100 * KIB))]));
  }
};
export async function expectComplete(): Promise<void> {
  for (const [i, bytes] of [MODEL, TOKENIZER].entries()) {
    const file = job.files[i];
    expect(file && (await joined(chunks, file)).equals(bytes)).toBe(true);
  }
}
