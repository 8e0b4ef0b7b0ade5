import { describe, expect, test, vi } from 'vitest';
import { SillError } from '../core/errors.ts';
import type { Fetcher } from '../ports/delivery.ts';
import type { ChunkStore } from '../ports/store.ts';
import { createDownloader } from './downloader.ts';
import {
  chunks,
  digests,
  downloader,
  expectComplete,
  failureOf,
  job,
  KIB,
  MODEL,
  modelChunk,
  server,
  waits,
} from './testing/downloadFixture.ts';
import { rangeOf } from './testing/testServer.ts';

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
    expect(server.requests.map(({ range }) => range)).toContain(`bytes=${100 * KIB}-${200 * KIB - 1}`);
    expect(caches.sort()).toEqual(['no-store', 'no-store', 'reload']);
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
    expect([0, 1, 2, 3].filter((n) => chunks.kept.has(modelChunk(n).digest))).toEqual([0, 2, 3]);
  });
});

describe('a download that must end', () => {
  test('on a full disk ends at once with the quota error, and asks for nothing more', async () => {
    let asked = 0;
    let askedWhenFull: number | undefined;
    const full: ChunkStore = {
      ...chunks,
      // The next request may have begun by then: it does not wait for the disk.
      put: () => {
        askedWhenFull ??= asked;
        return Promise.reject(new SillError('quota_exceeded', 'No room.'));
      },
    };
    const fetcher: Fetcher = (url, init) => {
      asked += 1;
      return fetch(url, init);
    };
    const failure = await failureOf(downloader({ chunks: full, fetcher, parallel: 1 }).download(job, {}));
    expect(failure.code).toBe('quota_exceeded');
    expect(waits).toEqual([]);
    expect(asked).toBe(askedWhenFull);
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
    await vi.waitFor(() => expect(server.requests.length).toBe(2));
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
