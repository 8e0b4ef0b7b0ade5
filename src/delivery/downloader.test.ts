import { describe, expect, test, vi } from 'vitest';
import type { DownloadProgress } from '../ports/delivery.ts';
import {
  chunks,
  cut,
  downloader,
  expectComplete,
  job,
  joined,
  KIB,
  keepFirst,
  MODEL,
  noise,
  restart,
  SIZES,
  server,
} from './testing/downloadFixture.ts';

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

  test('of a line that hangs reports all that is stored, not what was when its last bytes came', async () => {
    server.behave((_request, response, body) => {
      response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, 300 * KIB));
      return true;
    });
    const seen: DownloadProgress[] = [];
    const leave = new AbortController();
    // What a disk takes for each chunk.
    const slow = {
      ...chunks,
      put: async (...chunk: Parameters<typeof chunks.put>) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        await chunks.put(...chunk);
      },
    };
    const [file] = job.files;
    const downloaded = downloader({ chunks: slow }).download(
      { files: file ? [file] : [] },
      { signal: leave.signal, onProgress: (progress) => seen.push(progress) },
    );
    await vi.waitFor(() => expect(seen.at(-1)?.storedBytes).toBe(300 * KIB));
    leave.abort();
    await expect(downloaded).rejects.toMatchObject({ code: 'aborted' });
  });

  test('never has more requests under way than it may, and as many as it may', async () => {
    const bodies = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`/${i}`, noise(KIB, i)]));
    await restart(bodies);
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

  test('does not let the line wait for the disk: the next request begins while the last pieces are stored', async () => {
    const slow = {
      ...chunks,
      async put(...chunk: Parameters<typeof chunks.put>) {
        await vi.waitFor(() => expect(server.requests.length).toBe(2));
        await chunks.put(...chunk);
      },
    };
    await downloader({ chunks: slow, parallel: 1 }).download(job, {});
    await expectComplete();
  });

  test('comes by several ranges at once', async () => {
    await restart({ '/big': big });
    const file = { url: `${server.url}/big`, chunks: cut(big, sizes) };
    await downloader().download({ files: [file] }, {});
    expect((await joined(chunks, file)).equals(big)).toBe(true);
    expect(server.requests.length).toBe(5);
    expect(new Set(server.requests.map((request) => request.range)).size).toBe(5);
  });

  test('comes whole in one request from a server without ranges', async () => {
    await restart({ '/big': big });
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
