import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server does with one request; `undefined` leaves it to the plain behaviour of a static server. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, body: Buffer, nth: number) => boolean | undefined;

export interface TestServer {
  readonly url: string;
  /** Path and Range header of every request, in order. */
  readonly requests: Array<{ readonly path: string; readonly range: string | undefined }>;
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** The first and last byte that a Range header asks for. */
export function rangeOf(header: string | undefined, sizeBytes: number): readonly [number, number] | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  return match ? [Number(match[1]), Math.min(match[2] ? Number(match[2]) : sizeBytes - 1, sizeBytes - 1)] : undefined;
}

/** A static server on this machine that can be told to misbehave. */
export async function startTestServer(files: Readonly<Record<string, Buffer>>): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  let behaviour: Behaviour = () => undefined;
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    requests.push({ path, range: request.headers.range });
    const body = files[path];
    if (!body) {
      response.writeHead(404).end('not here');
      return;
    }
    if (behaviour(request, response, body, requests.length)) return;
    const range = rangeOf(request.headers.range, body.length);
    if (!range) {
      response.writeHead(200, { 'content-length': body.length }).end(body);
      return;
    }
    const [from, last] = range;
    response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${body.length}`, 'content-length': last + 1 - from });
    response.end(body.subarray(from, last + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    behave(next) {
      behaviour = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
