import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SillError } from '../core/errors.ts';
import { type Digest, parseDigest } from '../core/ids.ts';
import type { DownloadJob, DownloadProgress } from '../ports/delivery.ts';
import type { ChunkStore } from '../ports/store.ts';
import { createDigests } from './digests.ts';
import { createDownloader, type DownloaderOptions } from './downloader.ts';
import { rangeOf, startTestServer, type TestServer } from './testServer.ts';

const KIB = 1024;
const digests = createDigests(crypto.subtle);
const digestOf = (bytes: Uint8Array): Digest => parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);

/** Bytes without a pattern that a wrong cut could hide behind. */
function noise(sizeBytes: number, seed: number): Buffer {
  let state = seed * 2654435761 + 1;
  return Buffer.from(
    Uint8Array.from({ length: sizeBytes }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
}

function cut(bytes: Buffer, sizes: readonly number[]) {
  let offset = 0;
  return sizes.map((sizeBytes) => {
    const piece = bytes.subarray(offset, offset + sizeBytes);
    offset += sizeBytes;
    return { digest: digestOf(piece), sizeBytes: piece.length };
  });
}

function memoryChunks(): ChunkStore & { readonly kept: Map<Digest, Blob> } {
  const kept = new Map<Digest, Blob>();
  return {
    kept,
    put: async (digest, data) => void kept.set(digest, data),
    get: async (digest) => kept.get(digest),
    getMany: async (wanted) => wanted.map((digest) => kept.get(digest)),
    missing: async (wanted) => [...new Set(wanted)].filter((digest) => !kept.has(digest)),
    delete: async (gone) => gone.forEach((digest) => void kept.delete(digest)),
    list: async () => [...kept].map(([digest, data]) => ({ digest, sizeBytes: data.size })),
  };
}

/** The file put together again from the store. */
async function joined(chunks: ChunkStore, file: { readonly chunks: ReadonlyArray<{ digest: Digest }> }): Promise<Buffer> {
  const blobs = await chunks.getMany(file.chunks.map((chunk) => chunk.digest));
  return Buffer.from(await new Blob(blobs.map((blob) => blob ?? 'missing')).arrayBuffer());
}

const MODEL = noise(400 * KIB, 1);
const SIZES = [100 * KIB, 100 * KIB, 100 * KIB, 100 * KIB];
const TOKENIZER = noise(10 * KIB, 2);

let server: TestServer;
let chunks: ReturnType<typeof memoryChunks>;
let job: DownloadJob;
let waits: number[];

const downloader = (options: Partial<DownloaderOptions> = {}) =>
  createDownloader({
    fetcher: (url, init) => fetch(url, init),
    chunks,
    digests,
    sleep: async (ms) => void waits.push(ms),
    random: () => 0.5,
    ...options,
  });

const failureOf = (work: Promise<void>): Promise<SillError> =>
  work.then(
    () => Promise.reject(new Error('the download succeeded')),
    (reason: unknown) => (reason instanceof SillError ? reason : Promise.reject(reason)),
  );

beforeEach(async () => {
  server = await startTestServer({ '/model.onnx': MODEL, '/tokenizer.json': TOKENIZER });
  chunks = memoryChunks();
  waits = [];
  job = {
    files: [
      { url: `${server.url}/model.onnx`, chunks: cut(MODEL, SIZES) },
      { url: `${server.url}/tokenizer.json`, chunks: cut(TOKENIZER, [10 * KIB]) },
    ],
  };
});
afterEach(() => server.close());

const modelChunk = (n: number) => {
  const chunk = job.files[0]?.chunks[n];
  if (!chunk) throw new Error(`no chunk ${n}`);
  return chunk;
};
const keepFirst = async (...indexes: number[]) => {
  for (const n of indexes) {
    const offset = n * 100 * KIB;
    await chunks.put(modelChunk(n).digest, new Blob([Uint8Array.from(MODEL.subarray(offset, offset + 100 * KIB))]));
  }
};
async function expectComplete(): Promise<void> {
  for (const [i, bytes] of [MODEL, TOKENIZER].entries()) {
    const file = job.files[i];
    expect(file && (await joined(chunks, file)).equals(bytes)).toBe(true);
  }
}

describe('a download', () => {
  test('brings every chunk of every file, whole files in one request each', async () => {
    await downloader().download(job, {});
    await expectComplete();
    expect(server.requests.map((request) => request.range)).toEqual([undefined, undefined]);
  });

  test('that was stopped asks only for what is missing, neighbours in one request', async () => {
    await keepFirst(0, 2);
    await downloader({ parallel: 1 }).download(job, {});
    await expectComplete();
    const end = 400 * KIB - 1;
    expect(server.requests.map((request) => request.range)).toEqual([
      `bytes=${100 * KIB}-${200 * KIB - 1}`,
      `bytes=${300 * KIB}-${end}`,
      undefined,
    ]);
  });

  test('with nothing missing asks the server for nothing and reports that all is there', async () => {
    await downloader().download(job, {});
    server.requests.length = 0;
    const seen: DownloadProgress[] = [];
    await downloader().download(job, { onProgress: (progress) => seen.push(progress) });
    expect(server.requests).toEqual([]);
    expect(seen.at(-1)).toEqual({ storedBytes: 410 * KIB, totalBytes: 410 * KIB, receivedBytes: 0 });
  });

  test('fetches a chunk that lies in two files once', async () => {
    const twin = { url: `${server.url}/twin.onnx`, chunks: cut(MODEL, SIZES) };
    await downloader({ parallel: 1 }).download({ files: [...job.files, twin] }, {});
    await expectComplete();
    expect(server.requests.some((request) => request.path === '/twin.onnx')).toBe(false);
  });

  test('reports progress at the start, then at most ten times a second, and everything at last', async () => {
    const reportsWith = async (stepMs: number) => {
      let nowMs = 0;
      const seen: DownloadProgress[] = [];
      chunks.kept.clear();
      const now = () => {
        nowMs += stepMs;
        return nowMs;
      };
      await downloader({ now, parallel: 1 }).download(job, { onProgress: (progress) => seen.push(progress) });
      expect(seen[0]).toEqual({ storedBytes: 0, totalBytes: 410 * KIB, receivedBytes: 0 });
      expect(seen.at(-1)).toEqual({ storedBytes: 410 * KIB, totalBytes: 410 * KIB, receivedBytes: 410 * KIB });
      return seen.length;
    };
    expect(await reportsWith(0)).toBe(2);
    expect(await reportsWith(100)).toBeGreaterThan(3);
  });

  test('never has more requests under way than it may, and as many as it may', async () => {
    const bodies = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`/${i}`, noise(KIB, i)]));
    await server.close();
    server = await startTestServer(bodies);
    const files = Object.entries(bodies).map(([path, body]) => ({ url: server.url + path, chunks: cut(body, [KIB]) }));
    let active = 0;
    let most = 0;
    await downloader({
      parallel: 3,
      fetcher: async (url, init) => {
        active += 1;
        most = Math.max(most, active);
        const response = await fetch(url, init);
        active -= 1;
        return response;
      },
    }).download({ files }, {});
    expect(most).toBe(3);
    expect(chunks.kept.size).toBe(12);
  });
});

describe('a large file', () => {
  const big = noise(20 * 1024 * KIB, 3);
  const sizes = Array.from({ length: 20 }, () => 1024 * KIB);

  test('comes by several ranges at once', async () => {
    await server.close();
    server = await startTestServer({ '/big': big });
    const file = { url: `${server.url}/big`, chunks: cut(big, sizes) };
    await downloader().download({ files: [file] }, {});
    expect((await joined(chunks, file)).equals(big)).toBe(true);
    expect(server.requests.length).toBe(5);
    expect(new Set(server.requests.map((request) => request.range)).size).toBe(5);
  });

  test('comes whole in one request from a server without ranges', async () => {
    await server.close();
    server = await startTestServer({ '/big': big });
    server.behave((_request, response, body) => {
      response.writeHead(200, { 'content-length': body.length }).end(body);
      return true;
    });
    const file = { url: `${server.url}/big`, chunks: cut(big, sizes) };
    await downloader().download({ files: [file] }, {});
    expect((await joined(chunks, file)).equals(big)).toBe(true);
    expect(server.requests.length).toBe(1);
  });
});

describe('a server that misbehaves', () => {
  test('and ignores Range is cut from the beginning', async () => {
    await keepFirst(0);
    server.behave((_request, response, body) => {
      response.writeHead(200).end(body);
      return true;
    });
    await downloader().download(job, {});
    await expectComplete();
  });

  test('and breaks the connection half-way is asked for the rest only', async () => {
    await keepFirst(0);
    server.behave((request, response, body, nth) => {
      const range = rangeOf(request.headers.range, body.length);
      if (nth > 1 || !range) return undefined;
      response.writeHead(206, {
        'content-range': `bytes ${range[0]}-${range[1]}/${body.length}`,
        'content-length': range[1] + 1 - range[0],
      });
      response.write(body.subarray(range[0], range[0] + 150 * KIB), () => setTimeout(() => response.destroy(), 50));
      return true;
    });
    await downloader({ parallel: 1 }).download(job, {});
    await expectComplete();
    const [first, second] = server.requests.map((request) => rangeOf(request.range, MODEL.length));
    expect(first?.[0]).toBe(100 * KIB);
    expect(second?.[0]).toBe(250 * KIB);
  });

  test('and answers with less than was asked for is asked again from there', async () => {
    await keepFirst(0);
    server.behave((request, response, body) => {
      const range = rangeOf(request.headers.range, body.length);
      if (!range) return undefined;
      const last = Math.min(range[1], range[0] + 70 * KIB - 1);
      response.writeHead(206, { 'content-range': `bytes ${range[0]}-${last}/${body.length}` }).end(body.subarray(range[0], last + 1));
      return true;
    });
    await downloader({ parallel: 1 }).download(job, {});
    await expectComplete();
    expect(server.requests.length).toBe(6);
  });

  test('and breaks every connection after a while is worth going on with as long as it moves', async () => {
    const portion = 65 * KIB;
    server.behave((request, response, body) => {
      const [from, last] = rangeOf(request.headers.range, body.length) ?? [0, body.length - 1];
      response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${body.length}`, 'content-length': last + 1 - from });
      response.write(body.subarray(from, Math.min(last + 1, from + portion)), () => setTimeout(() => response.destroy(), 20));
      return true;
    });
    const whole = { url: `${server.url}/model.onnx`, chunks: cut(MODEL, [400 * KIB]) };
    await downloader().download({ files: [whole] }, {});
    expect((await joined(chunks, whole)).equals(MODEL)).toBe(true);
    expect(server.requests.length).toBe(7);
  });

  test('and sends nothing more than a stub of the file is given up as chunk_unavailable', async () => {
    server.behave((_request, response) => {
      response.writeHead(200).end('stub');
      return true;
    });
    const failure = await failureOf(downloader({ parallel: 1 }).download(job, {}));
    expect(failure.code).toBe('chunk_unavailable');
    expect(failure.message).toContain('less of model.onnx');
  });

  test('and sends more than was asked for does no harm', async () => {
    await keepFirst(0, 3);
    server.behave((request, response, body) => {
      const range = rangeOf(request.headers.range, body.length);
      if (!range) return undefined;
      response.writeHead(206, { 'content-range': `bytes ${range[0]}-${body.length - 1}/${body.length}` }).end(body.subarray(range[0]));
      return true;
    });
    await downloader().download(job, {});
    await expectComplete();
  });

  test('and sends another range is not believed', async () => {
    await keepFirst(0);
    server.behave((request, response, body) => {
      if (!request.headers.range) return undefined;
      response.writeHead(206, { 'content-range': `bytes 0-9/${body.length}` }).end(body.subarray(0, 10));
      return true;
    });
    const failure = await failureOf(downloader({ parallel: 1 }).download(job, {}));
    expect(failure.code).toBe('chunk_unavailable');
    expect(failure.message).toContain('bytes 0-9/');
  });

  test('and answers with a web page is refused at once, and nothing is stored', async () => {
    server.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><title>Sign in</title>');
      return true;
    });
    const failure = await failureOf(downloader({ parallel: 1 }).download(job, {}));
    expect(failure.code).toBe('chunk_unavailable');
    expect(failure.message).toContain('web page');
    expect(waits).toEqual([]);
    expect(chunks.kept.size).toBe(0);
  });

  test('and fails for a moment is asked again, waiting longer each time', async () => {
    server.behave((_request, response, _body, nth) => {
      if (nth > 3) return undefined;
      response.writeHead(503).end();
      return true;
    });
    await downloader({ parallel: 1 }).download(job, {});
    await expectComplete();
    expect(waits).toEqual([375, 750, 1500]);
  });

  test('and asks for patience gets it, within limits', async () => {
    server.behave((_request, response, _body, nth) => {
      if (nth > 2) return undefined;
      response.writeHead(429, { 'retry-after': nth === 1 ? '2' : '9999' }).end();
      return true;
    });
    await downloader({ parallel: 1 }).download(job, {});
    expect(waits).toEqual([2000, 30_000]);
  });

  test('and goes on failing is given up as chunk_unavailable with its status', async () => {
    server.behave((_request, response) => {
      response.writeHead(500).end();
      return true;
    });
    const failure = await failureOf(downloader({ parallel: 1 }).download(job, {}));
    expect([failure.code, failure.details.status, server.requests.length]).toEqual(['chunk_unavailable', 500, 6]);
  });

  test('and lacks the file is asked once more only', async () => {
    const gone = { url: `${server.url}/gone.onnx`, chunks: cut(MODEL, SIZES) };
    const failure = await failureOf(downloader().download({ files: [gone] }, {}));
    expect([failure.code, failure.details.status, server.requests.length]).toEqual(['chunk_unavailable', 404, 2]);
  });

  test('and falls silent is given up and asked again for the rest', async () => {
    await keepFirst(0);
    server.behave((request, response, body, nth) => {
      const range = rangeOf(request.headers.range, body.length);
      if (nth > 1 || !range) return undefined;
      response.writeHead(206, { 'content-range': `bytes ${range[0]}-${range[1]}/${body.length}` });
      response.write(body.subarray(range[0], range[0] + 120 * KIB));
      return true;
    });
    await downloader({ parallel: 1, stallMs: 200 }).download(job, {});
    await expectComplete();
    expect(server.requests[1]?.range).toBe(`bytes=${220 * KIB}-${400 * KIB - 1}`);
  });

  test('and never says anything is a network that is unavailable', async () => {
    server.behave(() => true);
    const failure = await failureOf(downloader({ parallel: 1, stallMs: 20 }).download(job, {}));
    expect(failure.code).toBe('network_unavailable');
    expect(failure.message).toContain('sent nothing');
  });

  test('and is gone is a network that is unavailable, and the download goes on later', async () => {
    await keepFirst(0);
    const { port } = new URL(server.url);
    await server.close();
    const failure = await failureOf(downloader().download(job, {}));
    expect(failure.code).toBe('network_unavailable');
    expect(failure.message).toContain(`127.0.0.1:${port}`);
    expect(chunks.kept.size).toBe(1);
    server = await startTestServer({ '/model.onnx': MODEL, '/tokenizer.json': TOKENIZER });
    job = { files: job.files.map((file) => ({ ...file, url: file.url.replace(`:${port}`, `:${new URL(server.url).port}`) })) };
    await downloader().download(job, {});
    await expectComplete();
  });
});

describe('a chunk with other bytes than its digest says', () => {
  const damage = (body: Buffer): Buffer => {
    const bad = Buffer.from(body);
    bad[150 * KIB] = (bad[150 * KIB] ?? 0) ^ 1;
    return bad;
  };

  test('is fetched once more, alone and past the caches, while its neighbours are kept', async () => {
    const caches: Array<RequestCache | undefined> = [];
    server.behave((_request, response, body, nth) => {
      if (nth > 1) return undefined;
      response.writeHead(200).end(damage(body));
      return true;
    });
    await downloader({
      parallel: 1,
      fetcher: (url, init) => {
        caches.push(init?.cache);
        return fetch(url, init);
      },
    }).download(job, {});
    await expectComplete();
    expect(server.requests[1]?.range).toBe(`bytes=${100 * KIB}-${200 * KIB - 1}`);
    expect(caches).toEqual(['no-store', 'reload', 'no-store']);
  });

  test('twice is chunk_mismatch, names the chunk, and stores the right ones only', async () => {
    server.behave((request, response, body) => {
      if (body !== MODEL) return undefined;
      const range = rangeOf(request.headers.range, body.length);
      const bad = damage(body);
      if (range)
        response
          .writeHead(206, { 'content-range': `bytes ${range[0]}-${range[1]}/${body.length}` })
          .end(bad.subarray(range[0], range[1] + 1));
      else response.writeHead(200).end(bad);
      return true;
    });
    const failure = await failureOf(downloader({ parallel: 1 }).download(job, {}));
    expect([failure.code, failure.details.digest]).toEqual(['chunk_mismatch', modelChunk(1).digest]);
    expect([...chunks.kept.keys()].sort()).toEqual([0, 2, 3].map((n) => modelChunk(n).digest).sort());
  });
});

describe('a download that must end', () => {
  test('on a full disk ends at once with the quota error, and asks for nothing more', async () => {
    const full: ChunkStore = {
      ...chunks,
      put: () => Promise.reject(new SillError('quota_exceeded', 'No room.')),
    };
    const failure = await failureOf(downloader({ chunks: full, parallel: 1 }).download(job, {}));
    expect(failure.code).toBe('quota_exceeded');
    expect(waits).toEqual([]);
    expect(server.requests.length).toBe(1);
  });

  test('by cancelling ends at once, even while the server is silent, and closes its connections', async () => {
    const closed = vi.fn();
    server.behave((request) => {
      request.socket.on('close', closed);
      return true;
    });
    const cancel = new AbortController();
    const work = failureOf(downloader().download(job, { signal: cancel.signal }));
    await vi.waitFor(() => expect(server.requests.length).toBe(2));
    cancel.abort();
    expect((await work).code).toBe('aborted');
    await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(2));
  });

  test('by cancelling ends at once while it waits for another try', async () => {
    server.behave((_request, response) => {
      response.writeHead(503).end();
      return true;
    });
    const cancel = new AbortController();
    const patient = createDownloader({ fetcher: (url, init) => fetch(url, init), chunks, digests });
    const work = failureOf(patient.download(job, { signal: cancel.signal }));
    await vi.waitFor(() => expect(server.requests.length).toBeGreaterThan(0));
    cancel.abort();
    expect((await work).code).toBe('aborted');
    const asked = server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(server.requests.length).toBe(asked);
  });

  test('by cancelling before it began asks for nothing', async () => {
    const failure = await failureOf(downloader().download(job, { signal: AbortSignal.abort() }));
    expect(failure.code).toBe('aborted');
    expect(server.requests).toEqual([]);
  });
});

test('whatever was missing and however the server cut its answers, all bytes are right in the end', async () => {
  const bytes = noise(40 * KIB, 9);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 6 * KIB }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 9 * KIB }), { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      async (cuts, have, portions, ranges, parallel) => {
        const total = cuts.reduce((sum, size) => sum + size, 0);
        const body = bytes.subarray(0, Math.min(total, bytes.length));
        const file = { url: 'http://model.test/f', chunks: cut(body, cuts).filter((chunk) => chunk.sizeBytes > 0) };
        chunks = memoryChunks();
        let offset = 0;
        for (const [i, chunk] of file.chunks.entries()) {
          if (have[i]) chunks.kept.set(chunk.digest, new Blob([Uint8Array.from(body.subarray(offset, offset + chunk.sizeBytes))]));
          offset += chunk.sizeBytes;
        }
        let asked = 0;
        const fetcher = async (_url: string, init?: RequestInit) => {
          const range = ranges ? rangeOf(new Headers(init?.headers).get('range') ?? undefined, body.length) : undefined;
          let at = range?.[0] ?? 0;
          const end = (range?.[1] ?? body.length - 1) + 1;
          // Every third answer breaks off in the middle.
          const broken = ++asked % 3 === 0 ? Math.floor((at + end) / 2) : end;
          let nth = 0;
          const stream = new ReadableStream<Uint8Array>({
            pull(controller) {
              const portion = portions[nth++ % portions.length] ?? 1;
              const next = Math.min(at + portion, broken);
              if (next > at) controller.enqueue(Uint8Array.from(body.subarray(at, next)));
              at = next;
              if (at >= broken) controller.close();
            },
          });
          return new Response(stream, { status: range ? 206 : 200 });
        };
        await downloader({ fetcher, parallel }).download({ files: [file] }, {});
        expect((await joined(chunks, file)).equals(body)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});
