import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';
import { cacheControl } from '../../src/core/headers.ts';

/**
 * Serves the stock page as Sill's own server serves Sill: isolated, so that it has threads, with the same caching. Without a
 * Content-Security-Policy, since transformers.js imports its runtime from a blob.
 */
export function serveStock(directory: string): { listen(): Promise<string>; close(): Promise<void> } {
  const files = sirv(directory, {
    dev: true,
    etag: true,
    extensions: ['html'],
    setHeaders(res, path) {
      res.setHeader('Cache-Control', cacheControl(path.replace(/^\/+/, '')));
      res.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      res.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
      res.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    },
  });
  const server = http.createServer((req, res) => files(req, res, () => void res.writeHead(404).end()));
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, 'localhost', () => resolve(`http://localhost:${(server.address() as AddressInfo).port}/`));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
