import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RuntimeBuild } from '../../core/builds.ts';
import { SillError } from '../../core/errors.ts';
import type { RevisionId } from '../../core/ids.ts';
import { PLAIN_DEVICE, PLAIN_STORAGE } from '../../core/testing/plainDevice.ts';
import type { ImportProgress } from '../../protocol/bundleReports.ts';
import { createDeviceService } from '../device/device.ts';
import { BundlePublisher, everythingOn, expectRefusal, never, publishedBundle, repacked, TINY } from '../testing/bundleFixture.ts';

let publisher: BundlePublisher;
let first: RevisionId;
let bundle: Blob;

beforeAll(async () => {
  ({ publisher, first, bundle } = await publishedBundle());
});

describe('a bundle', () => {
  test('brings a model to a device that never had a network, and runs at once', async () => {
    const device = publisher.device();
    expect(await device.import([bundle])).toMatchObject({
      outcomes: [{ id: TINY, revision: first, result: 'installed' }],
      needsRuntime: false,
    });
    expect(await device.active()).toBe(first);
    expect((await everythingOn(device)).journal).toEqual([]);
  });

  test('comes in its variant for the processor where the runtime for the GPU is not here and cannot be fetched', async () => {
    const own = await BundlePublisher.start();
    await own.publish(TINY, 'weights', { forGpu: true });
    const [file] = await own.bundle([TINY]);
    if (!file) throw new Error('nothing was written');
    const names = { vendor: 'test', architecture: '', description: '' };
    const webgpu = { available: true, fallback: false, ...names, f16: false, features: [], limits: {} } as const;
    const device = createDeviceService(async () => ({ ...PLAIN_DEVICE, webgpu }), PLAIN_STORAGE);
    const variantWith = async (kept: readonly RuntimeBuild[]) => {
      const ensure = async (build: RuntimeBuild) => {
        if (!kept.includes(build)) throw new SillError('network_unavailable', 'No.');
      };
      const assets = {
        ensure,
        keepOnly: async () => undefined,
        has: async (build: RuntimeBuild) => kept.includes(build),
        sizeBytes: () => 14,
      };
      const there = own.device({ deps: { device, assets } });
      const { needsRuntime } = await there.import([file]);
      return { variant: (await there.store.models.slots(TINY))?.active?.variant, needsRuntime };
    };
    expect(await variantWith(['plain', 'asyncify'])).toEqual({ variant: 'q4-webgpu', needsRuntime: false });
    expect(await variantWith(['plain'])).toEqual({ variant: 'q8-wasm', needsRuntime: false });
  });

  test('is shown before anything is written: what is inside, who signed it, how much is here', async () => {
    const device = publisher.device();
    const before = await everythingOn(device);
    const report = await device.inspect([bundle]);
    expect(report).toMatchObject({
      volumes: 1,
      sizeBytes: bundle.size,
      superseded: false,
      signer: { rootVersion: 1, keyIds: [expect.stringMatching(/^[0-9a-f]{64}$/)] },
      models: [{ id: TINY, revision: first, state: 'new', licence: { spdx: 'MIT' }, licenceAccepted: false, storedBytes: 0 }],
      refused: [],
    });
    expect(report.models[0]?.sizeBytes).toBeGreaterThan(0);
    expect(await everythingOn(device)).toEqual(before);
  });

  test('that is imported twice says that it is there, without work', async () => {
    const device = publisher.device();
    await device.import([bundle]);
    const before = await everythingOn(device);
    expect(await device.inspect([bundle])).toMatchObject({ models: [{ state: 'present', licenceAccepted: true }] });
    const progress: unknown[] = [];
    const again = await device.importer.import([bundle], { signal: never, onProgress: (each) => progress.push(each) });
    expect(again).toMatchObject({ outcomes: [{ id: TINY, result: 'present' }] });
    expect(progress).toEqual([]);
    expect(await everythingOn(device)).toEqual(before);
  });

  test('is the same file every time it is written', async () => {
    const [again] = await publisher.bundle([TINY]);
    expect(Buffer.from((await again?.arrayBuffer()) ?? new ArrayBuffer(0)).equals(Buffer.from(await bundle.arrayBuffer()))).toBe(true);
  });

  test('that was exported by a device is, byte by byte, what the publisher wrote', async () => {
    const device = publisher.device();
    await device.import([bundle]);
    const [exported] = await device.export(TINY);
    expect(Buffer.from((await exported?.arrayBuffer()) ?? new ArrayBuffer(0)).equals(Buffer.from(await bundle.arrayBuffer()))).toBe(true);
  });

  test('repairs an installation whose pieces are gone', async () => {
    const device = publisher.device();
    await device.import([bundle]);
    const { chunks } = await everythingOn(device);
    await device.store.chunks.delete(chunks.map(({ digest }) => digest).slice(1));
    expect(await device.import([bundle])).toMatchObject({ outcomes: [{ result: 'installed' }] });
    expect((await everythingOn(device)).chunks).toEqual(chunks);
  });

  test('that is cancelled in the middle leaves nothing behind', async () => {
    const device = publisher.device();
    const before = await everythingOn(device);
    const abort = new AbortController();
    const work = device.importer.import([bundle], {
      signal: abort.signal,
      onProgress: (progress) => {
        if (progress.phase === 'reading' && progress.readBytes > 0) abort.abort();
      },
    });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(await everythingOn(device)).toEqual(before);
  });

  test('for which there is no room leaves nothing behind, and says so', async () => {
    const device = publisher.device();
    const { chunks } = device.store;
    let stored = 0;
    const full = {
      ...device.store,
      chunks: {
        ...chunks,
        async put(...args: Parameters<typeof chunks.put>) {
          if (++stored > 1) throw new SillError('quota_exceeded', 'There is no room on this device.');
          return chunks.put(...args);
        },
      },
    };
    const tried = publisher.device({ store: full });
    const { details } = await expectRefusal(tried, [bundle], 'quota_exceeded');
    // Room has to be found for all of it, not for the piece that was refused.
    expect(details.sizeBytes).toBe((await tried.inspect([bundle])).models[0]?.sizeBytes);
    expect(stored).toBeGreaterThan(1);
  });

  test('that has to wait for the disk tells so in place of its last speed', async () => {
    const { store } = publisher.device();
    const put = (...args: Parameters<typeof store.chunks.put>) => sleep(5500).then(() => store.chunks.put(...args));
    const device = publisher.device({ store: { ...store, chunks: { ...store.chunks, put } } });
    const progress: ImportProgress[] = [];
    await device.importer.import([bundle], { signal: never, onProgress: (each) => progress.push(each) });
    const waited = progress.filter((each) => each.phase === 'reading' && each.readBytes === 0);
    expect(waited.at(-1)).toMatchObject({ waiting: true });
    expect(waited.at(-1)).not.toHaveProperty('secondsLeft');
  });

  test('does not take away what was being downloaded when it turns out to be broken', async () => {
    const device = publisher.device();
    const entry = (await device.source.catalog(never)).models.find((each) => each.revision === first);
    if (!entry) throw new Error('not offered');
    const manifest = await device.source.manifest(entry);
    const [variant] = manifest.variants;
    if (!variant) throw new Error('no variant');
    await device.store.models.beginInstall(
      {
        modelId: TINY,
        revision: first,
        variant: variant.id,
        startedAtMs: 1,
        licenceAcceptedAtMs: 2,
        state: 'paused',
        by: 'person',
        rank: 0,
      },
      manifest,
    );
    const { journal } = await everythingOn(device);
    await expect(device.import([await repacked(bundle, (entries) => entries.slice(0, -1))])).rejects.toMatchObject({
      code: 'invalid_bundle',
    });
    expect((await everythingOn(device)).journal).toEqual(journal);
    // What was verified until then is of use to the download, whose lease holds it.
    await device.store.models.collectGarbage();
    expect((await everythingOn(device)).chunks).toHaveLength(2);
  });

  test('of a tab that died is cleared away by the next import', async () => {
    const device = publisher.device();
    const dead = publisher.device({ store: device.store });
    await new Promise<void>((resolve) => {
      const hanging = { ...device.store.chunks, put: () => new Promise<void>(() => resolve()) };
      void publisher.device({ store: { ...dead.store, chunks: hanging } }).import([bundle]);
    });
    expect((await everythingOn(device)).journal).toHaveLength(1);
    await device.importer.recover();
    expect((await everythingOn(device)).journal).toEqual([]);
  });

  test('is imported by one tab at a time', async () => {
    const device = publisher.device();
    const [one, two] = await Promise.allSettled([device.import([bundle]), device.import([bundle])]);
    expect([one.status, two.status]).toEqual(['fulfilled', 'rejected']);
    expect(two).toMatchObject({ reason: { code: 'busy' } });
  });
});
