import { afterEach, expect, test, vi } from 'vitest';
import { RUNTIME_CACHE, SHELL_CACHE_PREFIX } from '../protocol/caches.ts';
import { memorySettings } from '../storage/memorySettings.ts';
import { createKeptFiles } from './keptFiles.ts';

const APP = 'https://here.example/sill/';

/** What a browser keeps, and how often a file was asked for. */
function keptBy(files: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const match = vi.fn(async (cache: string, { url }: Request): Promise<Response | undefined> => new Response(files[cache]?.[url]));
  vi.stubGlobal('caches', {
    keys: async () => Object.keys(files),
    open: async (name: string) => ({
      keys: async () => Object.keys(files[name] ?? {}).map((url) => new Request(url)),
      match: (request: Request) => match(name, request),
    }),
  });
  return match;
}

afterEach(() => vi.unstubAllGlobals());

test('each file of this app is measured once, over all starts, and another app’s not at all', async () => {
  const settings = memorySettings();
  const shell = `${SHELL_CACHE_PREFIX}precache`;
  const files = {
    [RUNTIME_CACHE]: { [`${APP}assets/ort-1.wasm`]: '12345' },
    [shell]: { [`${APP}index.html?r=1`]: '123', [`${APP}app-1.js`]: '1234', 'https://here.example/other/app.js': '123456789' },
    theirs: { [`${APP}their.js`]: '1' },
  };
  const first = keptBy(files);
  const kept = createKeptFiles(APP, settings);
  expect(await Promise.all([kept.runtimeBytes(), kept.shellBytes()])).toEqual([5, 7]);
  expect(await kept.shellBytes()).toBe(7);
  expect(first).toHaveBeenCalledTimes(3);

  const after = keptBy({ ...files, [shell]: { [`${APP}index.html?r=2`]: '12', [`${APP}app-1.js`]: '1234' } });
  const next = createKeptFiles(APP, settings);
  expect(await Promise.all([next.runtimeBytes(), next.shellBytes()])).toEqual([5, 6]);
  expect(after.mock.calls.map(([, { url }]) => url)).toEqual([`${APP}index.html?r=2`]);
});

test('a file that goes away while it is measured is not remembered as empty', async () => {
  const settings = memorySettings();
  const match = keptBy({ [RUNTIME_CACHE]: { [`${APP}ort.wasm`]: '12345' } });
  match.mockResolvedValueOnce(undefined);
  const kept = createKeptFiles(APP, settings);
  expect([await kept.runtimeBytes(), await kept.runtimeBytes()]).toEqual([0, 5]);
});

test('what was remembered otherwise, and a device that remembers nothing, cost a measurement and no more', async () => {
  const refuse = () => Promise.reject(new Error('refused'));
  const match = keptBy({ [RUNTIME_CACHE]: { [`${APP}ort.wasm`]: '12345' } });
  const settings = memorySettings();
  await settings.set('kept-files:runtime', { [`${APP}ort.wasm`]: 'many' });
  expect(await createKeptFiles(APP, settings).runtimeBytes()).toBe(5);
  expect(await createKeptFiles(APP, { get: refuse, set: refuse }).runtimeBytes()).toBe(5);
  expect(match).toHaveBeenCalledTimes(2);
});
