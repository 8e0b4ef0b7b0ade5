import * as http from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { createServer } from '../../tools/serve/server.ts';

export interface SiteSettings {
  readonly base: string;
  /** False for a host that cannot set headers. */
  readonly headers: boolean;
  /** The built app. */
  readonly directory: string;
}

export interface SiteRequest {
  /** Relative to the app, as `models/catalog.json`. */
  readonly path: string;
  readonly range?: string;
}

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  /** Bytes that may never end are sent as fast as they are taken. */
  readonly body: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Where the app is served, under a test's control. */
export interface Site {
  /** The same after a restart. */
  readonly url: string;
  /** Everything that was asked for, in order. A test may empty it. */
  readonly requests: SiteRequest[];
  /** As when the process is killed: open connections are cut. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Lets this many bytes of model files through, then keeps every connection waiting. */
  holdModelsAfter(bytes: number): void;
  /** Lets model files through no faster than this, as a slow line does. */
  slowModels(bytesPerSecond: number): void;
  /** Bytes of model files that were let through so far. */
  readonly sentModelBytes: number;
  /** Ends what holds model files back. */
  release(): void;
  /**
   * Answers in the server's place until the returned function is called; `undefined` leaves the request to who was there before, and
   * at last to the server.
   */
  answer(reply: (request: SiteRequest) => Answer | undefined): () => void;
  /** As it was opened: nothing held back, nothing answered in the server's place, nothing counted. */
  reset(): Promise<void>;
}

/** The real server behind a proxy that counts, holds back and lies on demand. */
export async function openSite(settings: SiteSettings, port: number): Promise<Site & { close(): Promise<void> }> {
  const behind = createServer(settings);
  const behindUrl = new URL(await behind.listen(0, '127.0.0.1'));
  const requests: SiteRequest[] = [];
  const replies = new Set<(request: SiteRequest) => Answer | undefined>();
  let leftBytes = Number.POSITIVE_INFINITY;
  let bytesPerSecond = Number.POSITIVE_INFINITY;
  let freeAtMs = 0;
  let sentModelBytes = 0;
  const wake: Array<() => void> = [];

  const pass = async (bytes: number): Promise<void> => {
    while (leftBytes <= 0) await new Promise<void>((resolve) => wake.push(resolve));
    leftBytes -= bytes;
    sentModelBytes += bytes;
    const waitMs = freeAtMs - performance.now();
    freeAtMs = Math.max(freeAtMs, performance.now()) + (bytes * 1000) / bytesPerSecond;
    if (waitMs > 0) await setTimeout(waitMs);
  };
  const release = () => {
    leftBytes = Number.POSITIVE_INFINITY;
    bytesPerSecond = Number.POSITIVE_INFINITY;
    for (const go of wake.splice(0)) go();
  };
  const held = (path: string) =>
    async function* (source: AsyncIterable<Uint8Array>) {
      for await (const bytes of source) {
        if (path.startsWith('models/') && !path.endsWith('.json')) await pass(bytes.length);
        yield bytes;
      }
    };

  const handle = async (incoming: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', behindUrl);
    const { range } = incoming.headers;
    const path = url.pathname.startsWith(settings.base) ? url.pathname.slice(settings.base.length) : url.pathname;
    const request: SiteRequest = { path, ...(range === undefined ? {} : { range }) };
    requests.push(request);
    for (const reply of [...replies].reverse()) {
      const answer = reply(request);
      if (!answer) continue;
      outgoing.writeHead(answer.status ?? 200, { 'Content-Type': answer.type ?? 'application/json', 'Cache-Control': 'no-store' });
      const { body } = answer;
      if (typeof body === 'string' || body instanceof Uint8Array) return void outgoing.end(body);
      return pipeline(Readable.from(body), outgoing);
    }
    const upstream = await new Promise<http.IncomingMessage>((resolve, reject) => {
      http.get(url, { headers: incoming.headers }, resolve).on('error', reject);
    });
    outgoing.writeHead(upstream.statusCode ?? 502, upstream.headers);
    await pipeline(upstream, held(path), outgoing);
  };

  const front = http.createServer((incoming, outgoing) => {
    // A page that went away in the middle of an answer is what several tests are about.
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const listen = () => new Promise<void>((resolve, reject) => front.once('error', reject).listen(port, '127.0.0.1', resolve));
  const cut = () =>
    new Promise<void>((resolve) => {
      front.close(() => resolve());
      front.closeAllConnections();
    });
  await listen();
  let running = true;
  const stop = async () => {
    if (running) await cut();
    running = false;
  };
  const start = async () => {
    if (!running) await listen();
    running = true;
  };

  return {
    url: `http://localhost:${port}${settings.base}`,
    requests,
    stop,
    start,
    get sentModelBytes() {
      return sentModelBytes;
    },
    holdModelsAfter(bytes) {
      leftBytes = bytes;
      for (const go of wake.splice(0)) go();
    },
    slowModels(limit) {
      bytesPerSecond = limit;
      freeAtMs = 0;
    },
    release,
    answer(reply) {
      replies.add(reply);
      return () => replies.delete(reply);
    },
    async reset() {
      release();
      replies.clear();
      requests.length = 0;
      sentModelBytes = 0;
      await start();
    },
    async close() {
      release();
      await stop();
      await behind.close();
    },
  };
}

/** Below those that systems hand out for connections, so that it stays free between two uses. */
const PORTS = { from: 20_000, to: 32_000 };

/** A port that is free now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    const probe = http.createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}
