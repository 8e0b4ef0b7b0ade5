import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Page } from '@playwright/test';
import sirv from 'sirv';

const ROOT = resolve(import.meta.dirname, '../..');

/** A file of a repository, under a test's control. */
export interface HubFile {
  /** Where its bytes lie, or the bytes. */
  body: string | Uint8Array;
  /** Whose digest the server states; its own by default. */
  stated?: string;
}

export interface Hub {
  /** With a slash at its end. */
  readonly url: string;
  /** By `owner/name`: commit, what the server says of it, and its files by path. */
  readonly repositories: Map<string, { commit: string; card: object; files: Map<string, HubFile> }>;
  readonly requests: Array<{ readonly method: string; readonly path: string; readonly range?: string }>;
  /** False for a plain file server, which has no list of files and is asked for each. */
  api: boolean;
  /** Lets this many bytes of bodies through, then keeps every connection waiting until it is called again. */
  holdAfter(bytes: number): void;
  close(): Promise<void>;
}

/** A server in the layout of the Hugging Face Hub, on another origin, under `/hub/`. */
export async function openHub(port: number): Promise<Hub> {
  let leftBytes = Number.POSITIVE_INFINITY;
  const waiting: Array<() => void> = [];
  const requests: Hub['requests'] = [];
  const repositories: Hub['repositories'] = new Map();

  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const { range } = request.headers;
    requests.push({ method: request.method ?? '', path: pathname, ...(range === undefined ? {} : { range }) });
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'X-Repo-Commit, X-Linked-Size, X-Linked-ETag, ETag, Content-Range');
    const [, listed] = /^\/hub\/api\/models\/(.+)\/revision\/[^/]+$/.exec(pathname) ?? [];
    const [, repository = '', revision = '', path = ''] = /^\/hub\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
    const found = repositories.get(listed ?? repository);
    if (listed !== undefined && found && hub.api) {
      const siblings = await Promise.all(
        [...found.files].map(async ([rfilename, { body, stated = body }]) => ({
          rfilename,
          size: await sizeOf(body),
          ...lfs(rfilename, await sha256Of(stated)),
        })),
      );
      return void response
        .setHeader('Content-Type', 'application/json')
        .end(JSON.stringify({ sha: found.commit, ...found.card, siblings }));
    }
    const file = found && ['main', found.commit].includes(revision) ? found.files.get(path) : undefined;
    if (!found || !file) return void response.writeHead(404).end('Entry not found');
    const size = await sizeOf(file.body);
    response.setHeader('X-Repo-Commit', found.commit);
    response.setHeader('Content-Type', 'application/octet-stream');
    if (path.endsWith('.onnx')) {
      response.setHeader('X-Linked-Size', size);
      response.setHeader('X-Linked-ETag', `"${await sha256Of(file.stated ?? file.body)}"`);
    }
    const [, first = '0', last = String(size - 1)] = /^bytes=(\d+)-(\d+)?$/.exec(range ?? '') ?? [];
    const [start, end] = [Number(first), Number(last || size - 1)];
    response.setHeader('Content-Length', end - start + 1);
    if (range !== undefined) response.writeHead(206, { 'Content-Range': `bytes ${start}-${end}/${size}` });
    if (request.method === 'HEAD') return void response.end();
    const { body } = file;
    const bytes = typeof body === 'string' ? createReadStream(body, { start, end }) : Readable.from([body.subarray(start, end + 1)]);
    await pipeline(bytes, limited, response);
  };
  const limited = async function* (source: AsyncIterable<Uint8Array>) {
    for await (const bytes of source) {
      while (leftBytes <= 0) await new Promise<void>((go) => waiting.push(go));
      leftBytes -= bytes.length;
      yield bytes;
    }
  };

  const server = http.createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', done));
  const hub: Hub = {
    url: `http://localhost:${port}/hub/`,
    repositories,
    requests,
    api: true,
    holdAfter(bytes) {
      leftBytes = bytes;
      for (const go of waiting.splice(0)) go();
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return hub;
}

const sizeOf = async (body: string | Uint8Array): Promise<number> => (typeof body === 'string' ? (await stat(body)).size : body.length);
const lfs = (path: string, sha256: string) => (path.endsWith('.onnx') ? { lfs: { sha256 } } : {});

const digests = new Map<string, string>();
async function sha256Of(body: string | Uint8Array): Promise<string> {
  const known = typeof body === 'string' ? digests.get(body) : undefined;
  const digest =
    known ??
    createHash('sha256')
      .update(typeof body === 'string' ? await readFile(body) : body)
      .digest('hex');
  if (typeof body === 'string') digests.set(body, digest);
  return digest;
}

/** The app, built with a policy of its own. Remove the folder with `rm` when done. */
export async function buildWithPolicy(policy: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sill-policy-'));
  const [file, out] = [join(folder, 'policy.json'), join(folder, 'dist')];
  await writeFile(file, JSON.stringify({ schema: 1, ...policy }));
  const args = [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error', '--outDir', out];
  const build = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, SILL_POLICY: file } });
  const code = await new Promise((done) => build.once('exit', done));
  if (code !== 0) throw new Error(`vite build ended with ${code}`);
  return out;
}

export const removeBuild = (out: string): Promise<void> => rm(join(out, '..'), { recursive: true, force: true });

/** Gives up every model, and what is on its way: the device is as it was, for the next test in the same browser. */
export const forgetModels = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const { sill } = globalThis;
    if (!sill) throw new Error('globalThis.sill is missing');
    await sill.downloads.setSettings({});
    // What is finished is in this list as well, and is forgotten below.
    for (const { id } of await sill.downloads.list()) await sill.downloads.cancel(id).catch(() => undefined);
    for (const { id, installed } of await sill.models.list()) {
      if (installed) await sill.models.remove(id);
      if (id.startsWith('hf:')) await sill.sources.forget(id);
    }
  });

/** The models of a built app, on another origin that lets pages of others read them. */
export async function openMirror(port: number, directory: string): Promise<{ close(): Promise<void> }> {
  const setHeaders = (response: http.ServerResponse) => void response.setHeader('Access-Control-Allow-Origin', '*');
  const files = sirv(join(directory, 'models'), { dev: true, extensions: [], setHeaders });
  const server = http.createServer((request, response) => {
    request.url = (request.url ?? '').replace(/^\/mirror\/models/, '');
    files(request, response, () => void response.writeHead(404, { 'Access-Control-Allow-Origin': '*' }).end());
  });
  await new Promise<void>((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', done));
  return {
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
