import { beforeAll, describe, expect, test } from 'vitest';
import { BundlePublisher, type Entries, expectRefusal, publishedBundle, repacked, TINY } from '../testing/bundleFixture.ts';

let publisher: BundlePublisher;
let bundle: Blob;

beforeAll(async () => {
  ({ publisher, bundle } = await publishedBundle());
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
