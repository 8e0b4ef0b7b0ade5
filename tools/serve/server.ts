import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sirv from 'sirv';
import { type FileKind, fileKind } from '../../src/core/fileKind.ts';
import { CACHE_IMMUTABLE, cacheControl, securityHeaders } from '../../src/core/headers.ts';
import { POLICY_PATH } from '../../src/core/policy.ts';
import { readPolicyFile } from '../build/policyFile.ts';
import { compressed, mayCompress, typeOf } from './compressed.ts';
import { isPlainRange } from './range.ts';

export interface ServerOptions {
  /** The built app. */
  readonly directory: string;
  /** Path under which the app is served, with a slash at both ends. Default `/`. */
  readonly base?: string;
  /** Leaves out the security headers, as a host does that cannot set any. Default true. */
  readonly headers?: boolean;
}

export interface StaticServer {
  /** @returns the address of the app, with a slash at its end. Rejects as `net.Server.listen` does, e.g. `EADDRINUSE`. */
  listen(port: number, host?: string): Promise<string>;
  /** Ends at once: open connections are cut, as when the process is killed. A closed server may listen again. */
  close(): Promise<void>;
}

/** A static server for the built app with the headers that follow from its policy file. */
export function createServer({ directory, base = '/', headers = true }: ServerOptions): StaticServer {
  if (!existsSync(join(directory, 'index.html'))) throw new Error(`There is no built app in ${directory}. Run: npm run build`);
  const policy = readPolicyFile(join(directory, POLICY_PATH));
  const of = (kind: FileKind) => (headers ? securityHeaders(policy, {}, kind) : {});
  const common = { own: of('own'), embed: of('embed'), sdk: of('sdk') };
  // In its `dev` mode sirv looks at the disk for each request, so files may change under a running server.
  const files = sirv(directory, {
    dev: true,
    etag: true,
    extensions: [],
    setHeaders(res, path, { size, mtime }) {
      // sirv's own is weak, which is no use for the parts of a file.
      const etag = `"${size}-${mtime.getTime()}"`;
      res.setHeader('ETag', etag);
      const ifRange = res.req.headers['if-range'];
      // Parts of another file than the one that was begun would not fit together: it is sent whole (RFC 9110, 13.1.5).
      if (ifRange !== undefined && ifRange !== etag) delete res.req.headers.range;
      const relative = path.replace(/^\/+/, '');
      res.setHeader('Cache-Control', cacheControl(relative));
      res.setHeader('Accept-Ranges', 'bytes');
      if (relative.startsWith('models/') && !relative.endsWith('.json')) res.setHeader('Content-Type', 'application/octet-stream');
    },
  });

  const refuse = (res: http.ServerResponse, status: number, message: string): void => {
    res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }).end(message);
  };

  const sendCompressed = async (req: http.IncomingMessage, res: http.ServerResponse): Promise<void> => {
    const path = req.url ?? '';
    const { size, mtime } = await stat(join(directory, path));
    const bytes = await compressed(directory, path, `${size}-${mtime.getTime()}`);
    res.writeHead(200, {
      'Content-Type': typeOf(path),
      'Content-Encoding': 'gzip',
      'Content-Length': bytes.length,
      'Cache-Control': CACHE_IMMUTABLE,
      Vary: 'Accept-Encoding',
    });
    res.end(bytes);
  };

  const server = http.createServer((req, res) => {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '';
    const kind = path.startsWith(base) ? fileKind(path.slice(base.length)) : 'own';
    for (const [name, value] of Object.entries(common[kind])) res.setHeader(name, value);
    if (req.method !== 'GET' && req.method !== 'HEAD') return refuse(res, 405, 'Only GET and HEAD are answered here.\n');
    const url = req.url ?? '/';
    if (`${path}/` === base) return void res.writeHead(301, { Location: base }).end();
    if (!url.startsWith(base)) return refuse(res, 404, `Nothing here. The app is at ${base}\n`);
    req.url = url.slice(base.length - 1).replace(/^\/(?=\?|$)/, '/index.html');
    const { range } = req.headers;
    if (range !== undefined && !isPlainRange(range)) delete req.headers.range;
    const known = req.headers['if-none-match'];
    if (known?.startsWith('"')) req.headers['if-none-match'] = `W/${known}`;
    const missing = (): void => refuse(res, 404, 'There is no such file.\n');
    if (mayCompress(req)) sendCompressed(req, res).catch(missing);
    else files(req, res, missing);
  });

  return {
    listen: (port, host = 'localhost') =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          const address = server.address() as AddressInfo;
          resolve(`http://${host.includes(':') ? `[${host}]` : host}:${address.port}${base}`);
        });
      }),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
