import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isPlainRange } from './range.ts';
import { createServer, type StaticServer } from './server.ts';

let directory: string;
const running: StaticServer[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sill-serve-'));
  mkdirSync(join(directory, 'assets'));
  mkdirSync(join(directory, 'models/tiny'), { recursive: true });
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>Sill</title>');
  writeFileSync(join(directory, 'sw.js'), '');
  writeFileSync(join(directory, 'assets/app-1234.js'), 'export {};');
  writeFileSync(join(directory, 'assets/ort-1234.wasm'), 'wasm');
  writeFileSync(join(directory, 'assets/glue-1234.mjs'), 'export {};');
  writeFileSync(join(directory, 'models/tiny/model.onnx_data'), '0123456789');
  writeFileSync(join(directory, 'sill.policy.json'), '{"schema":1,"sources":["https://models.example"]}');
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function start(options: { base?: string; headers?: boolean } = {}, port = 0): Promise<string> {
  const server = createServer({ directory, ...options });
  const url = await server.listen(port, '127.0.0.1');
  running.push(server);
  return url;
}

describe('the start server', () => {
  it('sends the headers of the policy file with every answer, refusals included', async () => {
    const url = await start();
    for (const path of ['', 'assets/app-1234.js', 'missing.js']) {
      const { headers } = await fetch(url + path);
      expect(headers.get('content-security-policy')).toContain("connect-src 'self' https://models.example");
      expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    }
  });

  it('answers a range of a model file with exactly those bytes', async () => {
    const response = await fetch(`${await start()}models/tiny/model.onnx_data`, { headers: { Range: 'bytes=2-5' } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe('bytes 2-5/10');
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(await response.text()).toBe('2345');
  });

  it('says 416 for a range behind the end, and survives ranges that make no sense', async () => {
    const url = `${await start()}models/tiny/model.onnx_data`;
    expect((await fetch(url, { headers: { Range: 'bytes=10-' } })).status).toBe(416);
    for (const range of ['bytes=5-2', 'bytes=-3', 'bytes=0-0', 'bytes=0-1,4-5', 'lines=1-2']) {
      const response = await fetch(url, { headers: { Range: range } });
      expect([response.status, await response.text()]).toEqual([200, '0123456789']);
    }
  });

  it('answers a range of the file that was begun, and sends another one whole', async () => {
    const url = `${await start()}models/tiny/model.onnx_data`;
    const etag = (await fetch(url)).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"/);
    const ask = async (ifRange: string) => {
      const response = await fetch(url, { headers: { Range: 'bytes=2-5', 'If-Range': ifRange } });
      return [response.status, await response.text()];
    };
    expect(await ask(etag)).toEqual([206, '2345']);
    expect(await ask('"another"')).toEqual([200, '0123456789']);
    expect((await fetch(url, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });

  it('names the types that browsers insist on', async () => {
    const url = await start();
    const type = async (path: string) => (await fetch(url + path)).headers.get('content-type');
    expect(await type('assets/ort-1234.wasm')).toBe('application/wasm');
    expect(await type('assets/glue-1234.mjs')).toMatch(/^(text|application)\/javascript/);
    expect(await type('')).toMatch(/^text\/html/);
  });

  it('keeps hashed files for ever and asks again for the page and the service worker', async () => {
    const url = await start();
    const cache = async (path: string) => (await fetch(url + path)).headers.get('cache-control');
    expect(await cache('assets/app-1234.js')).toContain('immutable');
    for (const path of ['', 'sw.js', 'sill.policy.json', 'models/tiny/model.onnx_data']) expect(await cache(path)).toBe('no-cache');
  });

  it('compresses the scripts for whoever can read that, and models for nobody', async () => {
    const url = await start();
    // A client that says nothing of the kind, which fetch always does.
    const plain = await fetch(`${url}assets/app-1234.js`, { headers: { 'Accept-Encoding': 'identity' } });
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, 'export {};']);
    const response = await fetch(`${url}assets/app-1234.js`, { headers: { 'Accept-Encoding': 'gzip' } });
    expect(Object.fromEntries(['content-encoding', 'content-type', 'vary'].map((name) => [name, response.headers.get(name)]))).toEqual({
      'content-encoding': 'gzip',
      'content-type': 'text/javascript;charset=utf-8',
      vary: 'Accept-Encoding',
    });
    expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(await response.text()).toBe('export {};');
    const changed = 'export const changed = true;';
    writeFileSync(join(directory, 'assets/later-1.js'), 'export {};');
    expect(await (await fetch(`${url}assets/later-1.js`)).text()).toBe('export {};');
    writeFileSync(join(directory, 'assets/later-1.js'), changed);
    expect(await (await fetch(`${url}assets/later-1.js`)).text()).toBe(changed);
    expect((await fetch(`${url}models/tiny/model.onnx_data`)).headers.get('content-encoding')).toBe(null);
    expect((await fetch(`${url}assets/missing-1.js`)).status).toBe(404);
  });

  it('works under a sub-path and leads there when the slash was forgotten', async () => {
    const url = await start({ base: '/apps/sill/' });
    expect(new URL(url).pathname).toBe('/apps/sill/');
    expect(await (await fetch(`${url}?query`)).text()).toContain('<title>Sill');
    const redirect = await fetch(url.slice(0, -1), { redirect: 'manual' });
    expect([redirect.status, redirect.headers.get('location')]).toEqual([301, '/apps/sill/']);
    expect((await fetch(new URL('/sw.js', url))).status).toBe(404);
  });

  it('stays inside of its folder', async () => {
    expect((await fetch(`${await start()}..%2f..%2f..%2fetc%2fpasswd`)).status).toBe(404);
  });

  it('can be cut off and started again on the same port', async () => {
    const url = await start();
    await running.splice(0)[0]?.close();
    await expect(fetch(url)).rejects.toThrow();
    await start({}, Number(new URL(url).port));
    expect((await fetch(url)).status).toBe(200);
  });

  it('rejects with EADDRINUSE where the port is taken', async () => {
    const url = await start();
    await expect(start({}, Number(new URL(url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('refuses to serve a folder without a built app', () => {
    expect(() => createServer({ directory: join(directory, 'models') })).toThrow('npm run build');
  });
});

it('takes a plain range only', () => {
  expect(isPlainRange('bytes=0-')).toBe(true);
  expect(isPlainRange('bytes=4-4')).toBe(true);
  expect(isPlainRange('bytes=-4')).toBe(false);
});
