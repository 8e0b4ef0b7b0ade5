import { beforeEach, describe, expect, it } from 'vitest';
import { parseDigest, parseRevisionId } from '../../core/ids.ts';
import { unreadable } from '../../core/importing.ts';
import { isImport } from '../../core/journal.ts';
import { tinyGguf } from '../../forge/gguf/testing/tinyGguf.ts';
import type { Fetcher } from '../../ports/delivery.ts';
import { fileOf, IMPORTED, ImportsFixture, never } from '../testing/importsFixture.ts';

let world: ImportsFixture;
const serving: Fetcher = async () => new Response(new Uint8Array(tinyGguf('F16')));

beforeEach(() => {
  world = new ImportsFixture();
});

describe('a file that a person brings', () => {
  it('is told of before anything is written', async () => {
    const inspection = await world.imports.inspect({ files: [fileOf()] }, { signal: never });
    expect(inspection).toMatchObject({ id: IMPORTED, installed: false, found: { architecture: 'llama' } });
    // Not the form that others are held against.
    expect(inspection.fits.map(({ variant }) => variant)).toEqual(['int8-wasm', 'q4-webgpu', 'fp16-webgpu']);
    await world.expectNothingLeft();
  });

  it('becomes a model whose origin is recorded, with how it came out', async () => {
    expect(await world.run()).toEqual({ id: IMPORTED, role: 'active' });
    expect(world.made).toEqual(['q8', 'int8']);
    const [record] = (await world.imports.list()).finished;
    expect(record).toMatchObject({ id: IMPORTED, variant: 'int8-wasm', scores: { reference: 2, measured: 2.05, bound: 0.1 } });
    expect(record?.errors).toHaveLength(9);
    const manifest = record && (await world.store.models.manifest(record.revision));
    expect(manifest?.provenance).toMatchObject({ source: 'file: tiny.gguf', integrity: `sha256:${record?.sha256[0]}` });
    // Nothing of the reference stays.
    const kept = manifest?.files.flatMap(({ chunks }) => chunks.map(({ digest }) => digest)) ?? [];
    expect(new Set((await world.store.chunks.list()).map(({ digest }) => digest))).toEqual(new Set(kept));
  });

  it('is the same revision when it is brought again, and another one beside it where it is another', async () => {
    await world.run();
    const first = (await world.store.models.slots(IMPORTED))?.active?.revision;
    expect(await world.run()).toMatchObject({ role: 'active' });
    expect((await world.store.models.slots(IMPORTED))?.active?.revision).toBe(first);
    expect(await world.run(fileOf('tiny.gguf', 'Q8_0'))).toMatchObject({ role: 'candidate' });
  });

  it('is refused where too much was lost, or it scores no number, and leaves nothing', async () => {
    for (const int8 of [2.2, Number.NaN]) {
      world.scores = { q8: 2, int8 };
      await expect(world.run()).rejects.toMatchObject({ code: 'revision_refused', details: { reference: 2, bound: 0.1 } });
      await world.expectNothingLeft();
    }
  });

  it.each(['quota_exceeded', 'out_of_memory', 'internal'] as const)('leaves nothing when it fails (%s)', async (code) => {
    world.failing = code;
    await expect(world.run()).rejects.toMatchObject({ code, details: { nothingKept: true } });
    await world.expectNothingLeft();
  });

  it('goes on where it was when its worker died, and does not make the reference again', async () => {
    world.dieMaking('int8');
    await expect(world.run()).rejects.toMatchObject({ code: 'worker_lost', details: expect.not.objectContaining({ nothingKept: true }) });
    const failed = { id: IMPORTED, state: 'failed', error: { code: 'worker_lost' } };
    expect((await world.imports.list()).unfinished).toMatchObject([{ ...failed, goesOn: 'now' }]);
    // After a reload that says as much of why, and needs its file.
    expect((await world.open().list()).unfinished).toMatchObject([{ ...failed, goesOn: 'file' }]);
    world.mend();
    world.made = [];
    await world.imports.resume(IMPORTED, { signal: never });
    expect(world.made).toEqual(['int8']);
    expect((await world.store.models.slots(IMPORTED))?.active).toBeDefined();
  });

  it('keeps what was made where the graphics processor was taken away while it was scored, and nothing where it cannot be run', async () => {
    world.unrunnable = { int8: 'device_lost' };
    await expect(world.run()).rejects.toMatchObject({ code: 'device_lost', details: { nothingKept: false } });
    const error = { code: 'device_lost', details: { nothingKept: false } };
    expect((await world.imports.list()).unfinished).toMatchObject([{ state: 'failed', goesOn: 'now', error }]);
    world.mend();
    world.made = [];
    await world.imports.resume(IMPORTED, { signal: never });
    expect(world.made).not.toContain('q8');
    world.unrunnable = { int8: 'runtime_failed' };
    const before = (await world.store.chunks.list()).length;
    await expect(world.run(fileOf('third.gguf', 'Q8_0'))).rejects.toMatchObject({ code: 'runtime_failed', details: { nothingKept: true } });
    expect((await world.imports.list()).unfinished).toEqual([]);
    expect(await world.store.chunks.list()).toHaveLength(before);
  });

  it('is asked for again where it was changed or taken away meanwhile', async () => {
    const file = fileOf();
    world.onMaking = () => {
      file.arrayBuffer = () => Promise.reject(unreadable(undefined));
    };
    await expect(world.run(file)).rejects.toMatchObject({ details: { reason: 'unreadable' } });
    expect((await world.imports.list()).unfinished).toMatchObject([{ state: 'failed', goesOn: 'file' }]);
    world.mend();
    expect(await world.run()).toMatchObject({ role: 'active' });
  });

  it('is paused and goes on, here without its file, elsewhere with it', async () => {
    world.onMaking = () => void world.imports.pause(IMPORTED);
    await expect(world.run()).rejects.toMatchObject({ code: 'aborted' });
    world.onMaking = () => undefined;
    expect((await world.imports.list()).unfinished).toMatchObject([{ state: 'paused', goesOn: 'now' }]);
    const later = world.open();
    expect((await later.list()).unfinished).toMatchObject([{ state: 'paused', goesOn: 'file' }]);
    await expect(later.resume(IMPORTED, { signal: never })).rejects.toMatchObject({ details: { reason: 'needs_file' } });
    const same = await later.inspect({ files: [fileOf()] }, { signal: never });
    expect(same).toMatchObject({ unfinished: { variant: 'int8-wasm' } });
    expect(same).not.toHaveProperty('displaces');
    const other = await later.inspect({ files: [fileOf('tiny.gguf', 'Q8_0')] }, { signal: never });
    expect(other).not.toHaveProperty('unfinished');
    expect(other).toMatchObject({ displaces: { source: { files: [{ name: 'tiny.gguf', sizeBytes: fileOf().size }] } } });
    await world.imports.resume(IMPORTED, { signal: never });
    expect((await world.imports.list()).unfinished).toEqual([]);
  });

  it('goes on by itself after a reload, where the browser remembers where it lies and may read it', async () => {
    // A browser can store its handles; a test's are objects with functions.
    const settings = new Map<string, unknown>();
    world.store = {
      ...world.store,
      settings: {
        get: async (key) => settings.get(key),
        set: async (key, value) => void settings.set(key, value),
        delete: async (key) => void settings.delete(key),
      },
    };
    world.imports = world.open();
    let lies = fileOf();
    const handle = { kind: 'file', name: 'tiny.gguf', getFile: async () => lies, queryPermission: async () => allowed } as const;
    let allowed: 'granted' | 'prompt' = 'granted';
    const cutOff = async () => {
      world.onMaking = (dtype) => void (dtype === 'int8' && world.imports.pause(IMPORTED));
      await expect(world.imports.run({ files: [lies], handles: [handle] }, { signal: never })).rejects.toMatchObject({ code: 'aborted' });
      world.onMaking = () => undefined;
      // As a tab leaves it that dies.
      for (const { revision } of await world.store.models.journal())
        await world.store.models.updateJournal(revision, (entry) => ({ ...entry, state: 'running' }));
    };
    await cutOff();
    allowed = 'prompt';
    world.imports = world.open();
    world.imports.start();
    expect((await world.imports.list()).unfinished).toMatchObject([{ state: 'paused', goesOn: 'permission' }]);
    expect(await world.imports.handles(IMPORTED)).toEqual([handle]);
    await expect(world.imports.resume(IMPORTED, { signal: never })).rejects.toMatchObject({ details: { reason: 'needs_file' } });

    allowed = 'granted';
    lies = fileOf('tiny.gguf', 'Q8_0');
    await expect(world.imports.resume(IMPORTED, { signal: never })).rejects.toMatchObject({ details: { reason: 'unreadable' } });
    expect((await world.imports.list()).unfinished).toHaveLength(1);

    lies = fileOf();
    world.made = [];
    world.imports = world.open();
    world.imports.start();
    await expect.poll(async () => (await world.store.models.slots(IMPORTED))?.active).toBeDefined();
    expect(world.made).toEqual(['int8']);
    expect(await world.imports.handles(IMPORTED)).toEqual([]);
  });

  it.each(['q8', 'int8'])('that was cut off in its %s under an earlier version of the app begins anew by itself', async (dtype) => {
    world.imports = world.open(serving);
    world.dieMaking(dtype);
    await expect(world.imports.run({ url: 'files/tiny.gguf' }, { signal: never })).rejects.toMatchObject({ code: 'worker_lost' });
    world.mend();
    // As that version wrote it: under the name of its own recipe, with chunks that this one does not make.
    const old = parseDigest(`sha256:${'e'.repeat(64)}`);
    await world.store.chunks.put(old, new Blob(['made by an earlier version']));
    for (const { error: _error, ...entry } of (await world.store.models.journal()).filter(isImport)) {
      await world.store.models.abandonInstall(entry.revision);
      const files = entry.making.files.map((file) => ({ ...file, path: `old-${file.path}`, chunks: [{ digest: old, sizeBytes: 26 }] }));
      const making = { ...entry.making, recipe: 'gguf-5', files };
      await world.store.models.beginAdoption({ ...entry, revision: parseRevisionId(old), state: 'running', making });
    }
    world.made = [];
    const stored = async () => (await world.store.chunks.list()).map(({ digest }) => digest);
    let wasThere: boolean | undefined;
    world.onMaking = () => void stored().then((all) => (wasThere ??= all.includes(old)));
    world.imports = world.open(serving);
    world.imports.start();
    await expect.poll(async () => (await world.store.models.slots(IMPORTED))?.active).toBeDefined();
    expect(world.made).toEqual(['q8', 'int8']);
    expect((await world.imports.list()).unfinished).toEqual([]);
    // What the other had made went before this one took as much room.
    expect(wasThere).toBe(false);
  });

  it('needs room for the form that it is held against as well, and is refused before anything is made', async () => {
    const { found, fits } = await world.imports.inspect({ files: [fileOf()] }, { signal: never });
    const own = fits.find(({ variant }) => variant === 'int8-wasm');
    const [sizeBytes, moreBytes] = [own?.sizeBytes ?? 0, own?.madeBytes ?? 0];
    expect(found.forms.map(({ variant }) => variant.id)).not.toContain('q8-wasm');
    expect(moreBytes).toBeGreaterThan(0);
    world.room = { quotaBytes: 1000 + sizeBytes + moreBytes - 1, usageBytes: 1000 };
    await expect(world.run()).rejects.toMatchObject({ code: 'quota_exceeded', details: { neededBytes: sizeBytes + moreBytes } });
    expect(world.made).toEqual([]);
    await world.expectNothingLeft();
    world.room = { quotaBytes: 1000 + sizeBytes + moreBytes, usageBytes: 1000 };
    world.dieMaking('int8');
    await expect(world.run()).rejects.toMatchObject({ code: 'worker_lost' });
    world.mend();
    // It is held against a number by now, and what is here of it needs no more room.
    const here = (await world.store.chunks.list()).reduce((sum, chunk) => sum + chunk.sizeBytes, 0);
    world.room = { quotaBytes: 1000 + sizeBytes, usageBytes: 1000 + here };
    await world.imports.resume(IMPORTED, { signal: never });
    expect((await world.store.models.slots(IMPORTED))?.active).toBeDefined();
  });

  it('is cancelled while it is made, and leaves nothing', async () => {
    const cancelled: Array<Promise<boolean>> = [];
    world.onMaking = () => void cancelled.push(world.imports.cancel(IMPORTED));
    await expect(world.run()).rejects.toMatchObject({ code: 'aborted' });
    expect((await Promise.all(cancelled)).at(0)).toBe(true);
    await world.expectNothingLeft();
    expect(await world.imports.cancel(IMPORTED)).toBe(false);
  });

  it('waits for no other: one is made at a time', async () => {
    const both = await Promise.allSettled([world.run(), world.run(fileOf('other.gguf'))]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'busy', details: { import: 'running' } } });
  });
});
