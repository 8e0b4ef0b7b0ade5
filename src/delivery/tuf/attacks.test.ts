import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attack, attackFixture, expectRefused, STALE } from '../../../tools/publisher/testing/attackFixture.ts';
import { DAY_MS, first, Site, START_MS } from '../../../tools/publisher/testing/site.ts';
import { memoryTrust } from '../../storage/memoryTrust.ts';

const { folder, published, withDevice } = attackFixture();

describe('old metadata', () => {
  test('is refused when an older timestamp is replayed', async () => {
    const device = await withDevice(await published());
    const old = device.site.text('metadata/timestamp.json');
    await device.site.publish('second');
    device.before = await device.source.catalog();
    device.site.replace('metadata/timestamp.json', old);
    await expectRefused(device, attack('rollback'));
  });

  test('is refused when a new timestamp names an older snapshot', async () => {
    const device = await withDevice();
    await device.site.forge({ snapshot: (s) => s.version--, timestamp: (t) => t.version++ });
    await expectRefused(device, attack('rollback'));
  });

  test('is refused when a new snapshot names older targets', async () => {
    const device = await withDevice();
    await device.site.forge({ targets: (t) => t.version--, snapshot: (s) => s.version++, timestamp: (t) => t.version++ });
    await expectRefused(device, attack('rollback'));
  });

  test('is refused when a new snapshot no longer names a file of the last one', async () => {
    const device = await withDevice();
    const up = (s: { version: number }) => s.version++;
    await device.site.forge({ targets: up, timestamp: up, snapshot: (s) => (s.meta['more.json'] = { version: ++s.version }) });
    device.before = await device.source.catalog();
    expect(device.before.refreshError).toBeUndefined();
    await device.site.forge({
      targets: up,
      timestamp: up,
      snapshot: (s) => {
        s.version++;
        delete s.meta['more.json'];
      },
    });
    await expectRefused(device, attack('rollback'));
  });

  test('is refused by a cleared device when it is older than the app was shipped with', async () => {
    const site = await Site.make(folder());
    await site.publish('first');
    const old = new Map(site.served);
    await site.publish('second');
    const floor = await readFile(join(site.publisher.trust, 'floor.json'), 'utf8');
    for (const [path, bytes] of old) site.served.set(path, bytes);
    const source = site.client(memoryTrust(), { shipped: { root: site.text('metadata/1.root.json'), floor } });
    await expect(source.catalog()).rejects.toMatchObject(attack('below_floor'));
    await site.deploy();
    expect((await source.catalog()).models.length).toBe(2);
  });
});

describe('parts that do not belong together', () => {
  test('are refused by their version', async () => {
    const device = await withDevice();
    const old = device.site.text('metadata/2.snapshot.json');
    await device.site.forge({ targets: (t) => t.version++, snapshot: (s) => s.version++, timestamp: (t) => t.version++ });
    device.site.replace('metadata/3.snapshot.json', old);
    await expectRefused(device, attack('mix_and_match'));
  });

  test('are refused by length and hash where those are signed', async () => {
    const device = await withDevice(await published());
    await device.site.publish('second');
    const targets = device.site.text('metadata/3.targets.json');
    device.site.replace('metadata/3.targets.json', targets.replace('"', "'"));
    await expectRefused(device, attack('wrong_hash'));
    device.site.replace('metadata/3.targets.json', targets.slice(0, -1));
    await expectRefused(device, attack('wrong_length'));
    device.site.replace('metadata/3.targets.json', `${targets} `);
    await expectRefused(device, attack('endless_data'));
  });

  test('are refused in a manifest that is not the signed one', async () => {
    const { site, source, before } = await withDevice();
    const entry = first(before);
    const path = [...site.served.keys()].find((each) => each.startsWith('targets/')) ?? '';
    const honest = site.text(path);
    site.replace(path, honest.replace('first', 'worst'));
    await expect(source.manifest(entry)).rejects.toMatchObject(attack('wrong_hash'));
    site.replace(path, honest.slice(1));
    await expect(source.manifest(entry)).rejects.toMatchObject(attack('wrong_length'));
    site.replace(path, honest);
    expect((await source.manifest(entry)).description).toBe('first');
    await expect(source.manifest({ ...entry, path: 'owner/other' })).rejects.toMatchObject(attack('unknown_target'));
  });

  test('are refused when the signed manifest is not the revision that is named', async () => {
    const { site, source } = await withDevice(await published());
    await site.publish('second');
    await site.forge({
      targets(t) {
        const [one, two] = Object.values(t.targets);
        if (one && two) [one.hashes, two.hashes, one.length, two.length] = [two.hashes, one.hashes, two.length, one.length];
        t.version++;
      },
      snapshot: (s) => s.version++,
      timestamp: (t) => t.version++,
    });
    for (const [path, bytes] of [...site.served].filter(([each]) => each.startsWith('targets/'))) {
      for (const other of site.served.keys()) {
        if (other.startsWith('targets/')) site.served.set(other.replace(/[^/]+$/, path.replace(/^.*\//, '')), bytes);
      }
    }
    await expect(source.manifest(first(await source.catalog()))).rejects.toMatchObject({ code: 'invalid_manifest' });
  });
});

describe('metadata that expired', () => {
  test.each(['timestamp', 'snapshot', 'targets'] as const)('is refused by a new device (%s)', async (role) => {
    const { site } = await withDevice();
    await site.forge({ [role]: (s: { expires: string }) => (s.expires = '2030-01-01T00:00:00Z') });
    const trust = memoryTrust();
    await expect(site.client(trust).catalog()).rejects.toMatchObject({ ...STALE, details: { role, attack: 'freeze' } });
    expect(await trust.read()).toBeUndefined();
  });

  test('makes the catalog stale when it is replayed unchanged: what is known stays, nothing new is accepted, until it is signed again', async () => {
    const device = await withDevice(await published());
    const { site, source } = device;
    site.nowMs = START_MS + 91 * DAY_MS;
    await expectRefused(device, STALE);
    expect(await source.catalog()).toMatchObject({ freshness: 'stale', expiresAtMs: START_MS + 90 * DAY_MS });
    await expect(source.manifest(first(device.before))).rejects.toMatchObject(STALE);
    await site.publish('second');
    expect(await source.catalog()).toMatchObject({ freshness: 'fresh', models: { length: 2 } });
  });

  test.each(['snapshot', 'targets'] as const)('is noticed under an unchanged timestamp (%s)', async (role) => {
    const device = await withDevice();
    await device.site.forge({
      targets: (t) => (t.expires = role === 'targets' ? '2030-01-05T00:00:00Z' : t.expires),
      snapshot: (s) => (s.expires = role === 'snapshot' ? '2030-01-05T00:00:00Z' : s.expires),
      timestamp: (t) => t.version++,
    });
    // The versions of the two stay, so a device that knew them takes them for what it has.
    const trust = memoryTrust();
    const source = device.site.client(trust);
    const before = await source.catalog();
    device.site.nowMs += 5 * DAY_MS;
    await expectRefused({ source, trust, before }, { ...STALE, details: { role, attack: 'freeze' } });
  });

  test('is noticed at the root', async () => {
    const device = await withDevice();
    await device.site.forgeRoot((root) => (root.expires = '2030-01-01T00:00:00Z'));
    await expectRefused(device, { ...STALE, details: { role: 'root', attack: 'freeze' } });
  });

  test.each(['never', '2030-02-30T00:00:00Z', '2031-01-01', ''])('is refused when it expires "%s"', async (expires) => {
    const device = await withDevice();
    await device.site.forge({ timestamp: (t) => Object.assign(t, { expires, version: 9 }) });
    await expectRefused(device, attack('malformed'));
  });
});

describe('names', () => {
  test.each(['../evil/manifest.json', '/etc/passwd', 'a/../../b', 'a\\b', 'https://evil.test/x'])(
    'that lead out are refused though signed: %s',
    async (name) => {
      const device = await withDevice();
      await device.site.forge({
        targets: (t) =>
          Object.assign(t, {
            version: t.version + 1,
            targets: { ...t.targets, [name]: { length: 1, hashes: { sha256: 'a'.repeat(64) } } },
          }),
        snapshot: (s) => s.version++,
        timestamp: (t) => t.version++,
      });
      await expectRefused(device, attack('escaping_path'));
    },
  );

  test('never lead a file out of its folder', async () => {
    const { source, before } = await withDevice();
    expect(source.fileUrl(first(before), 'onnx/model.onnx')).toBe(
      `https://edge.test/apps/sill/models/${first(before).path}/onnx/model.onnx`,
    );
    for (const path of ['../../../../index.html', '../../../../../x']) {
      expect(() => source.fileUrl(first(before), path)).toThrow(
        expect.objectContaining({ details: { attack: 'escaping_path', file: path } }),
      );
    }
  });

  test('of targets that are no models are passed over', async () => {
    const { site, source, before } = await withDevice();
    await site.forge({
      targets: (t) =>
        Object.assign(t, {
          version: t.version + 1,
          targets: { ...t.targets, 'readme.txt': { length: 1, hashes: { sha256: 'a'.repeat(64) } } },
        }),
      snapshot: (s) => s.version++,
      timestamp: (t) => t.version++,
    });
    expect((await source.catalog()).models).toEqual(before.models);
  });
});
