import { beforeEach, describe, expect, it } from 'vitest';
import { type ErrorCode, SillError } from '../../core/errors.ts';
import { parseDigest } from '../../core/ids.ts';
import { IMPORT_TEXT } from '../../core/importGate.ts';
import { formKey, withoutChunks } from '../../core/madeForm.ts';
import { RECIPE } from '../../core/making.ts';
import { splitGguf } from '../../forge/gguf/testing/tinyGguf.ts';
import { FORGE_LOCK } from '../../protocol/locks.ts';
import { DELIVERED, FormsFixture } from '../testing/formsFixture.ts';
import { formReports } from './formReports.ts';
import { madeChunksOf } from './forms.ts';

const never = new AbortController().signal;
let world: FormsFixture;

beforeEach(async () => {
  world = await FormsFixture.begin();
});

describe('a form of what was delivered', () => {
  it('of an earlier version of the app goes before it is made anew, which every page is told of while a question waits', async () => {
    const delivered = await world.installed();
    const old = parseDigest(`sha256:${'e'.repeat(64)}`);
    await world.store.chunks.put(old, new Blob(['made by gguf-5']));
    const key = formKey(world.revision, delivered.variant.id).replace(RECIPE, 'gguf-5');
    await world.store.derived.put(
      { key, recipe: 'gguf-5', source: world.revision, result: old, sizeBytes: 14, usedAtMs: 1, chunks: [old] },
      new Blob(),
      0,
    );
    // Its room is there before the new one takes as much.
    let wasThere: boolean | undefined;
    world.onForm = () => void world.store.chunks.missing([old]).then((missing) => (wasThere ??= missing.length === 0));
    await world.forms.runnable(delivered, never);
    expect(wasThere).toBe(false);
    expect((await world.store.derived.list()).map((row) => row.key)).toEqual([formKey(world.revision, delivered.variant.id)]);
    const phases = world.told.map(({ progress }) => progress?.phase);
    expect(phases[0]).toBe('looking');
    expect([...new Set(phases)]).toEqual(['looking', 'reference', 'scoring', 'transcoding', undefined]);
    expect(world.told.every(({ id }) => id === DELIVERED)).toBe(true);
    const rewritten = world.told.findLast(({ progress }) => progress?.phase === 'transcoding')?.progress;
    expect(rewritten?.doneBytes).toBe(rewritten?.totalBytes);
    expect(rewritten?.totalBytes).toBeGreaterThan(0);
    // What is here is not made, and nothing is told of it.
    world.told = [];
    await world.forms.runnable(delivered, never);
    expect(world.told).toEqual([]);
  });

  it('that another one has to be made before is told to wait for it', async () => {
    const delivered = await world.installed();
    let letGo: () => void = () => undefined;
    let ended = false;
    const other = world.locks.hold(FORGE_LOCK, () => new Promise<void>((resolve) => (letGo = resolve)));
    const running = world.forms.runnable(delivered, never).then(() => (ended = true));
    await expect
      .poll(() => world.told)
      .toEqual([{ type: 'making', id: DELIVERED, progress: { phase: 'waiting', doneBytes: 0, totalBytes: 0 } }]);
    expect(ended).toBe(false);
    letGo();
    await Promise.all([other, running]);
    expect(world.told.at(1)?.progress?.phase).toBe('looking');
    expect(world.told.at(-1)).toEqual({ type: 'making', id: DELIVERED });
  });

  it('that failed to be made is told to have ended', async () => {
    const delivered = await world.installed();
    world.onForm = () => {
      throw new SillError('worker_lost', 'As the test says.');
    };
    await expect(world.forms.runnable(delivered, never)).rejects.toMatchObject({ code: 'worker_lost' });
    expect(world.told.at(-1)).toEqual({ type: 'making', id: DELIVERED });
  });

  it('that was cut off goes on from where it was with the next question; one that failed leaves nothing', async () => {
    const delivered = await world.installed();
    const stored = async () => (await world.store.chunks.list()).length;
    const before = await stored();
    const failsIn = (dtype: string, code: ErrorCode) => {
      world.onForm = () => {
        if (world.made.at(-1) === dtype) throw new SillError(code, 'As the test says.');
      };
    };
    failsIn('int8', 'worker_lost');
    await expect(world.forms.runnable(delivered, never)).rejects.toMatchObject({ code: 'worker_lost' });
    world.made = [];
    failsIn('int8', 'out_of_memory');
    await expect(world.forms.runnable(delivered, never)).rejects.toMatchObject({ code: 'out_of_memory' });
    // What it is held against was made and scored before.
    expect(world.made).toEqual(['int8']);
    expect(await world.store.models.journal()).toEqual([]);
    await world.store.models.collectGarbage();
    expect(await stored()).toBe(before);
    world.made = [];
    world.onForm = () => undefined;
    await world.forms.runnable(delivered, never);
    expect(world.made[0]).toBe('q8');
    expect(await world.store.models.journal()).toEqual([]);
  });

  it('that was delivered in parts is the same as of the whole file, and is reported with all of them', async () => {
    await world.forms.runnable(await world.installed(), never);
    const { files } = await world.formOf();
    const parts = splitGguf('tiny', 'F32', 3);
    world = await FormsFixture.begin(parts);
    await world.forms.runnable(await world.installed(), never);
    expect((await world.formOf()).files).toEqual(files);
    const [report] = await formReports(world.store);
    const delivered = [...parts].map(([name, bytes]) => ({ name, sizeBytes: bytes.length }));
    expect(report?.source).toEqual({ kind: 'delivered', files: delivered });
    expect(report?.sha256).toEqual(world.manifest.files.map(({ chunks }) => chunks[0]?.digest.replace('sha256:', '')));
  });

  it('that was given up for its room is made again bit for bit, and is nothing to verify until then', async () => {
    world.loudness = 300;
    const delivered = await world.installed();
    await world.forms.runnable(delivered, never);
    const before = await world.formOf();
    const row = await world.store.derived.get(before.about?.key ?? '');
    if (!row) throw new Error('not made');
    await world.store.derived.put(withoutChunks(row.about), row.data, Number.POSITIVE_INFINITY);
    expect((await world.store.models.collectGarbage()).deletedChunks).toBe(new Set(row.about.chunks).size);
    expect(await madeChunksOf(world.store, { revision: world.revision, variant: delivered.variant.id })).toEqual([]);
    // How it came out is known still.
    expect(await formReports(world.store)).toHaveLength(1);
    world.loudness = 1;
    await world.forms.runnable(delivered, never);
    expect((await world.formOf()).files).toEqual(before.files);
    expect(await madeChunksOf(world.store, { revision: world.revision, variant: delivered.variant.id })).not.toEqual([]);
  });

  it('is reported as one of a file that somebody brought is, with what it is held against', async () => {
    world = await FormsFixture.begin('F32', { referenceScores: [{ variant: 'int8-wasm', metric: 'nll', value: 1.99, text: IMPORT_TEXT }] });
    expect(await formReports(world.store)).toEqual([]);
    const delivered = await world.installed();
    await world.forms.runnable(delivered, never);
    const [report, ...others] = await formReports(world.store);
    expect(others).toEqual([]);
    expect(report).toMatchObject({
      ...{ id: DELIVERED, revision: world.revision, variant: 'int8-wasm', recipe: RECIPE, stated: true, tookMs: 0, atMs: 5 },
      source: { kind: 'delivered', files: [{ name: 'tiny.gguf', sizeBytes: world.manifest.files[0]?.sizeBytes }] },
      scores: { reference: 1.99, measured: 2, bound: 0.1 },
      sha256: [world.manifest.files[0]?.chunks[0]?.digest.replace('sha256:', '')],
    });
    expect(report?.errors).toHaveLength(9);
    expect(report?.sizeBytes).toBe((await world.formOf()).about?.sizeBytes);
  });
});
