import { beforeAll, describe, expect, test } from 'vitest';
import type { RuntimeBuild } from '../../core/builds.ts';
import { SillError } from '../../core/errors.ts';
import type { RevisionId } from '../../core/ids.ts';
import { PLAIN_DEVICE } from '../../core/testing/plainDevice.ts';
import { createDeviceService } from '../device/device.ts';
import { BundlePublisher, type Device, type Entries, everythingOn, never, repacked, TINY } from '../testing/bundleFixture.ts';

let publisher: BundlePublisher;
let first: RevisionId;
let bundle: Blob;

beforeAll(async () => {
  publisher = await BundlePublisher.start();
  first = await publisher.publish(TINY, 'first weights');
  const [written] = await publisher.bundle([TINY]);
  if (!written) throw new Error('nothing was written');
  bundle = written;
});

/** Refused with this code and fault, and nothing on the device is other than before. */
async function expectRefusal(device: Device, files: readonly Blob[], code: string, fault?: string): Promise<SillError> {
  const before = await everythingOn(device);
  const reason: unknown = await device.import(files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(reason).toBeInstanceOf(SillError);
  if (!(reason instanceof SillError)) throw reason;
  expect({ code: reason.code, fault: reason.details.fault }, reason.message).toEqual({ code, fault });
  expect(await everythingOn(device)).toEqual(before);
  return reason;
}

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
    const device = createDeviceService(async () => ({ ...PLAIN_DEVICE, webgpu }), {
      estimate: async () => ({}),
      persisted: async () => false,
    });
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

describe('a bundle that was attacked, or damaged on its way, changes nothing and says why:', () => {
  const ATTACKS: ReadonlyArray<readonly [string, string, (entries: Entries) => Entries]> = [
    ['its pieces in another order', 'out_of_order', (entries) => [...entries.slice(0, -2), ...entries.slice(-2).reverse()]],
    [
      'its lists in another order',
      'out_of_order',
      (entries) => [...entries.slice(0, 2), ...entries.slice(2, 4).reverse(), ...entries.slice(4)],
    ],
    ['a piece taken out', 'missing_blob', (entries) => [...entries.slice(0, -2), ...entries.slice(-1)]],
    ['the last piece taken out', 'missing_blob', (entries) => entries.slice(0, -1)],
    ['a piece twice', 'unlisted_blob', (entries) => [...entries, ...entries.slice(-1)]],
    ['a piece that is not listed', 'unlisted_blob', (entries) => [...entries, fileOf('blobs/sha256/extra', 'x')]],
    ['a file of another kind', 'unlisted_blob', (entries) => [...entries, fileOf('README', 'x')]],
    ['other bytes in a piece', 'wrong_digest', (entries) => replaced(entries, -1, (data) => data.map((byte) => byte ^ 1))],
    ['other bytes in a list', 'wrong_digest', (entries) => replaced(entries, 5, (data) => data.map((byte) => byte ^ 1))],
    ['a longer piece', 'wrong_size', (entries) => replaced(entries, -1, (data) => new Uint8Array([...data, 1]))],
    ['a shorter piece', 'wrong_size', (entries) => replaced(entries, -1, (data) => data.slice(1))],
    ['a path out of its folder', 'escaping_path', (entries) => [...entries, fileOf('../../etc/passwd', 'x')]],
    ['a path that climbs inside', 'escaping_path', (entries) => [...entries, fileOf('blobs/../index.json', 'x')]],
    ['an absolute path', 'escaping_path', (entries) => [...entries, fileOf('/etc/passwd', 'x')]],
    ['a path of another system', 'escaping_path', (entries) => [...entries, fileOf('C:\\Windows\\x', 'x')]],
    ['a symbolic link', 'not_a_file', (entries) => [...entries, linkOf('symlink')]],
    ['a hard link', 'not_a_file', (entries) => [...entries, linkOf('link')]],
    ['a device', 'not_a_file', (entries) => [...entries, { header: { name: 'blobs/null', size: 0, type: 'character-device' } }]],
    ['a folder', 'not_a_file', (entries) => [...entries, { header: { name: 'blobs/', size: 0, type: 'directory' } }]],
    ['no layout', 'not_a_bundle', (entries) => entries.slice(1)],
    ['no index', 'not_a_bundle', (entries) => [...entries.slice(0, 1), ...entries.slice(2)]],
    ['a layout of later times', 'newer_format', (entries) => replaced(entries, 0, () => bytesOf('{"imageLayoutVersion":"2.0.0"}'))],
    ['an index that is none', 'not_a_bundle', (entries) => replaced(entries, 1, () => bytesOf('{"schemaVersion":2}'))],
    ['an index without an end', 'too_large', (entries) => replaced(entries, 1, () => new Uint8Array(2 * 1024 * 1024).fill(32))],
  ];

  test.each(ATTACKS)('%s', async (_what, fault, change) => {
    await expectRefusal(publisher.device(), [await repacked(bundle, change)], 'invalid_bundle', fault);
  });

  test('it is cut off, wherever that is', async () => {
    const whole = new Uint8Array(await bundle.arrayBuffer());
    for (const share of [0.3, 0.5, 0.7, 0.9, 0.99]) {
      const cut = new Blob([whole.slice(0, Math.floor(whole.length * share))]);
      await expectRefusal(publisher.device(), [cut], 'invalid_bundle', 'truncated');
    }
  });

  test('it is no archive at all', async () => {
    for (const text of ['', 'hello', '<!doctype html>'.repeat(100), '\u001f\u008b'.repeat(600)]) {
      await expectRefusal(publisher.device(), [new Blob([text])], 'invalid_bundle', 'not_a_bundle');
    }
  });

  test('a header in it is damaged', async () => {
    const bytes = new Uint8Array(await bundle.arrayBuffer());
    // In the name of the third entry.
    const at = 512 * 4 + 512 + 3;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await expectRefusal(publisher.device(), [new Blob([bytes])], 'invalid_bundle', 'damaged');
  });

  test('its stick was pulled out', async () => {
    const gone = new DOMException('A requested file or directory could not be found.', 'NotFoundError');
    const stick = Object.assign(new Blob([bundle]), { stream: () => new ReadableStream({ pull: (to) => to.error(gone) }) });
    await expectRefusal(publisher.device(), [stick], 'invalid_bundle', 'unreadable');
  });

  test('it lists no model', async () => {
    const empty = await repacked(bundle, (entries) =>
      replaced(entries, 1, (data) => bytesOf(new TextDecoder().decode(data).replace('vnd.sill.model.v1', 'vnd.sill.mod\u0000l.v1'))),
    );
    await expectRefusal(publisher.device(), [empty], 'invalid_bundle', 'not_a_bundle');
    const other = await repacked(bundle, (entries) =>
      replaced(entries, 1, (data) => bytesOf(new TextDecoder().decode(data).replace('vnd.sill.model.v1', 'vnd.sill.other.v1'))),
    );
    await expectRefusal(publisher.device(), [other], 'invalid_bundle', 'inconsistent');
  });

  test('it lists more than the signed manifest has', async () => {
    const device = publisher.device();
    const forged = await withOtherDocument(bundle, (document) => {
      document.layers?.push({ ...document.layers[0], digest: `sha256:${'0'.repeat(64)}` });
    });
    await expectRefusal(device, [forged], 'invalid_bundle', 'inconsistent');
  });
});

describe('whose word counts', () => {
  test('nobody signed it', async () => {
    const unsigned = await repacked(bundle, (entries) =>
      replaced(entries, 1, (data) => {
        const index = JSON.parse(new TextDecoder().decode(data));
        index.manifests.shift();
        return bytesOf(JSON.stringify(index));
      }),
    );
    await expectRefusal(publisher.device(), [unsigned], 'untrusted_bundle', 'unsigned');
  });

  test('another publisher signed it', async () => {
    const stranger = await BundlePublisher.start();
    await stranger.publish(TINY, 'evil weights');
    await expectRefusal(publisher.device(), await stranger.bundle([TINY]), 'untrusted_bundle', 'another_publisher');
  });

  test('its signatures are years old, and so is the clock: it is taken all the same', async () => {
    const device = publisher.device();
    const { site } = publisher;
    const now = site.nowMs;
    try {
      for (const years of [-20, 20]) {
        site.nowMs = now + years * 365 * 86_400_000;
        expect(await publisher.device().import([bundle])).toMatchObject({ outcomes: [{ result: 'installed' }] });
      }
    } finally {
      site.nowMs = now;
    }
    expect(await device.active()).toBeUndefined();
  });

  test('the app was built after it was signed, and says from when on', async () => {
    const device = publisher.device({ floor: JSON.stringify({ timestamp: 99, snapshot: 99, targets: 99 }) });
    await expectRefusal(device, [bundle], 'untrusted_bundle', 'older_than_app');
  });
});

const bytesOf = (text: string) => new TextEncoder().encode(text);
const fileOf = (name: string, text: string) => ({ header: { name, size: text.length, type: 'file' as const }, body: text });
const linkOf = (type: 'link' | 'symlink') => ({ header: { name: 'blobs/sha256/x', size: 0, type, linkname: '/etc/passwd' } });

function replaced(entries: Entries, at: number, change: (data: Uint8Array) => Uint8Array): Entries {
  const copy = [...entries];
  const index = at < 0 ? copy.length + at : at;
  const entry = copy[index];
  if (!(entry?.body instanceof Uint8Array)) throw new Error('no content there');
  const body = change(entry.body);
  copy[index] = { header: { ...entry.header, size: body.length }, body };
  return copy;
}

interface Document {
  artifactType?: string;
  layers?: Array<Record<string, unknown>>;
}

/** The unsigned list of a model's pieces changed, with every digest that leads to it made right again. */
async function withOtherDocument(blob: Blob, change: (document: Document) => void): Promise<Blob> {
  const { createHash } = await import('node:crypto');
  const sha256 = (data: Uint8Array) => `sha256:${createHash('sha256').update(data).digest('hex')}`;
  return repacked(blob, (entries) => {
    const textAt = (entry: Entries[number]) => (entry.body instanceof Uint8Array ? new TextDecoder().decode(entry.body) : '');
    const at = entries.findIndex((entry) => textAt(entry).includes('"artifactType":"application/vnd.sill.model.v1","config"'));
    const document = JSON.parse(textAt(entries[at] ?? { header: { name: '', size: 0 } }));
    change(document);
    const body = bytesOf(JSON.stringify(document));
    const index = JSON.parse(textAt(entries[1] ?? { header: { name: '', size: 0 } }));
    index.manifests[1].digest = sha256(body);
    index.manifests[1].size = body.length;
    const copy = replaced(entries, 1, () => bytesOf(JSON.stringify(index)));
    copy[at] = { header: { name: `blobs/${sha256(body).replace(':', '/')}`, size: body.length, type: 'file' }, body };
    return copy;
  });
}
