import { beforeEach, describe, expect, it } from 'vitest';
import { splitGguf, tinyGguf } from '../../forge/gguf/testing/tinyGguf.ts';
import type { Fetcher } from '../../ports/delivery.ts';
import type { FileImportProgress } from '../../protocol/importReports.ts';
import { IMPORTED, ImportsFixture, never } from '../testing/importsFixture.ts';

let world: ImportsFixture;

beforeEach(() => {
  world = new ImportsFixture();
});

const body = tinyGguf('F16');
const serving: Fetcher = async () => new Response(new Uint8Array(body), { headers: { 'content-length': String(body.length) } });

/** Of 5000 bytes 1000 come, and no more. */
const stalling: Fetcher = async (_url, init) => {
  const bytes = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(new Uint8Array(1000));
      init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason));
    },
  });
  return new Response(bytes, { headers: { 'content-length': '5000' } });
};
/** Begun, and left by a tab that died before the next one is open, to which the file comes slowly. */
const begunBefore = async (): Promise<void> => {
  world.imports = world.open(serving);
  world.dieMaking('int8');
  await expect(world.imports.run({ url: 'files/tiny.gguf' }, { signal: never })).rejects.toMatchObject({ code: 'worker_lost' });
  world.mend();
  for (const { revision } of await world.store.models.journal())
    await world.store.models.updateJournal(revision, ({ error: _error, ...entry }) => ({ ...entry, state: 'running' }));
  world.imports = world.open(stalling);
};
const unfinished = async () => (await world.imports.list()).unfinished;

describe('an address', () => {
  it('of the site itself is fetched and imported, and goes on by itself after a reload', async () => {
    world.imports = world.open(serving);
    world.dieMaking();
    await expect(world.imports.run({ url: 'files/tiny.gguf' }, { signal: never })).rejects.toMatchObject({ code: 'worker_lost' });
    world.mend();
    const [left] = await world.store.models.journal();
    // As a tab leaves it that dies.
    if (left) await world.store.models.updateJournal(left.revision, ({ error: _error, ...entry }) => ({ ...entry, state: 'running' }));
    world.imports = world.open(serving);
    world.imports.start();
    await expect.poll(async () => (await world.store.models.slots(IMPORTED))?.active).toBeDefined();
    expect((await world.imports.list()).finished).toMatchObject([
      { source: { kind: 'url', url: 'https://example.org/sill/files/tiny.gguf' } },
    ]);
    await expect.poll(() => world.disk.sizes).toEqual([]);
  });

  it('is fetched once to be looked at and imported, again when it is looked at again, and not while it is paused', async () => {
    let [fetches, lies] = [0, body];
    world.imports = world.open(async () => {
      fetches++;
      return new Response(new Uint8Array(lies));
    });
    const from = { url: 'files/tiny.gguf' };
    await world.imports.inspect(from, { signal: never });
    lies = tinyGguf('Q8_0');
    expect(await world.imports.inspect(from, { signal: never })).toMatchObject({ found: { types: { Q8_0: expect.any(Number) } } });
    expect(fetches).toBe(2);
    // The one that was looked at last.
    expect(world.disk.sizes).toEqual([lies.length]);
    world.onMaking = () => void world.imports.pause(IMPORTED);
    await expect(world.imports.run(from, { signal: never })).rejects.toMatchObject({ code: 'aborted' });
    world.onMaking = () => undefined;
    expect(world.disk.sizes).toEqual([lies.length]);
    await world.imports.resume(IMPORTED, { signal: never });
    expect(fetches).toBe(2);
    expect(world.disk.sizes).toEqual([]);
    await world.imports.run(from, { signal: never });
    expect(fetches).toBe(3);
    expect(world.disk.sizes).toEqual([]);
  });

  it('lies on the disk for no longer than it is needed: not when it is no model, is cancelled while it waits, or fails', async () => {
    let lies: Uint8Array<ArrayBuffer> = new Uint8Array(5000);
    world.imports = world.open(async () => new Response(lies));
    const from = { url: 'files/tiny.gguf' };
    await expect(world.imports.inspect(from, { signal: never })).rejects.toThrow();
    await expect(world.imports.run(from, { signal: never })).rejects.toThrow();
    expect(world.disk.sizes).toEqual([]);
    lies = new Uint8Array(body);
    world.onMaking = () => void world.imports.pause(IMPORTED);
    await expect(world.imports.run(from, { signal: never })).rejects.toMatchObject({ code: 'aborted' });
    expect(world.disk.sizes).toEqual([lies.length]);
    await world.imports.cancel(IMPORTED);
    expect(world.disk.sizes).toEqual([]);
    world.dieMaking();
    await expect(world.imports.run(from, { signal: never })).rejects.toMatchObject({ code: 'worker_lost' });
    expect(world.disk.sizes).toEqual([]);
  });

  it('where another file lies by now is not taken for the one that was begun, and is not said to be chosen', async () => {
    let lies = body;
    world.imports = world.open(async () => new Response(new Uint8Array(lies)));
    world.dieMaking();
    await expect(world.imports.run({ url: 'files/tiny.gguf' }, { signal: never })).rejects.toMatchObject({ code: 'worker_lost' });
    world.mend();
    lies = tinyGguf('Q8_0');
    const url = 'https://example.org/sill/files/tiny.gguf';
    await expect(world.imports.resume(IMPORTED, { signal: never })).rejects.toMatchObject({
      ...{ message: expect.stringContaining(url), details: { reason: 'unreadable', url } },
    });
    expect((await world.imports.list()).unfinished).toHaveLength(1);
  });

  it('of another site is refused before anything is fetched', async () => {
    await expect(world.imports.inspect({ url: 'https://elsewhere.org/tiny.gguf' }, { signal: never })).rejects.toMatchObject({
      ...{ code: 'source_not_allowed', details: { reason: 'other_site' } },
    });
    await expect(world.imports.run({ url: 'http://' }, { signal: never })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('that brings a web page is told of', async () => {
    world.imports = world.open(async () => new Response('<html>', { headers: { 'content-type': 'text/html' } }));
    await expect(world.imports.run({ url: 'files/tiny.gguf' }, { signal: never })).rejects.toMatchObject({
      ...{ code: 'chunk_unavailable', details: { reason: 'address' } },
    });
    await world.expectNothingLeft();
  });

  it('is told of while it is fetched to be looked at, and a person need not wait for its end', async () => {
    const stop = new AbortController();
    world.imports = world.open(stalling);
    const told: FileImportProgress[] = [];
    const looking = world.imports.inspect(
      { url: 'files/tiny.gguf' },
      {
        signal: stop.signal,
        onProgress(progress) {
          told.push(progress);
          stop.abort();
        },
      },
    );
    await expect(looking).rejects.toMatchObject({ code: 'aborted' });
    expect(told).toEqual([{ phase: 'fetching', doneBytes: 1000, totalBytes: 5000 }]);
    expect(world.disk.sizes).toEqual([]);
  });
});

describe('an address that is fetched again to go on', () => {
  const told = { phase: 'fetching', doneBytes: 1000, totalBytes: 5000 };

  it('is told of, and paused: it does not go on by itself then', async () => {
    await begunBefore();
    world.imports.start();
    await expect.poll(unfinished).toMatchObject([{ id: IMPORTED, state: 'running', progress: told }]);
    expect(await world.imports.pause(IMPORTED)).toBe(true);
    await expect.poll(unfinished).toMatchObject([{ state: 'paused' }]);
    expect((await world.store.models.journal()).map(({ state }) => state)).toEqual(['paused']);
    expect(world.disk.sizes).toEqual([]);
  });

  it('by a person who paused it is under way from then on: it goes on by itself where it is cut off before it was looked at', async () => {
    await begunBefore();
    world.imports.start();
    await expect.poll(unfinished).toMatchObject([{ progress: told }]);
    await world.imports.pause(IMPORTED);
    await expect.poll(unfinished).toMatchObject([{ state: 'paused' }]);
    const running = world.imports.resume(IMPORTED, { signal: never });
    await expect.poll(unfinished).toMatchObject([{ state: 'running', progress: told }]);
    expect((await world.store.models.journal()).map(({ state }) => state)).toEqual(['running']);
    await world.imports.pause(IMPORTED);
    await expect(running).rejects.toMatchObject({ code: 'aborted' });
    expect((await world.store.models.journal()).map(({ state }) => state)).toEqual(['paused']);
  });

  it('says why where it cannot be, and is tried again by itself', async () => {
    await begunBefore();
    world.imports = world.open();
    world.imports.start();
    await expect.poll(unfinished).toMatchObject([{ state: 'paused', error: { code: 'network_unavailable' } }]);
    expect((await world.store.models.journal()).map(({ state }) => state)).toEqual(['running']);
  });

  it('and cancelled meanwhile leaves nothing, also where it was looked at when it was', async () => {
    await begunBefore();
    world.imports.start();
    await expect.poll(unfinished).toMatchObject([{ progress: told }]);
    expect(await world.imports.cancel(IMPORTED)).toBe(true);
    await expect.poll(() => world.disk.sizes).toEqual([]);
    await world.expectNothingLeft();

    await begunBefore();
    world.imports = world.open(serving);
    const running = world.imports.resume(IMPORTED, {
      signal: never,
      onProgress: ({ phase }) => void (phase === 'looking' && world.imports.cancel(IMPORTED)),
    });
    await expect(running).rejects.toMatchObject({ code: 'aborted' });
    await world.expectNothingLeft();
  });

  it('for the first time, long after it was looked at, is told of and cancelled by the name that it will have', async () => {
    world.imports = world.open(stalling);
    const cancelled: Array<Promise<boolean>> = [];
    const running = world.imports.run(
      { url: 'files/tiny.gguf' },
      { signal: never, onProgress: () => void cancelled.push(world.imports.cancel(IMPORTED)) },
    );
    await expect(running).rejects.toMatchObject({ code: 'aborted' });
    expect(await Promise.all(cancelled)).toEqual([true]);
    expect(world.disk.sizes).toEqual([]);
    await world.expectNothingLeft();
  });
});

describe('the address of a part of a split file', () => {
  const parts = new Map([...splitGguf('tiny', 'F16', 2)].map(([name, bytes]) => [`/sill/files/${name}`, bytes]));
  const asked: string[] = [];
  const servingParts: Fetcher = async (url) => {
    const { pathname, search } = new URL(url);
    asked.push(pathname + search);
    const body = parts.get(pathname);
    return body ? new Response(body) : new Response(null, { status: 404 });
  };

  it('brings all of them, whichever it is', async () => {
    for (const name of ['files/tiny-00001-of-00002.gguf?key=1', 'files/tiny-00002-of-00002.gguf?key=1']) {
      world = new ImportsFixture();
      world.imports = world.open(servingParts);
      asked.length = 0;
      expect(await world.imports.inspect({ url: name }, { signal: never })).toMatchObject({ id: IMPORTED });
      expect(world.disk.sizes).toEqual([...parts.values()].map(({ length }) => length));
      expect(await world.imports.run({ url: name }, { signal: never })).toMatchObject({ id: IMPORTED, role: 'active' });
      // Once, in their order.
      expect(asked).toEqual([...parts.keys()].map((path) => `${path}?key=1`));
      expect(world.disk.sizes).toEqual([]);
    }
  });

  it('where another one does not lie leaves nothing of those that came', async () => {
    world.imports = world.open(servingParts);
    await expect(world.imports.run({ url: 'files/tiny-00001-of-00003.gguf' }, { signal: never })).rejects.toMatchObject({
      details: { reason: 'address', status: 404 },
    });
    expect(world.disk.sizes).toEqual([]);
    await world.expectNothingLeft();
  });
});
