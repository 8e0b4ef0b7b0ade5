import { beforeEach, describe, expect, it } from 'vitest';
import { IMPORT_TEXT } from '../../core/importGate.ts';
import { fromBase64 } from '../ownData/base64.ts';
import { FORMS, FormsFixture } from '../testing/formsFixture.ts';

const never = new AbortController().signal;
let world: FormsFixture;

beforeEach(async () => {
  world = await FormsFixture.begin();
});

describe('a form of what was delivered', () => {
  it.each(FORMS)(
    'with its worst matrices kept higher is made again bit for bit where it was lost, as $dtype',
    async ({ dtype, device }) => {
      const delivered = await world.installed(`${dtype}-${device}`);
      // Too much is lost twice, before it is faithful.
      world.scores = [3, 2.5, 2];
      const first = await world.forms.runnable(delivered, never);
      const before = await world.formOf();
      expect(world.made).toEqual(['q8', dtype, dtype, dtype]);
      expect(before.form?.wider?.length).toBeGreaterThan(1);
      expect(before.form?.tries).toHaveLength(2);
      expect(before.about?.recipe).toBe(`gguf-6 wider:${before.form?.wider?.join(',')}`);
      // Everything that was made goes, as a browser does that needs the room; that it was made so is known still.
      await world.store.chunks.delete(before.about?.chunks ?? []);
      world.made = [];
      const again = await world.forms.runnable(delivered, never);
      // At once as it was in the end: no try is made again.
      expect(world.made).toEqual(['q8', dtype]);
      const after = await world.formOf();
      expect(after.files).toEqual(before.files);
      expect(after.form?.wider).toEqual(before.form?.wider);
      expect(after.about?.chunks).toEqual(before.about?.chunks);
      expect(again).toEqual(first);
      // Another form than without.
      await world.store.derived.delete(after.about?.key ?? '');
      await world.forms.runnable(delivered, never);
      const plain = await world.formOf();
      expect(plain.form?.wider).toBeUndefined();
      const weights = (files: typeof before.files) => files.find(([path]) => path.endsWith('.onnx_data'))?.[1];
      expect(weights(plain.files)).toBeDefined();
      expect(weights(plain.files)).not.toBe(weights(before.files));
    },
  );

  it('is made again bit for bit with its channels evened, whatever is measured then', async () => {
    world.loudness = 300;
    const delivered = await world.installed();
    await world.forms.runnable(delivered, never);
    const before = await world.formOf();
    expect(world.made).toEqual(['q8', 'int8']);
    expect(before.about?.recipe).toBe('gguf-6 evened');
    await world.store.chunks.delete(before.about?.chunks ?? []);
    world.loudness = 1;
    await world.forms.runnable(delivered, never);
    const after = await world.formOf();
    expect(after.files).toEqual(before.files);
    expect(after.form?.evened).toBe(before.form?.evened);
    // Another form than by what is heard now, or without.
    const weights = (files: typeof before.files) => files.find(([path]) => path.endsWith('.onnx_data'))?.[1];
    for (const heard of [1, undefined]) {
      await world.store.derived.delete(after.about?.key ?? '');
      world.loudness = heard;
      await world.forms.runnable(delivered, never);
      expect(weights((await world.formOf()).files)).not.toBe(weights(before.files));
    }
  });

  it('whose publisher states a score is listened to itself, is made again by what was heard, and goes on with that where it was cut off', async () => {
    world = await FormsFixture.begin('F32', { referenceScores: [{ variant: 'int8-wasm', metric: 'nll', value: 2, text: IMPORT_TEXT }] });
    world.loudness = 300;
    const delivered = await world.installed();
    const cut = new AbortController();
    world.onForm = () => {
      if (world.made.length === 2) cut.abort(new DOMException('cut off', 'AbortError'));
    };
    await expect(world.forms.runnable(delivered, cut.signal)).rejects.toThrow();
    world.onForm = () => undefined;
    world.loudness = 1;
    await world.forms.runnable(delivered, never);
    expect(world.made).toEqual(['int8', 'int8', 'int8']);
    const before = await world.formOf();
    expect(before.about?.recipe).toBe('gguf-6 evened');
    expect((await world.store.chunks.list()).map(({ digest }) => digest).sort()).toEqual(
      [
        ...new Set([...(before.about?.chunks ?? []), ...world.manifest.files.flatMap(({ chunks }) => chunks.map(({ digest }) => digest))]),
      ].sort(),
    );
    // What is named is what was heard before it was cut off: the first channel stands out.
    const [first = 0, second = 0] = fromBase64(before.form?.evened ?? '');
    expect(first).toBeGreaterThan(second + 8);
    await world.store.chunks.delete(before.about?.chunks ?? []);
    world.made = [];
    await world.forms.runnable(delivered, never);
    expect(world.made).toEqual(['int8']);
    expect((await world.formOf()).files).toEqual(before.files);
  });

  it('is made as it was before where its channels are evened and too much is lost, and so again', async () => {
    world.loudness = 300;
    world.scores = [3, 2.99, 2];
    const delivered = await world.installed();
    await world.forms.runnable(delivered, never);
    const before = await world.formOf();
    expect(world.made).toEqual(['q8', 'int8', 'int8', 'int8']);
    expect(before.about?.recipe).toBe('gguf-6');
    expect(before.form).toMatchObject({
      scores: { measured: 2 },
      tries: [
        { measured: 3, evened: true },
        { measured: 2.99, evened: true },
      ],
    });
    expect(before.form?.wider).toBeUndefined();
    await world.store.chunks.delete(before.about?.chunks ?? []);
    world.made = [];
    await world.forms.runnable(delivered, never);
    expect(world.made).toEqual(['q8', 'int8']);
    expect((await world.formOf()).files).toEqual(before.files);
  });

  it('in 16 bits, of a file of 16 bits, is kept higher where its sums lose too much: its weights lost nothing', async () => {
    world = await FormsFixture.begin('F16');
    world.scores = [3, 2.5, 2];
    await world.forms.runnable(await world.installed('fp16-webgpu'), never);
    const { form } = await world.formOf();
    expect(world.made).toEqual(['q8', 'fp16', 'fp16', 'fp16']);
    expect(form?.errors.every(({ name, error }) => error === 0 || form.wider?.includes(name))).toBe(true);
    expect(form?.wider?.length).toBeGreaterThan(1);
    expect(form?.wider?.every((name) => name.endsWith('down_proj') || name.endsWith('o_proj'))).toBe(true);
  });
});
