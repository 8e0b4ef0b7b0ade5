import * as http from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createUpstreamServer } from './upstreamServer.ts';

let server: http.Server | undefined;
afterEach(() => server?.close());

/** A real server that answers so, and what is read of it. */
async function ask(answer: (request: http.IncomingMessage, response: http.ServerResponse) => void, silenceMs = 5000): Promise<unknown[]> {
  server = http.createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const upstream = createUpstreamServer({ fetcher: (url, init) => fetch(url, init), appUrl: `http://127.0.0.1:${address.port}/app/` });
  const call = { url: 'v1/', path: 'chat/completions', body: { model: 'm' }, credentials: false, silenceMs };
  const events: unknown[] = [];
  for await (const event of upstream.ask(call, new AbortController().signal)) events.push(event);
  return events;
}

const stream =
  (...parts: ReadonlyArray<string | Uint8Array>) =>
  (_: http.IncomingMessage, response: http.ServerResponse) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (const part of parts) response.write(part);
    response.end();
  };
const status = (code: number, body: string) => (_: http.IncomingMessage, response: http.ServerResponse) => {
  response.writeHead(code, { 'Content-Type': 'application/json' }).end(body);
};

test('events are read across the cuts of the network, up to the end that the server states', async () => {
  const bytes = new TextEncoder().encode(': hello\r\n\r\ndata: {"a":"ä"}\r\n\r\ndata: {"b":2}\n\ndata: [DONE]\n\ndata: {"c":3}\n\n');
  const cut = bytes.indexOf(0xc3) + 1;
  expect(await ask(stream(bytes.slice(0, cut), bytes.slice(cut)))).toEqual([{ a: 'ä' }, { b: 2 }]);
});

test('is asked below the app by a relative address, with the request as JSON', async () => {
  let path = '';
  let text = '';
  await ask((request, response) => {
    path = request.url ?? '';
    request.on('data', (data) => {
      text += String(data);
    });
    request.on('end', () => stream('data: [DONE]\n\n')(request, response));
  });
  expect([path, text]).toEqual(['/app/v1/chat/completions', '{"model":"m"}']);
});

test.each([
  [400, 'invalid_request', 'too long'],
  [422, 'invalid_request', 'too long'],
  [401, 'upstream_failed', '401 (too long)'],
  [404, 'upstream_failed', '404'],
  [429, 'upstream_failed', '429'],
  [500, 'upstream_failed', '500'],
])('status %i is %s', async (code, expected, words) => {
  await expect(ask(status(code, '{"error":{"message":"too long"}}'))).rejects.toMatchObject({
    code: expected,
    message: expect.stringContaining(words),
  });
});

test('what is no stream, an error within it, no JSON, and no end are failures that say so', async () => {
  await expect(ask(status(200, '<html>'))).rejects.toMatchObject({
    code: 'upstream_failed',
    message: expect.stringContaining('something else than a stream'),
  });
  await expect(ask(stream('data: {"error":{"message":"out of memory"}}\n\n'))).rejects.toMatchObject({
    message: expect.stringContaining('out of memory'),
  });
  await expect(ask(stream('data: {"error":"gone"}\n\n'))).rejects.toMatchObject({ message: expect.stringContaining('gone') });
  await expect(ask(stream('data: {oops\n\n'))).rejects.toMatchObject({ message: expect.stringContaining('no JSON') });
  await expect(ask(stream(`data: ${'x'.repeat(2 ** 21)}`))).rejects.toMatchObject({ message: expect.stringContaining('without an end') });
});

test('a server that falls silent, or closes the connection, cannot be reached', async () => {
  await expect(ask(() => undefined, 50)).rejects.toMatchObject({ code: 'network_unavailable' });
  await expect(ask((_, response) => void response.destroy())).rejects.toMatchObject({ code: 'network_unavailable' });
  await expect(
    ask((_, response) => {
      response.writeHead(302, { Location: 'http://127.0.0.1:1/elsewhere' }).end();
    }),
  ).rejects.toMatchObject({ code: 'network_unavailable' });
});
