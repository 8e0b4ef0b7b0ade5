import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { chunkBytes } from '../core/adoption.ts';
import { parseModelId, parseRevisionId, parseVariantId } from '../core/ids.ts';
import type { AdoptionEntry } from '../core/journal.ts';
import type { AdoptJob, AdoptProgress, Fetcher } from '../ports/delivery.ts';
import { createMemoryStore } from '../storage/memoryStore.ts';
import { type AdopterOptions, createAdopter } from './adopter.ts';
import { createDigests } from './digests.ts';
import { createThrottle } from './throttle.ts';

const FILE = new Uint8Array(Array.from({ length: 300_000 }, (_, index) => (index * index * 31 + (index >> 7)) & 0xff));
const SHA256 = createHash('sha256').update(FILE).digest('hex');
const NAME = parseRevisionId(`sha256:${'1'.repeat(64)}`);
const PATH = 'model.onnx';
const job = (change: Partial<AdoptJob> = {}): AdoptJob => ({
  url: 'https://hub.example/acme/tiny/resolve/abc/model.onnx',
  sizeBytes: FILE.length,
  sha256: SHA256,
  held: [],
  entry: NAME,
  path: PATH,
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

const ENTRY: AdoptionEntry = {
  ...{ modelId: parseModelId('hf:acme/tiny'), revision: NAME, variant: parseVariantId('q8-wasm'), state: 'running', by: 'person', rank: 0 },
  ...{ startedAtMs: 1, licenceAcceptedAtMs: 1 },
  adoption: {
    ...{ url: 'https://hub.example/', commit: 'abc', files: [{ path: PATH, sizeBytes: FILE.length, sha256: SHA256, chunks: [] }] },
    description: {
      ...{ id: 'hf:acme/tiny', name: 'tiny', description: 'For tests.', task: 'text-generation', languages: [], parameters: 1 },
      ...{ licence: { spdx: 'MIT', text: 'MIT' }, minimumRuntime: '0.1.0', provenance: { source: 'test' } },
      variants: [{ id: 'q8-wasm', dtype: 'q8', device: 'wasm', files: [PATH], needs: { memoryBytes: 1 } }],
    },
  },
};

async function device() {
  const store = createMemoryStore();
  await store.models.beginAdoption(ENTRY);
  const progress: AdoptProgress[] = [];
  const adopt = (
    fetcher: Fetcher,
    change: Partial<AdoptJob> = {},
    { signal = new AbortController().signal, ...options }: Partial<AdopterOptions & { signal: AbortSignal }> = {},
  ) =>
    createAdopter({ fetcher, store, digests: createDigests(crypto.subtle), sleep: async () => undefined, ...options })(job(change), {
      signal,
      onProgress: (each) => void progress.push(each),
    });
  /** As the journal has them. */
  const noted = async () => (await store.models.journal())[0]?.adoption?.files[0]?.chunks ?? [];
  const bytes = async () => {
    const blob = await store.chunks.join((await noted()).map((chunk) => chunk.digest));
    return Buffer.from((await blob?.arrayBuffer()) ?? new ArrayBuffer());
  };
  return { store, progress, adopt, noted, bytes };
}

test('a file is cut while it arrives, and its chunks are the file', async () => {
  const { adopt, noted, bytes, progress } = await device();
  await adopt(server().fetcher);
  expect((await noted()).length).toBeGreaterThan(4);
  expect(Buffer.compare(await bytes(), FILE)).toBe(0);
  expect(progress.at(-1)).toEqual({ storedBytes: FILE.length, receivedBytes: FILE.length });
});

test('of a line that hangs all that is stored is told, not what was when its last bytes came', async () => {
  const { adopt, noted, progress } = await device();
  const large = new Uint8Array(3 * 1024 * 1024).map((_, index) => (index * index * 31 + (index >> 7)) & 0xff);
  const fetcher: Fetcher = async (_, init) => {
    const body = new ReadableStream<Uint8Array>({
      // Nearly all at once, and then neither more nor an end.
      start(controller) {
        controller.enqueue(large.slice(0, -1));
        init?.signal?.addEventListener('abort', () => controller.error(new DOMException('The request was aborted.', 'AbortError')));
      },
    });
    return new Response(body, { headers: { 'content-type': 'application/octet-stream' } });
  };
  const leave = new AbortController();
  const adopted = adopt(fetcher, { sizeBytes: large.length }, { signal: leave.signal });
  await vi.waitFor(async () => expect(chunkBytes(await noted())).toBeGreaterThan(2 * 1024 * 1024));
  await vi.waitFor(async () => expect(progress.at(-1)?.storedBytes).toBe(chunkBytes(await noted())));
  leave.abort();
  await expect(adopted).rejects.toMatchObject({ name: 'AbortError' });
});

test('a line that breaks costs the chunk in flight; a later try goes on behind what is stored', async () => {
  const { adopt, noted, bytes } = await device();
  const broken = server({ breakAfter: [80_000, 60_000] });
  await adopt(broken.fetcher);
  expect(Buffer.compare(await bytes(), FILE)).toBe(0);
  expect(broken.asked).toHaveLength(3);
  const other = await device();
  await other.adopt(server().fetcher);
  expect(await noted()).toEqual(await other.noted());

  const rest = server();
  const first = (await noted()).slice(0, 3);
  await other.adopt(rest.fetcher, { held: first });
  expect(rest.asked).toEqual([`bytes=${chunkBytes(first)}-`]);
  // They were noted already, and are the same.
  expect(await other.noted()).toEqual(await noted());
});

test('a server without ranges is read from its beginning, and what is stored is passed over', async () => {
  const { adopt, bytes } = await device();
  await adopt(server({ ranges: false, breakAfter: [100_000] }).fetcher);
  expect(Buffer.compare(await bytes(), FILE)).toBe(0);
});

test('what is being adopted outlives a garbage collection', async () => {
  const { adopt, store, noted } = await device();
  await adopt(server().fetcher);
  await store.models.collectGarbage();
  expect(await store.chunks.missing((await noted()).map((chunk) => chunk.digest))).toEqual([]);
});

test('a download that was cancelled meanwhile stores nothing more', async () => {
  const { adopt, store } = await device();
  await store.models.abandonInstall(NAME);
  await expect(adopt(server().fetcher)).rejects.toMatchObject({ code: 'aborted' });
  expect(await store.chunks.list()).toEqual([]);
});

test('the speed is that of the throttle, which it shares with the downloads', async () => {
  const { adopt } = await device();
  const throttle = createThrottle(() => performance.now());
  throttle.setLimit(600_000);
  const beganMs = performance.now();
  await adopt(server().fetcher, {}, { throttle });
  // A quarter of a second's worth may come at once.
  expect(performance.now() - beganMs).toBeGreaterThan(230);
});

test.each([
  ['other bytes than its server states', { file: FILE.map((byte, index) => (index === 250_000 ? byte ^ 1 : byte)) }],
  ['more bytes than its server states', { file: new Uint8Array([...FILE, 1]) }],
])('a file of %s is refused', async (_, lie) => {
  await expect((await device()).adopt(server(lie).fetcher)).rejects.toMatchObject({ code: 'source_changed' });
});

test('other bytes than those that came before are refused, also where the server states no digest', async () => {
  const { adopt, noted } = await device();
  await adopt(server().fetcher);
  const first = (await noted()).slice(0, 2);
  const file = FILE.map((byte, index) => (index === 250_000 ? byte ^ 1 : byte));
  const { sha256: _, ...unstated } = job({ held: first });
  const again = createAdopter({
    ...{ fetcher: server({ file }).fetcher, store: (await device()).store, digests: createDigests(crypto.subtle) },
    sleep: async () => undefined,
  });
  // On a device that noted nothing beyond them, it was begun anew.
  await expect(again(unstated, { signal: new AbortController().signal })).rejects.toMatchObject({ code: 'aborted' });
  await expect(adopt(server({ file }).fetcher, { held: first })).rejects.toMatchObject({ code: 'source_changed' });
});

test('a file that ends early, and a page in its place, are failures of the server', async () => {
  await expect((await device()).adopt(server({ file: FILE.slice(0, 100) }).fetcher)).rejects.toMatchObject({ code: 'chunk_unavailable' });
  await expect((await device()).adopt(server({ type: 'text/html' }).fetcher)).rejects.toMatchObject({ code: 'chunk_unavailable' });
});
