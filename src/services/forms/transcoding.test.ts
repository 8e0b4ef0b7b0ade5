import { webcrypto } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FileCutter, stretchesOf } from '../../core/chunking.ts';
import { parseModelId, parseRevisionId, parseVariantId } from '../../core/ids.ts';
import { describeImport } from '../../core/importing.ts';
import type { ImportEntry } from '../../core/journal.ts';
import { beginMaking } from '../../core/making.ts';
import { createDigests } from '../../delivery/digests.ts';
import { bytesOf } from '../../forge/externalData.ts';
import { readGguf } from '../../forge/gguf/readGguf.ts';
import { tinyGguf } from '../../forge/gguf/testing/tinyGguf.ts';
import { madeOf } from '../../forge/testing/made.ts';
import { memorySource } from '../../forge/testing/tinyLlama.ts';
import { findInGguf, planTranscode, type TranscodePlan } from '../../forge/transcode/planTranscode.ts';
import type { Store } from '../../ports/store.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { type Maker, transcode } from './transcoding.ts';

const NAME = parseRevisionId(`sha256:${'a'.repeat(64)}`);
const digests = createDigests(webcrypto.subtle as SubtleCrypto);
const source = memorySource(tinyGguf('F16'));
const plan = planTranscode(readGguf([source]), { dtype: 'int8' });

async function begun(): Promise<Store> {
  const store = createMemoryStore();
  const found = findInGguf(readGguf([source]), source.sizeBytes, ['int8']);
  const [form] = found.forms;
  const entry: ImportEntry = {
    modelId: parseModelId('file:tiny'),
    revision: NAME,
    variant: parseVariantId('int8-wasm'),
    ...{ startedAtMs: 1, licenceAcceptedAtMs: 1, state: 'running', by: 'import', rank: 0 },
    importing: {
      source: { kind: 'files', files: [{ name: 'tiny.gguf', sizeBytes: source.sizeBytes }] },
      description: describeImport(found, { id: 'file:tiny', fileName: 'tiny.gguf', minimumRuntime: '0.1.0' }),
      fingerprint: 'f',
    },
    making: beginMaking(form?.files ?? []),
  };
  await store.models.beginAdoption(entry);
  return store;
}

const asked: number[] = [];
const makerOf =
  (from: TranscodePlan): Maker =>
  async (step, piece) => {
    asked.push(step);
    const made = from.weights.steps[step]?.make(piece) ?? { parts: [] };
    return { parts: made.parts.map((part) => new Uint8Array(bytesOf(part))), ...(made.error ? { error: made.error } : {}) };
  };

const run = (store: Store, makers: readonly Maker[] = [makerOf(plan), makerOf(plan)], signal = new AbortController().signal) =>
  transcode({ store, digests, makers }, plan, { entry: NAME }, { signal, onProgress: () => undefined });

const makingOf = async (store: Store) => (await store.models.journal())[0]?.making;

/** What the chunks that are noted add up to. */
async function stored(store: Store, path: string): Promise<Uint8Array> {
  const chunks = (await makingOf(store))?.files.find((file) => file.path === path)?.chunks ?? [];
  const blob = await store.chunks.join(chunks.map(({ digest }) => digest));
  return new Uint8Array((await blob?.arrayBuffer()) ?? []);
}

const whole = (): Uint8Array => {
  const bytes = new Uint8Array(plan.weights.sizeBytes);
  for (const step of plan.weights.steps)
    for (const [i, { offsetBytes }] of step.ranges.entries()) bytes.set(madeOf(step).parts[i] ?? new Uint8Array(), offsetBytes);
  return bytes;
};

describe('a form that is made on the device', () => {
  test('is stored byte for byte, noted in the journal, and spared by garbage collection', async () => {
    const store = await begun();
    const errors = await run(store);
    expect(errors).toHaveLength(9);
    expect(await stored(store, plan.weights.path)).toEqual(whole());
    for (const { path, bytes } of plan.files) expect(await stored(store, path)).toEqual(bytes);
    expect((await store.models.collectGarbage()).deletedChunks).toBe(0);
    await store.models.abandonInstall(NAME);
    await store.models.collectGarbage();
    expect(await store.chunks.list()).toEqual([]);
  });

  test('is cut as a publisher cuts it', async () => {
    const store = await begun();
    await run(store);
    const cutter = new FileCutter(
      stretchesOf(
        plan.weights.sizeBytes,
        plan.weights.steps.flatMap(({ ranges }) => ranges),
      ),
    );
    const sizes = (await makingOf(store))?.files.find(({ path }) => path === plan.weights.path)?.chunks.map(({ sizeBytes }) => sizeBytes);
    expect(sizes).toEqual(cutter.push(whole()));
  });

  test('goes on where it was cut off, without computing what is there', async () => {
    const store = await begun();
    await run(store);
    asked.length = 0;
    await run(store);
    expect(asked).toEqual([]);
    // Chunks that the browser took are made again, with all that follows.
    const chunks = (await makingOf(store))?.files.find(({ path }) => path === plan.weights.path)?.chunks ?? [];
    const last = chunks.at(-1);
    if (last) await store.chunks.delete([last.digest]);
    const errors = await run(store);
    expect(asked.length).toBeGreaterThan(0);
    expect(await stored(store, plan.weights.path)).toEqual(whole());
    // Also those that were measured in the first go.
    expect(errors).toHaveLength(9);
  });

  test('goes on behind the last tensor that is whole', async () => {
    const store = await begun();
    const sizes = [100_000, 3000, 200_000, 70_000, 500, 90_000];
    const offsets = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + Math.ceil(size / 4096) * 4096, 0));
    const steps = sizes.map((sizeBytes, i) => ({
      name: `step ${i}`,
      ranges: [{ offsetBytes: offsets[i] ?? 0, sizeBytes }],
      pieces: 2,
      make: (piece: number) => {
        const bytes = Uint8Array.from({ length: sizeBytes }, (_, at) => (at * (i + 3)) % 251);
        const half = Math.floor(sizeBytes / 2);
        return { parts: [piece === 0 ? bytes.subarray(0, half) : bytes.subarray(half)], error: { squares: 1, differences: i * i } };
      },
    }));
    const large: TranscodePlan = { files: [], weights: { path: 'large', sizeBytes: (offsets.at(-1) ?? 0) + 90_000, steps } };
    await store.models.updateJournal(NAME, (entry) => ({
      ...entry,
      making: beginMaking([{ path: 'large', sizeBytes: large.weights.sizeBytes }]),
    }));
    const go = () =>
      transcode(
        { store, digests, makers: [makerOf(large)] },
        large,
        { entry: NAME },
        { signal: new AbortController().signal, onProgress: () => undefined },
      );
    await go();
    const before = await stored(store, 'large');
    const chunks = (await makingOf(store))?.files[0]?.chunks ?? [];
    let at = 0;
    const lost = chunks.find(({ sizeBytes }) => {
      at += sizeBytes;
      return at > (offsets[3] ?? 0) + 10;
    });
    if (lost) await store.chunks.delete([lost.digest]);
    asked.length = 0;
    expect((await go()).map(({ error }) => error)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(asked).toEqual([3, 3, 4, 4, 5, 5]);
    expect(await stored(store, 'large')).toEqual(before);
    for (const [i, step] of steps.entries())
      expect(before.subarray(offsets[i], (offsets[i] ?? 0) + (sizes[i] ?? 0))).toEqual(madeOf(step).parts[0]);
  });

  test('ends when it is cancelled, in whichever tab', async () => {
    const store = await begun();
    const cancelling: Maker = async (step, piece, signal) => {
      await store.models.abandonInstall(NAME);
      return makerOf(plan)(step, piece, signal);
    };
    await expect(run(store, [cancelling])).rejects.toMatchObject({ code: 'aborted' });
  });

  test('fails as its computation does', async () => {
    const store = await begun();
    await expect(run(store, [() => Promise.reject(new Error('no memory'))])).rejects.toThrow('no memory');
  });
});
