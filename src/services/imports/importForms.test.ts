import { beforeEach, describe, expect, it } from 'vitest';
import { queryDim } from '../../forge/llama.ts';
import { TINY } from '../../forge/testing/tinyLlama.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { fileOf, gpu, IMPORTED, ImportsFixture, never } from '../testing/importsFixture.ts';

const CHANNELS = TINY.layers * (2 * TINY.dim + queryDim(TINY) + TINY.hidden);

let world: ImportsFixture;

beforeEach(() => {
  world = new ImportsFixture();
});

describe('what a file that a person brings becomes', () => {
  it('has its worst matrices kept in a higher form where too much was lost, until it is faithful, and remembers which', async () => {
    world.scores = { q8: 2, int8: [2.4, 2.2, 2.08] };
    expect(await world.run()).toMatchObject({ role: 'active' });
    expect(world.made).toEqual(['q8', 'int8', 'int8', 'int8']);
    const [record] = (await world.imports.list()).finished;
    const { wider = [], tries = [], errors = [] } = record ?? {};
    expect(record?.scores.measured).toBe(2.08);
    expect(tries.map(({ measured }) => measured)).toEqual([2.4, 2.2]);
    expect(tries[0]?.wider).toEqual([]);
    expect(wider.length).toBeGreaterThan(tries[1]?.wider.length ?? 0);
    expect(errors.filter(({ error }) => error === 0).map(({ name }) => name)).toEqual(wider);
    const manifest = record && (await world.store.models.manifest(record.revision));
    expect(manifest?.provenance.conversion).toContain(wider[0]);
    // It takes more memory than was planned.
    const planned = (await world.imports.inspect({ files: [fileOf()] }, { signal: never })).fits.find(
      ({ variant }) => variant === 'int8-wasm',
    );
    expect(manifest?.variants[0]?.needs.memoryBytes).toBeGreaterThan(planned?.memoryBytes ?? Number.POSITIVE_INFINITY);
    // Nothing of the tries stays.
    const kept = manifest?.files.flatMap(({ chunks }) => chunks.map(({ digest }) => digest)) ?? [];
    expect(new Set((await world.store.chunks.list()).map(({ digest }) => digest))).toEqual(new Set(kept));
  });

  it('has its channels evened by how loud they are in what it is held against, also when it goes on elsewhere', async () => {
    world.loudness = new Float32Array(CHANNELS).fill(1).fill(300, 0, 1);
    world.dieMaking('int8');
    await expect(world.run()).rejects.toMatchObject({ code: 'worker_lost' });
    world.mend();
    [world.made, world.loudness] = [[], undefined];
    await world.imports.resume(IMPORTED, { signal: never });
    expect(world.made).toEqual(['int8']);
    const [record] = (await world.imports.list()).finished;
    expect(record).toMatchObject({ recipe: 'gguf-6', evened: true, scores: { measured: 2.05 } });
    const even = record && (await world.store.models.manifest(record.revision));
    expect(even?.provenance.conversion).toBe('Rewritten to int8 on this device (gguf-6 evened).');
    // Another revision than without, with a graph of the same bytes.
    await world.run();
    const active = (await world.store.models.slots(IMPORTED))?.candidate;
    const plain = active && (await world.store.models.manifest(active.revision));
    const digestOf = (manifest: typeof even, end: string) => manifest?.files.find(({ path }) => path.endsWith(end))?.chunks[0]?.digest;
    expect(digestOf(even, '.onnx')).toBe(digestOf(plain, '.onnx'));
    expect(digestOf(even, '.onnx_data')).not.toBe(digestOf(plain, '.onnx_data'));
  });

  it('is made without them evened where that loses too much, also with its worst matrices kept higher', async () => {
    world.loudness = new Float32Array(CHANNELS).fill(1).fill(300, 0, 1);
    world.scores = { q8: 2, int8: [2.5, 2.49, 2.05] };
    await world.run();
    expect(world.made).toEqual(['q8', 'int8', 'int8', 'int8']);
    const [record] = (await world.imports.list()).finished;
    expect(record?.evened).toBeUndefined();
    expect(record?.wider).toBeUndefined();
    expect(record?.tries).toEqual([
      { wider: [], measured: 2.5, evened: true },
      { wider: [expect.any(String)], measured: 2.49, evened: true },
    ]);
  });

  it('has its channels evened where another form of it was refused, by listening to itself', async () => {
    world.webgpu = gpu(false);
    world.loudness = new Float32Array(CHANNELS).fill(1).fill(300, 0, 1);
    world.scores = { q8: 2, q4: 3, int8: 2.05 };
    await world.imports.run({ files: [fileOf()] }, { signal: never, variant: 'q4-webgpu' });
    expect(world.made.filter((dtype) => dtype !== 'q4')).toEqual(['q8', 'int8', 'int8']);
    expect((await world.imports.list()).finished[0]).toMatchObject({ variant: 'int8-wasm', evened: true });
  });

  it('has the tokens measured that harm others, and names those in its manifest that do', async () => {
    const sinksOfManifest = async () => {
      await world.run();
      const active = (await world.store.models.slots(IMPORTED))?.active;
      return active && (await world.store.models.manifest(active.revision))?.sinkTokens;
    };
    world.harms = [1, 2, 3, 4, 5].map((id) => ({ id, nats: id === 5 ? 0.2 : 0.004 }));
    // Beginning and end in any case; the line break is not, which the rule without a measurement would have had.
    expect(await sinksOfManifest()).toEqual([1, 2, 5]);
    // Its score is of a prompt that is cut there.
    expect(world.readAs).toEqual({ sinkTokens: [1, 2, 5] });
  });

  it('becomes the other form where the first one is refused, against the same reference, and remembers why', async () => {
    world.webgpu = gpu(false);
    world.scores = { q8: 2, q4: 3, int8: 2.05 };
    expect(await world.imports.run({ files: [fileOf()] }, { signal: never, variant: 'q4-webgpu' })).toMatchObject({ role: 'active' });
    expect(world.made.filter((dtype) => dtype === 'q8')).toHaveLength(1);
    const [record] = (await world.imports.list()).finished;
    expect(record).toMatchObject({
      variant: 'int8-wasm',
      scores: { reference: 2, measured: 2.05 },
      refused: [{ variant: 'q4-webgpu', scores: { reference: 2, measured: 3, bound: 0.15 } }],
    });
    world.scores = { q8: 2, q4: 3, int8: 2.5 };
    const again = world.imports.run({ files: [fileOf('other.gguf')] }, { signal: never, variant: 'q4-webgpu' });
    await expect(again).rejects.toMatchObject({
      code: 'revision_refused',
      message: expect.stringMatching(/^As q4-webgpu it needs 3.000 .* as int8-wasm/),
    });
    expect((await world.imports.list()).unfinished).toEqual([]);
  });

  it('becomes 16 bits where 4 lose too much on a graphics processor that computes so, and 8 where those lose too much as well', async () => {
    world.webgpu = gpu(true);
    world.scores = { q8: 2, q4: 3, fp16: 2.01 };
    expect(await world.run()).toMatchObject({ role: 'active' });
    // First with its worst matrices in 8 bits.
    expect(world.made).toEqual(['q8', 'q4', 'q4', 'fp16']);
    const [record] = (await world.imports.list()).finished;
    expect(record).toMatchObject({
      variant: 'fp16-webgpu',
      scores: { reference: 2, measured: 2.01, bound: 0.05 },
      refused: [{ variant: 'q4-webgpu', scores: { measured: 3 } }],
    });
    const manifest = record && (await world.store.models.manifest(record.revision));
    expect(manifest?.provenance.conversion).toMatch(/^Rewritten to fp16 on this device/);

    world.scores = { q8: 2, q4: 3, fp16: Number.NaN, int8: 2.05 };
    await world.run(fileOf('other.gguf'));
    const [other] = (await world.imports.list()).finished;
    expect(other?.variant).toBe('int8-wasm');
    expect(other?.refused?.map(({ variant }) => variant)).toEqual(['q4-webgpu', 'fp16-webgpu']);

    // Nobody asked for more memory than models may take.
    world.budget = { bytes: 2 ** 20, reason: 'device', isFirm: false };
    await world.run(fileOf('third.gguf'));
    const [third] = (await world.imports.list()).finished;
    expect(third?.variant).toBe('int8-wasm');
    expect(third?.refused?.map(({ variant }) => variant)).toEqual(['q4-webgpu']);
  });

  it('is refused before it is made in a form that takes more than somebody lets models take', async () => {
    world.budget = { bytes: 2 ** 20, reason: 'chosen', isFirm: true };
    await expect(world.run()).rejects.toMatchObject({ code: 'model_too_large', details: { id: IMPORTED, budgetBytes: 2 ** 20 } });
    expect(world.made).toEqual([]);
    await world.expectNothingLeft();
  });

  it('is refused before anything is made where what it is held against has no room in memory, and says so of each form', async () => {
    world.webgpu = gpu(true);
    world.takes = { q8: 2 ** 32 + 1 };
    const { fits } = await world.imports.inspect({ files: [fileOf()] }, { signal: never });
    expect(fits.map(({ verdict, reasons }) => [verdict, reasons])).toEqual(fits.map(() => ['no', ['reference-memory']]));
    expect(fits.every(({ choice }) => choice === undefined)).toBe(true);
    await expect(world.run()).rejects.toMatchObject({
      code: 'unsupported_device',
      message: expect.stringContaining('WebAssembly (4 GiB)'),
    });
    expect(world.made).toEqual([]);
    await world.expectNothingLeft();

    world.takes = { q8: 2 ** 32, int8: 2 ** 32 + 1 };
    const { fits: others } = await world.imports.inspect({ files: [fileOf()] }, { signal: never });
    expect(others.filter(({ verdict }) => verdict === 'no').map(({ variant, reasons }) => [variant, reasons])).toEqual([
      ['int8-wasm', ['wasm-memory']],
    ]);
  });

  it('becomes 16 bits where somebody asks for them, and only where they were tested to be right', async () => {
    world.webgpu = gpu(true);
    world.scores = { q8: 2, fp16: 2 };
    const asked = { signal: never, variant: 'fp16-webgpu' };
    expect((await world.imports.inspect({ files: [fileOf()] }, { signal: never })).fits[0]?.variant).toBe('q4-webgpu');
    await world.imports.run({ files: [fileOf()] }, asked);
    expect((await world.imports.list()).finished[0]?.variant).toBe('fp16-webgpu');

    world.halves = { verdict: 'wrong', output: 'matmul', worstError: 1 };
    world.store = createMemoryStore();
    world.imports = world.open();
    await expect(world.imports.run({ files: [fileOf()] }, asked)).rejects.toMatchObject({
      code: 'unsupported_device',
      details: { reasons: ['gpu-wrong'] },
    });
    world.scores = { q8: 2, q4: 3, int8: 2.05 };
    await world.run();
    expect((await world.imports.list()).finished[0]?.variant).toBe('int8-wasm');

    world.webgpu = gpu(false);
    world.store = createMemoryStore();
    world.imports = world.open();
    await expect(world.imports.run({ files: [fileOf()] }, asked)).rejects.toMatchObject({ details: { reasons: ['needs-f16'] } });
  });
});
