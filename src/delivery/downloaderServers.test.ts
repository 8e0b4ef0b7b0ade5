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
  restart,
  SIZES,
  server,
  waits,
} from './testing/downloadFixture.ts';
import { rangeOf } from './testing/testServer.ts';

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
    await restart();
    await downloader().download(job, {});
    await expectComplete();
  });
});
