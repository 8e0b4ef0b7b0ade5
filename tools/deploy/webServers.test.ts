import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileKind } from '../../src/core/fileKind.ts';
import { CACHE_IMMUTABLE, securityHeaders } from '../../src/core/headers.ts';
import { parsePolicy } from '../../src/core/policy.ts';
import { RECIPE_BASE, RECIPE_FOLDER, recipes } from './recipes.ts';

const POLICY = parsePolicy({ schema: 1, guests: ['https://intranet.example'] });
const RECIPES = recipes(POLICY);
const SCRIPT = `export const text = '${'long enough to be worth compressing '.repeat(100)}';`;
const FILES: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html><title>Sill</title>',
  'sw.js': SCRIPT,
  'embed.html': '<!doctype html><title>Frame</title>',
  'sdk/sill.js': SCRIPT,
  'manifest.webmanifest': '{}',
  'assets/app-1234.js': SCRIPT,
  'assets/glue-1234.mjs': SCRIPT,
  'assets/ort-1234.wasm': 'wasm',
  'icons/icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'models/catalog.json': JSON.stringify({ text: 'x'.repeat(5000) }),
  'models/tiny/model.onnx_data': '0123456789',
};

interface Site {
  readonly tree: string;
  readonly port: number;
  /** The recipe for this test's folder, and for the path that is asked for. */
  readonly recipe: (name: keyof typeof RECIPES) => string;
}

interface WebServer {
  readonly name: string;
  readonly binary: string;
  readonly config: (site: Site) => string;
  readonly args: (configFile: string, site: Site) => readonly string[];
}

const SERVERS: readonly WebServer[] = [
  {
    name: 'nginx',
    binary: 'nginx',
    config: ({ tree, port, recipe }) => `daemon off; pid ${tree}/nginx.pid; error_log stderr;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${tree}/${kind};`).join(' ')}
  server { listen 127.0.0.1:${port}; ${recipe('nginx.conf')} }
}`,
    args: (configFile) => ['-c', configFile],
  },
  {
    name: 'Caddy',
    binary: 'caddy',
    config: ({ tree, port, recipe }) =>
      `{\nadmin off\nauto_https off\nstorage file_system ${tree}/caddy\n}\n${recipe('Caddyfile').replace('sill.example.org {', `http://127.0.0.1:${port} {`)}`,
    args: (configFile) => ['run', '--adapter', 'caddyfile', '--config', configFile],
  },
  {
    name: 'Apache',
    binary: 'apache2',
    config: ({ tree, port, recipe }) => `ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${tree}/apache.pid
ErrorLog ${tree}/apache.log
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
${['mpm_event', 'authz_core', 'alias', 'dir', 'headers', 'mime', 'deflate', 'filter', 'env']
  .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
  .join('\n')}
TypesConfig /dev/null
${recipe('apache.conf')}`,
    args: (configFile) => ['-DFOREGROUND', '-f', configFile],
  },
];

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` };
const isInstalled = (binary: string) => spawnSync('sh', ['-c', `command -v ${binary}`], { env }).status === 0;

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });

for (const { name, binary, config, args } of SERVERS) {
  const missing = isInstalled(binary) ? '' : ` (left out: ${binary} is not installed here)`;
  for (const base of [RECIPE_BASE, '/']) {
    describe.skipIf(missing !== '')(`${name} with our recipe at ${base}${missing}`, () => {
      let tree: string;
      let child: ChildProcess;
      let url: string;
      let log = '';

      beforeAll(async () => {
        tree = mkdtempSync(join(tmpdir(), 'sill-deploy-'));
        // Servers give up root and then need to read it as somebody else.
        chmodSync(tree, 0o755);
        for (const [path, text] of Object.entries(FILES)) {
          mkdirSync(dirname(join(tree, 'app', path)), { recursive: true });
          writeFileSync(join(tree, 'app', path), text);
        }
        const port = await freePort();
        const recipe = (file: keyof typeof RECIPES) =>
          RECIPES[file].replaceAll(RECIPE_BASE, base).replaceAll(RECIPE_FOLDER, join(tree, 'app'));
        const site = { tree, port, recipe };
        writeFileSync(join(tree, 'server.conf'), config(site));
        url = `http://127.0.0.1:${port}${base}`;
        child = spawn(binary, args(join(tree, 'server.conf'), site), { env, stdio: ['ignore', 'pipe', 'pipe'] });
        for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (log += bytes));
        for (;;) {
          if (child.exitCode !== null) throw new Error(`${name} did not start:\n${log}`);
          if (await fetch(url).catch(() => undefined)) return;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      });

      afterAll(async () => {
        if (child.exitCode === null) {
          const ended = new Promise((resolve) => child.once('exit', resolve));
          child.kill('SIGTERM');
          await ended;
        }
        rmSync(tree, { recursive: true });
      });

      it('sends the security headers with pages, scripts, models and refusals', async () => {
        for (const path of ['', 'assets/app-1234.js', 'models/tiny/model.onnx_data', 'missing.html', 'embed.html', 'sdk/sill.js']) {
          const { headers } = await fetch(url + path);
          for (const [header, value] of Object.entries(securityHeaders(POLICY, {}, fileKind(path))))
            expect([path, header, headers.get(header)]).toEqual([path, header, value]);
          if (fileKind(path) === 'own') expect([path, headers.get('access-control-allow-origin')]).toEqual([path, null]);
        }
      });

      it('answers ranges of models, uncompressed', async () => {
        const range = { Range: 'bytes=2-5', 'Accept-Encoding': 'gzip' };
        const response = await fetch(`${url}models/tiny/model.onnx_data`, { headers: range });
        expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([206, 'bytes 2-5/10', '2345']);
        const json = await fetch(`${url}models/catalog.json`, { headers: range });
        expect([json.status, json.headers.get('content-encoding'), (await json.text()).length]).toEqual([206, null, 4]);
      });

      it('keeps hashed files for ever, asks again for the rest, and keeps no refusal', async () => {
        const cache = async (path: string) => (await fetch(url + path)).headers.get('cache-control');
        expect(await cache('assets/app-1234.js')).toBe(CACHE_IMMUTABLE);
        for (const path of ['', 'sw.js', 'embed.html', 'sdk/sill.js', 'manifest.webmanifest', 'models/catalog.json'])
          expect([path, await cache(path)]).toEqual([path, 'no-cache']);
        expect(await cache('assets/missing-1234.js')).not.toBe(CACHE_IMMUTABLE);
      });

      it('says of a file that is not there that it is not there', async () => {
        for (const path of ['models/metadata/2.root.json', 'models/none/', 'assets/none.js', 'none']) {
          expect([path, (await fetch(url + path)).status]).toEqual([path, 404]);
        }
      });

      it('names the types that browsers insist on', async () => {
        const expected = {
          '': /^text\/html/,
          'sw.js': /^(text|application)\/javascript/,
          'embed.html': /^text\/html/,
          'sdk/sill.js': /^(text|application)\/javascript/,
          'assets/glue-1234.mjs': /^(text|application)\/javascript/,
          'assets/ort-1234.wasm': /^application\/wasm$/,
          'manifest.webmanifest': /^application\/manifest\+json/,
          'icons/icon.svg': /^image\/svg\+xml/,
          'models/catalog.json': /^application\/json/,
          'models/tiny/model.onnx_data': /^application\/octet-stream$/,
        };
        for (const [path, type] of Object.entries(expected)) expect((await fetch(url + path)).headers.get('content-type')).toMatch(type);
      });

      it('compresses scripts for those who ask', async () => {
        const response = await fetch(`${url}assets/app-1234.js`, { headers: { 'Accept-Encoding': 'gzip' } });
        expect(response.headers.get('content-encoding')).toBe('gzip');
        expect(await response.text()).toBe(SCRIPT);
      });

      if (base === '/') return;
      it('leads to the app when the slash was forgotten', async () => {
        const response = await fetch(url.slice(0, -1), { redirect: 'manual' });
        expect(response.status).toBe(301);
        expect(new URL(response.headers.get('location') ?? '', url).href).toBe(url);
      });
    });
  }
}

describe.skipIf(!isInstalled('nginx'))('nginx', () => {
  it('takes what the guide to operating gives it, within the server of our recipe', () => {
    const tree = mkdtempSync(join(tmpdir(), 'sill-guide-'));
    const guide = readFileSync(join(import.meta.dirname, '../../docs/operate.md'), 'utf8');
    const [, block = ''] = /^```nginx\n([\s\S]*?)^```$/m.exec(guide) ?? [];
    // A name that nobody resolves in a test.
    const local = block.replace('https://inference.example.org', 'https://127.0.0.1');
    const server = SERVERS.find(({ name }) => name === 'nginx');
    const recipe = (name: keyof typeof RECIPES) => `${RECIPES[name].replaceAll(RECIPE_FOLDER, tree)}\n${local}`;
    writeFileSync(join(tree, 'nginx.conf'), server?.config({ tree, port: 8080, recipe }) ?? '');
    const { status, stderr } = spawnSync('nginx', ['-t', '-c', join(tree, 'nginx.conf')], { env, encoding: 'utf8' });
    rmSync(tree, { recursive: true });
    expect([status, stderr]).toEqual([0, expect.stringContaining('syntax is ok')]);
    expect(local).toContain('proxy_set_header Authorization');
  });
});
