import { expect, test } from 'vitest';
import type { Fetcher } from '../ports/delivery.ts';
import { createHubServer } from './hubServer.ts';

const URL_OF_HUB = 'https://hub.example/';
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const SHA256 = 'ab'.repeat(32);

/** A hub that answers by path; everything else is not there. */
function hub(answers: Readonly<Record<string, () => Response>>) {
  const asked: string[] = [];
  const fetcher: Fetcher = async (url, init) => {
    asked.push(`${init?.method ?? 'GET'} ${url.slice(URL_OF_HUB.length)}`);
    return answers[url.slice(URL_OF_HUB.length)]?.() ?? new Response('Entry not found', { status: 404 });
  };
  return {
    asked,
    list: (revision = 'main') => createHubServer({ fetcher }).list(URL_OF_HUB, 'acme/tiny', revision, new AbortController().signal),
  };
}

const api = (json: unknown) => ({ 'api/models/acme/tiny/revision/main?blobs=true': () => Response.json(json) });
const head = (headers: Record<string, string>) => () => new Response(null, { headers });

test('one question brings the files with sizes and digests, the commit and what the model is', async () => {
  const siblings = [
    { rfilename: 'config.json', size: 600 },
    { rfilename: 'onnx/model.onnx', size: 5_000, lfs: { sha256: SHA256, size: 5_000 } },
    { rfilename: '../escapes.json', size: 1 },
    { rfilename: 'empty.txt', size: 0 },
  ];
  const card = { pipeline_tag: 'text-generation', cardData: { license: 'mit', language: ['en', 'de'] }, safetensors: { total: 15 } };
  const { list, asked } = hub(api({ sha: COMMIT, siblings, ...card }));
  expect(await list()).toEqual({
    commit: COMMIT,
    files: [
      { path: 'config.json', sizeBytes: 600 },
      { path: 'onnx/model.onnx', sizeBytes: 5_000, sha256: SHA256 },
    ],
    ...{ pipeline: 'text-generation', licence: 'mit', languages: ['en', 'de'], parameters: 15 },
  });
  expect(asked).toHaveLength(1);
});

test('values in the answer that are not what they should be are left out', async () => {
  const { list } = hub(
    api({
      sha: COMMIT,
      siblings: [{ rfilename: 'config.json', size: 600, lfs: { sha256: 'x' } }],
      pipeline_tag: 7,
      cardData: { license: [] },
    }),
  );
  expect(await list()).toEqual({ commit: COMMIT, files: [{ path: 'config.json', sizeBytes: 600 }] });
});

test.each([
  ['no list', {}],
  ['a list of names only', api({ sha: COMMIT, siblings: [{ rfilename: 'config.json' }] })],
  ['a list without a commit', api({ siblings: [] })],
  [
    'its own page for everything',
    { 'api/models/acme/tiny/revision/main?blobs=true': () => new Response('<p>', { headers: { 'content-type': 'text/html' } }) },
  ],
])('a server with %s is asked for each file of the commit', async (_, answers) => {
  const { list, asked } = hub({
    ...answers,
    'acme/tiny/resolve/main/config.json': head({ 'x-repo-commit': COMMIT, 'content-length': '600' }),
    [`acme/tiny/resolve/${COMMIT}/onnx/model_int8.onnx`]: head({
      'x-linked-size': '5000',
      'x-linked-etag': `"${SHA256}"`,
      'content-length': '120',
    }),
  });
  expect(await list()).toEqual({
    commit: COMMIT,
    files: [
      { path: 'config.json', sizeBytes: 600 },
      { path: 'onnx/model_int8.onnx', sizeBytes: 5_000, sha256: SHA256 },
    ],
  });
  expect(asked.filter((each) => each.startsWith('HEAD') && each.includes('/main/'))).toEqual(['HEAD acme/tiny/resolve/main/config.json']);
});

test('a server that tells no commit is refused, unless the person names it', async () => {
  const config = head({ 'content-length': '600' });
  await expect(hub({ 'acme/tiny/resolve/main/config.json': config }).list()).rejects.toMatchObject({ code: 'invalid_request' });
  const named = await hub({ [`acme/tiny/resolve/${COMMIT}/config.json`]: config }).list(COMMIT);
  expect(named.commit).toBe(COMMIT);
});

test('a model that is not there, or is behind a sign-in, is unknown; a server that is down is not that', async () => {
  await expect(hub({}).list()).rejects.toMatchObject({ code: 'unknown_model' });
  const gated = () => new Response('Repository not found', { status: 401 });
  const closed = { 'api/models/acme/tiny/revision/main?blobs=true': gated, 'acme/tiny/resolve/main/config.json': gated };
  await expect(hub(closed).list()).rejects.toMatchObject({ code: 'unknown_model' });
  const fetcher: Fetcher = () => Promise.reject(new TypeError('Failed to fetch'));
  const down = createHubServer({ fetcher }).list(URL_OF_HUB, 'acme/tiny', 'main', new AbortController().signal);
  await expect(down).rejects.toMatchObject({ code: 'network_unavailable' });
});
