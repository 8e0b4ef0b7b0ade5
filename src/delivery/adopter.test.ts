import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseRevisionId } from '../core/ids.ts';
import type { ManifestChunk } from '../core/manifest.ts';
import type { AdoptJob, Fetcher } from '../ports/delivery.ts';
import { createMemoryStore } from '../storage/memoryStore.ts';
import { createAdopter } from './adopter.ts';
import { createDigests } from './digests.ts';

const FILE = new Uint8Array(Array.from({ length: 300_000 }, (_, index) => (index * index * 31 + (index >> 7)) & 0xff));
const SHA256 = createHash('sha256').update(FILE).digest('hex');
const LEASE = parseRevisionId(`sha256:${'1'.repeat(64)}`);
const job = (change: Partial<AdoptJob> = {}): AdoptJob => ({
  url: 'https://hub.example/acme/tiny/resolve/abc/model.onnx',
  sizeBytes: FILE.length,
  sha256: SHA256,
  held: [],
  lease: LEASE,
  leased: [],
  ...change,
});

/** A server that sends ranges in portions, and breaks off where it is told to. */
function server({ file = FILE, breakAfter = [] as number[], ranges = true, type = 'application/octet-stream' } = {}) {
  const asked: Array<string | null> = [];
  const fetcher: Fetcher = async (_, init) => {
    const range = new Headers(init?.headers).get('range');
    asked.push(range);
    const from = ranges ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0;
    const limit = breakAfter.shift();
    let at = from;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (limit !== undefined && at - from >= limit) return controller.error(new TypeError('network error'));
        if (at >= file.length) return controller.close();
        controller.enqueue(file.slice(at, at + 7_000));
        at += 7_000;
      },
    });
    return new Response(body, { status: from > 0 ? 206 : 200, headers: { 'content-type': type } });
  };
  return { fetcher, asked };
}

function device() {
  const store = createMemoryStore();
  const chunks: ManifestChunk[] = [];
  const adopt = (fetcher: Fetcher, change: Partial<AdoptJob> = {}) =>
    createAdopter({ fetcher, store, digests: createDigests(crypto.subtle), sleep: async () => undefined })(job(change), {
      signal: new AbortController().signal,
      onChunk: (chunk) => void chunks.push(chunk),
    });
  const bytes = async () => {
    const blobs = await store.chunks.getMany(chunks.map((chunk) => chunk.digest));
    return Buffer.concat(await Promise.all(blobs.map(async (blob) => Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer()))));
  };
  return { store, chunks, adopt, bytes };
}

test('a file is cut while it arrives, and its chunks are the file', async () => {
  const { adopt, chunks, bytes } = device();
  await adopt(server().fetcher);
  expect(chunks.length).toBeGreaterThan(4);
  expect(Buffer.compare(await bytes(), FILE)).toBe(0);
});

test('a line that breaks costs the chunk in flight; a later try goes on behind what is stored', async () => {
  const { adopt, chunks, bytes } = device();
  const broken = server({ breakAfter: [80_000, 60_000] });
  await adopt(broken.fetcher);
  expect(Buffer.compare(await bytes(), FILE)).toBe(0);
  expect(broken.asked).toHaveLength(3);
  const whole = chunks.map((chunk) => chunk.digest);
  const other = device();
  await other.adopt(server().fetcher);
  expect(whole).toEqual(other.chunks.map((chunk) => chunk.digest));

  const held = other.chunks.splice(3);
  const rest = server();
  const first = [...other.chunks];
  await other.adopt(rest.fetcher, { held: first });
  expect(rest.asked).toEqual([`bytes=${first.reduce((sum, chunk) => sum + chunk.sizeBytes, 0)}-`]);
  expect(other.chunks.slice(first.length)).toEqual(held);
});

test('a server without ranges is read from its beginning, and what is stored is passed over', async () => {
  const { adopt, bytes } = device();
  await adopt(server({ ranges: false, breakAfter: [100_000] }).fetcher);
  expect(Buffer.compare(await bytes(), FILE)).toBe(0);
});

test('what is being adopted outlives a garbage collection', async () => {
  const { adopt, store, chunks } = device();
  await adopt(server().fetcher);
  await store.models.collectGarbage();
  expect(await store.chunks.missing(chunks.map((chunk) => chunk.digest))).toEqual([]);
});

test.each([
  ['other bytes than its server states', { file: FILE.map((byte, index) => (index === 250_000 ? byte ^ 1 : byte)) }],
  ['more bytes than its server states', { file: new Uint8Array([...FILE, 1]) }],
])('a file of %s is refused', async (_, lie) => {
  await expect(device().adopt(server(lie).fetcher)).rejects.toMatchObject({ code: 'source_changed' });
});

test('a file that ends early, and a page in its place, are failures of the server', async () => {
  await expect(device().adopt(server({ file: FILE.slice(0, 100) }).fetcher)).rejects.toMatchObject({ code: 'chunk_unavailable' });
  await expect(device().adopt(server({ type: 'text/html' }).fetcher)).rejects.toMatchObject({ code: 'chunk_unavailable' });
});
