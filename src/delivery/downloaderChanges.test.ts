import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  chunks,
  cut,
  downloader,
  expectComplete,
  failureOf,
  job,
  joined,
  KIB,
  keepFirst,
  MODEL,
  modelChunk,
  noise,
  SIZES,
  server,
} from './testing/downloadFixture.ts';
import { rangeOf } from './testing/testServer.ts';

/** Answers a part or the whole, as a server that heeds If-Range. */
function answer(response: ServerResponse, { range, ...headers }: IncomingHttpHeaders, body: Buffer, named: Record<string, string>): true {
  const wanted =
    headers['if-range'] === undefined || Object.values(named).includes(String(headers['if-range']))
      ? rangeOf(range, body.length)
      : undefined;
  if (!wanted) response.writeHead(200, { ...named, 'content-length': body.length }).end(body);
  else {
    const [from, last] = wanted;
    response.writeHead(206, { ...named, 'content-range': `bytes ${from}-${last}/${body.length}` }).end(body.subarray(from, last + 1));
  }
  return true;
}

/** Every other chunk is here, so that the rest comes by two requests. */
async function conditionsAskedWith(named: Record<string, string>): Promise<Array<IncomingHttpHeaders['if-range']>> {
  await keepFirst(0, 2);
  const asked: Array<IncomingHttpHeaders['if-range']> = [];
  server.behave((request, response, body) => {
    if (body.length !== MODEL.length) return undefined;
    asked.push(request.headers['if-range']);
    return answer(response, request.headers, body, named);
  });
  await downloader({ parallel: 1 }).download(job, {});
  await expectComplete();
  return asked;
}

describe('the parts of a file', () => {
  test('are asked for on the condition that it is still the same, by its strong name', async () => {
    expect(await conditionsAskedWith({ etag: '"one"', 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' })).toEqual([undefined, '"one"']);
  });
  test('are asked for by its date where its name is weak', async () => {
    const modified = 'Mon, 01 Jan 2024 00:00:00 GMT';
    expect(await conditionsAskedWith({ etag: 'W/"one"', 'last-modified': modified })).toEqual([undefined, modified]);
  });
  test('are asked for without a condition where neither says which file it is', async () => {
    expect(await conditionsAskedWith({ etag: 'W/"one"', 'last-modified': new Date().toUTCString() })).toEqual([undefined, undefined]);
  });
});

describe('a file that is replaced on the server while it is downloaded', () => {
  /** From the second request on it is another one. */
  const replaceBy = (other: Buffer) =>
    server.behave((request, response, body, nth) => {
      if (body.length !== MODEL.length) return undefined;
      return nth === 1
        ? answer(response, request.headers, body, { etag: '"one"' })
        : answer(response, request.headers, other, { etag: '"two"' });
    });

  test('by other bytes is said to be replaced, and nothing of the new one is kept', async () => {
    await keepFirst(0, 2);
    replaceBy(noise(MODEL.length, 9));
    const failure = await failureOf(downloader({ parallel: 1 }).download(job, {}));
    expect([failure.code, failure.details.changed]).toEqual(['chunk_mismatch', true]);
    expect(failure.message).toContain('replaced on the server');
    expect([0, 1, 2, 3].filter((n) => chunks.kept.has(modelChunk(n).digest))).toEqual([0, 1, 2]);
  });

  test('by the same bytes, published again, goes on with them', async () => {
    await keepFirst(0, 2);
    replaceBy(MODEL);
    await downloader({ parallel: 1 }).download(job, {});
    await expectComplete();
  });

  test('behind a server that does not heed the condition is noticed by its name', async () => {
    await keepFirst(0, 2);
    const other = noise(MODEL.length, 9);
    server.behave((request, response, body, nth) => {
      if (body.length !== MODEL.length) return undefined;
      const { 'if-range': _ignored, ...headers } = request.headers;
      return answer(response, headers, nth === 1 ? body : other, { etag: nth === 1 ? '"one"' : '"two"' });
    });
    const failure = await failureOf(downloader({ parallel: 1 }).download(job, {}));
    expect([failure.code, failure.details.changed]).toEqual(['chunk_mismatch', true]);
  });
});

describe('on its way', () => {
  test('a whole file may be compressed', async () => {
    server.behave((request, response, body) => {
      if (request.headers.range) return undefined;
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
      return true;
    });
    await downloader().download(job, {});
    await expectComplete();
  });

  test('a part that a server compresses in spite of the range is refused with what its operator has to change', async () => {
    await keepFirst(0);
    server.behave((request, response, body) => {
      const range = rangeOf(request.headers.range, body.length);
      if (!range) return undefined;
      // The range is of the compressed form: what comes out of it is no part of the file.
      const packed = gzipSync(body).subarray(0, 1000);
      response.writeHead(206, { 'content-encoding': 'gzip', 'content-range': `bytes ${range[0]}-${range[1]}/${body.length}` }).end(packed);
      return true;
    });
    const failure = await failureOf(downloader({ parallel: 1 }).download(job, {}));
    expect(failure.code).toBe('chunk_unavailable');
    expect(failure.message).toContain('compress');
    expect(chunks.kept.size).toBe(1);
  });

  test('a redirect is followed, with the range', async () => {
    await keepFirst(0);
    const moved = { url: `${server.url}/tokenizer.json`, chunks: cut(MODEL, SIZES) };
    server.behave((request, response) => {
      if (request.url !== '/tokenizer.json') return undefined;
      response.writeHead(302, { location: '/model.onnx' }).end();
      return true;
    });
    await downloader({ parallel: 1 }).download({ files: [moved] }, {});
    expect((await joined(chunks, moved)).equals(MODEL)).toBe(true);
    expect(server.requests.map(({ path, range }) => [path, range])).toEqual([
      ['/tokenizer.json', `bytes=${100 * KIB}-${400 * KIB - 1}`],
      ['/model.onnx', `bytes=${100 * KIB}-${400 * KIB - 1}`],
    ]);
  });
});

describe('a limit of the speed', () => {
  test('holds for all requests together, and a change of it at once for those under way', async () => {
    let receivedBytes = 0;
    const limited = downloader({ parallel: 2 });
    limited.setLimit(40 * KIB);
    const began = performance.now();
    const work = limited.download(job, { onProgress: (progress) => (receivedBytes = progress.receivedBytes) });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const seconds = (performance.now() - began) / 1000;
    expect(receivedBytes).toBeGreaterThan(0);
    expect(receivedBytes).toBeLessThanOrEqual((seconds + 0.5) * 40 * KIB);
    limited.setLimit(undefined);
    await work;
    await expectComplete();
  });
});
