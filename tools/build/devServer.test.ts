import { resolve } from 'node:path';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
let server: ViteDevServer;
let url = '';

beforeAll(async () => {
  const configFile = resolve(root, 'vite.config.ts');
  // Bundling the packages is not what is asked here, and takes the most time.
  const optimizeDeps = { noDiscovery: true, include: [] };
  server = await createServer({ root, configFile, optimizeDeps, logLevel: 'silent', server: { port: 0, hmr: false, watch: null } });
  await server.listen();
  url = server.resolvedUrls?.local[0] ?? '';
});
afterAll(() => server.close());

test('the development server has a page, and says of a file that is not there that it is not there', async () => {
  const accept = { headers: { accept: 'text/html,*/*' } };
  expect((await fetch(url, accept)).status).toBe(200);
  for (const path of ['models/metadata/999999.root.json', 'nothing'])
    expect([path, (await fetch(url + path, accept)).status]).toEqual([path, 404]);
});
