import { describe, expect, test } from 'vitest';
import { tempFolder } from '../../../tools/models/testing/tempFolder.ts';
import { nodeCrypto } from '../../../tools/publisher/testing/nodeCrypto.ts';
import { first, Site, START_MS } from '../../../tools/publisher/testing/site.ts';
import type { Signatures, TrustStore } from '../../ports/delivery.ts';
import { memoryTrust } from '../../storage/memoryTrust.ts';

const folder = tempFolder();

describe('a signed catalog', () => {
  test('lists what was published, newest first, with what the publisher says of it', async () => {
    const site = await Site.make(folder());
    expect((await site.client().catalog()).models).toEqual([]);
    await site.publish('first');
    site.nowMs += 1000;
    const rollout = { id: 'r', phases: [{ fromIso: '2030-01-02T00:00:00Z', percentage: 10 }], paused: true };
    await site.publish('second', { channel: 'beta', notes: 'New: "ü" and \\.', critical: true, rollout });
    const { models, ...rest } = await site.client().catalog();
    expect(models).toMatchObject([
      { id: 'owner/model', channel: 'beta', publishedAtMs: START_MS + 1000, notes: 'New: "ü" and \\.', critical: true, rollout },
      { id: 'owner/model', channel: 'stable', publishedAtMs: START_MS },
    ]);
    expect(rest).toMatchObject({ schema: 1, freshness: 'fresh', checkedAtMs: START_MS + 1000 });
  });

  test('keeps the files of a revision where its entry says', async () => {
    const site = await Site.make(folder());
    await site.publish('first');
    const source = site.client();
    const entry = first(await source.catalog());
    const manifest = await source.manifest(entry);
    expect(manifest.id).toBe(entry.id);
    for (const { path } of manifest.files) {
      expect(site.served.has(source.fileUrl(entry, path).slice('https://edge.test/apps/sill/models/'.length))).toBe(true);
    }
  });

  test('is asked for in two requests when nothing is new', async () => {
    const site = await Site.make(folder());
    const source = site.client();
    await source.catalog();
    site.requests.length = 0;
    await source.catalog();
    expect(site.requests.map(({ path }) => path)).toEqual(['metadata/2.root.json', 'metadata/timestamp.json']);
  });

  test('is verified once while what is stored stays the same, however many manifests are asked for', async () => {
    const site = await Site.make(folder());
    await site.publish('first');
    const { signatures } = nodeCrypto();
    let checks = 0;
    const counted: Signatures = {
      verify(...question) {
        checks++;
        return signatures.verify(...question);
      },
    };
    const source = site.client(memoryTrust(), { signatures: counted });
    const entry = first(await source.catalog());
    await source.manifest(entry);
    checks = 0;
    for (let times = 0; times < 5; times++) await source.manifest(entry);
    expect(checks).toBe(0);
    await site.publish('second');
    expect((await source.catalog()).models.length).toBe(2);
    expect(checks).toBeGreaterThan(3);
  });

  test('can be asked for a manifest before anything else', async () => {
    const site = await Site.make(folder());
    await site.publish('first');
    const entry = first(await site.client().catalog());
    expect((await site.client().manifest(entry)).description).toBe('first');
  });

  test('is given up when the caller cancels, without a word stored', async () => {
    const site = await Site.make(folder());
    const trust = memoryTrust();
    const cancel = new AbortController();
    const source = site.client(trust);
    site.served.set('metadata/timestamp.json', () => {
      cancel.abort();
      return new Response('{}');
    });
    await expect(source.catalog(cancel.signal)).rejects.toMatchObject({ code: 'aborted' });
    expect(await trust.read()).toBeUndefined();
  });

  test('asks again when another tab was quicker to store, and does not undo its work', async () => {
    const site = await Site.make(folder());
    const trust = memoryTrust();
    let races = 0;
    const racing: TrustStore = {
      ...trust,
      async commit(next, expected) {
        if (races++ === 0) await site.client(trust).catalog();
        return trust.commit(next, expected);
      },
    };
    expect((await site.client(racing).catalog()).freshness).toBe('fresh');
    expect(races).toBe(2);
    const busy: TrustStore = { ...trust, commit: async () => false };
    expect((await site.client(busy).catalog()).refreshError).toMatchObject({ code: 'busy' });
  });

  test('begins again with what was shipped when the storage holds something else than was put there', async () => {
    const site = await Site.make(folder());
    await site.publish('first');
    const trust = memoryTrust();
    await site.client(trust).catalog();
    const stored = await trust.read();
    if (!stored) throw new Error('nothing stored');
    const targets = stored.targets.replace('owner/model', 'owner/other');
    const damaged: TrustStore = {
      ...memoryTrust(),
      ...trust,
      read: async () => ((await trust.read()) ? { ...stored, targets } : undefined),
    };
    expect(first(await site.client(damaged).catalog()).id).toBe('owner/model');
  });

  test('a browser that cannot check signatures is told so, and loses nothing', async () => {
    const site = await Site.make(folder());
    const trust = memoryTrust();
    await site.client(trust).catalog();
    const stored = await trust.read();
    const { createSignatures } = await import('./signatures.ts');
    const subtle = Object.create(crypto.subtle, {
      importKey: { value: () => Promise.reject(new DOMException('no Ed25519', 'NotSupportedError')) },
    });
    const signatures: Signatures = createSignatures(subtle);
    await expect(site.client(trust, { signatures }).catalog()).rejects.toMatchObject({ code: 'unsupported_device' });
    expect(await trust.read()).toEqual(stored);
  });

  test('a broken version floor is no floor of zero', async () => {
    const site = await Site.make(folder());
    const source = site.client(memoryTrust(), { shipped: { root: site.text('metadata/1.root.json'), floor: '{"timestamp": "1"}' } });
    await expect(source.catalog()).rejects.toMatchObject({ code: 'untrusted_catalog', details: { file: 'trust/floor.json' } });
  });
});
