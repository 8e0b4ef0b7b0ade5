import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CatalogEntry } from '../core/catalog.ts';
import { parseModelId, parseRevisionId } from '../core/ids.ts';
import { canonicalManifest, parseManifest } from '../core/manifest.ts';
import type { Fetcher } from '../ports/delivery.ts';
import { createDigests } from './digests.ts';
import { createStaticCatalog } from './staticCatalog.ts';

const CATALOG_URL = 'https://edge.test/apps/sill/models/catalog.json';
const digests = createDigests(crypto.subtle);
const DIGEST = `sha256:${'a'.repeat(64)}`;

const MANIFEST = {
  schema: 1,
  id: 'tiny',
  name: 'Tiny',
  description: 'A model for tests.',
  task: 'text-generation',
  languages: ['en'],
  licence: { spdx: 'MIT', text: 'MIT' },
  parameters: 1,
  files: [{ path: 'model.onnx', sizeBytes: 1, chunks: [{ digest: DIGEST, sizeBytes: 1 }] }],
  variants: [{ id: 'int8-wasm', dtype: 'int8', device: 'wasm', files: ['model.onnx'], needs: { memoryBytes: 1 } }],
  minimumRuntime: '0.1.0',
  provenance: { source: 'test' },
};
const revisionOf = (manifest: unknown) =>
  parseRevisionId(
    `sha256:${createHash('sha256')
      .update(canonicalManifest(parseManifest(manifest)))
      .digest('hex')}`,
  );
const ENTRY: CatalogEntry = { id: parseModelId('tiny'), revision: revisionOf(MANIFEST), channel: 'stable', path: 'tiny/1' };

/** A source whose server gives the same answer to everything; `asked` are the requests. */
function sourceOf(answer: () => Response | Promise<Response>) {
  const asked: Array<{ url: string; cache: RequestCache | undefined }> = [];
  const fetcher: Fetcher = async (url, init) => {
    asked.push({ url, cache: init?.cache });
    return answer();
  };
  return { asked, source: createStaticCatalog({ catalogUrl: CATALOG_URL, fetcher, digests, stallMs: 50 }) };
}
const html = () => new Response('<!doctype html><title>App</title>', { headers: { 'content-type': 'text/html' } });
const json = (data: unknown) => () => new Response(JSON.stringify(data));
const offline = () => Promise.reject(new TypeError('Failed to fetch'));

describe('the catalog', () => {
  test('is read past every cache', async () => {
    const { source, asked } = sourceOf(json({ schema: 1, models: [ENTRY] }));
    expect(await source.catalog()).toEqual({ schema: 1, models: [ENTRY] });
    expect(asked).toEqual([{ url: CATALOG_URL, cache: 'no-store' }]);
  });

  test.each([
    ['the network is down', offline, 'network_unavailable'],
    ['the server fails', () => new Response('', { status: 500 }), 'catalog_unavailable'],
    ['there is none', () => new Response('', { status: 404 }), 'catalog_unavailable'],
    ['a web page comes in its place', html, 'invalid_catalog'],
    ['a web page comes under the type of data', () => new Response('<!doctype html>'), 'invalid_catalog'],
    ['it is cut short', () => new Response('{"schema": 1, "models": ['), 'invalid_catalog'],
    ['it is not text', () => new Response(Uint8Array.of(0xff, 0xfe, 0xff)), 'invalid_catalog'],
    ['it is of another format', json({ schema: 2, models: [] }), 'invalid_catalog'],
    ['an entry points out of its folder', json({ schema: 1, models: [{ ...ENTRY, path: '../evil' }] }), 'invalid_catalog'],
  ])('is refused with a code when %s', async (_case, answer, code) => {
    await expect(sourceOf(answer).source.catalog()).rejects.toMatchObject({ code });
  });

  test('that never ends is dropped at 8 MiB', async () => {
    let sentBytes = 0;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sentBytes += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const fetcher: Fetcher = async (_url, init) => {
      init?.signal?.addEventListener('abort', () => {
        cancelled = true;
      });
      return new Response(endless);
    };
    const source = createStaticCatalog({ catalogUrl: CATALOG_URL, fetcher, digests });
    await expect(source.catalog()).rejects.toMatchObject({ code: 'invalid_catalog', message: expect.stringContaining('8 MiB') });
    expect(sentBytes).toBeLessThan(9 * 1024 * 1024);
    expect(cancelled).toBe(true);
  });

  test('that stops arriving is a network that is unavailable', async () => {
    const fetcher: Fetcher = (_url, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))));
    const source = createStaticCatalog({ catalogUrl: CATALOG_URL, fetcher, digests, stallMs: 20 });
    await expect(source.catalog()).rejects.toMatchObject({ code: 'network_unavailable' });
  });

  test('is given up when the caller cancels', async () => {
    const cancel = new AbortController();
    const fetcher: Fetcher = (_url, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError'))));
    const work = createStaticCatalog({ catalogUrl: CATALOG_URL, fetcher, digests }).catalog(cancel.signal);
    cancel.abort();
    await expect(work).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('a manifest', () => {
  test('is fetched from the folder of its entry and checked against the revision', async () => {
    const { source, asked } = sourceOf(json({ ...MANIFEST, notes: 'Words may change.' }));
    expect((await source.manifest(ENTRY)).id).toBe('tiny');
    expect(asked[0]?.url).toBe('https://edge.test/apps/sill/models/tiny/1/manifest.json');
  });

  const other = { ...MANIFEST, id: 'other' };
  test.each([
    ['was changed', json({ ...MANIFEST, parameters: 2 }), ENTRY, 'invalid_manifest'],
    ['is of another model', json(other), { ...ENTRY, revision: revisionOf(other) }, 'invalid_manifest'],
    ['is no manifest', json({ hello: 1 }), ENTRY, 'invalid_manifest'],
    ['is a web page', html, ENTRY, 'invalid_manifest'],
    ['is missing', () => new Response('', { status: 404 }), ENTRY, 'catalog_unavailable'],
    ['cannot be reached', offline, ENTRY, 'network_unavailable'],
  ])('is refused with a code when it %s', async (_case, answer, entry, code) => {
    await expect(sourceOf(answer).source.manifest(entry)).rejects.toMatchObject({ code });
  });
});

describe('the address of a file', () => {
  const { source } = sourceOf(offline);
  test('lies in the folder of its entry', () => {
    expect(source.fileUrl(ENTRY, 'onnx/model.onnx')).toBe('https://edge.test/apps/sill/models/tiny/1/onnx/model.onnx');
  });
  test.each(['../../../index.html', '../../../../x', '//evil.test/x'])('never leaves the folder of the catalog (%s)', (path) => {
    const escaped = { ...ENTRY, path: '..' };
    expect(() => source.fileUrl(escaped, path)).toThrow(expect.objectContaining({ code: 'invalid_catalog' }));
  });
});
