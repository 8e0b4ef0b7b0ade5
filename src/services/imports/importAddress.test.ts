import { beforeEach, describe, expect, it } from 'vitest';
import { tinyGguf } from '../../forge/gguf/testing/tinyGguf.ts';
import type { Fetcher } from '../../ports/delivery.ts';
import { IMPORTED, ImportsFixture, never } from '../testing/importsFixture.ts';

let world: ImportsFixture;

beforeEach(() => {
  world = new ImportsFixture();
});

describe('an address', () => {
  const body = tinyGguf('F16');
  const serving: Fetcher = async () => new Response(new Uint8Array(body), { headers: { 'content-length': String(body.length) } });

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
      code: 'source_not_allowed',
    });
    await expect(world.imports.run({ url: 'http://' }, { signal: never })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('that brings a web page is told of', async () => {
    world.imports = world.open(async () => new Response('<html>', { headers: { 'content-type': 'text/html' } }));
    await expect(world.imports.run({ url: 'files/tiny.gguf' }, { signal: never })).rejects.toMatchObject({ code: 'chunk_unavailable' });
    await world.expectNothingLeft();
  });
});
