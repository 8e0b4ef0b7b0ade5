import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalize } from '@tufjs/canonical-json';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tempFolder } from '../../../tools/models/testing/tempFolder.ts';
import { makeKey, publicPart } from '../../../tools/publisher/keyFile.ts';
import { rotate } from '../../../tools/publisher/rotate.ts';
import { DAY_MS, first, Site, START_MS, signedOf, signWith } from '../../../tools/publisher/testing/site.ts';
import type { Catalog } from '../../core/catalog.ts';
import type { TrustStore } from '../../ports/delivery.ts';
import { memoryTrust } from '../../storage/memoryTrust.ts';

const folder = tempFolder();

/** For tests in which the publisher does nothing more: an attacker changes only what is served. */
let shared: Site;
beforeAll(async () => {
  sharedFolder = await mkdtemp(join(tmpdir(), 'sill-attacks-'));
  shared = await published(sharedFolder);
});
afterAll(() => rm(sharedFolder, { recursive: true, force: true }));
let sharedFolder = '';

async function published(at = folder(), options: Parameters<typeof Site.make>[1] = {}): Promise<Site> {
  const site = await Site.make(at, options);
  await site.publish('first');
  return site;
}

/** A device that has seen the catalog with one revision, under the root that was shipped then. */
async function withDevice(site = shared.fork()) {
  const trust = memoryTrust();
  const shipped = await readFile(join(site.publisher.trust, 'root.json'), 'utf8');
  const source = site.client(trust, { trustedRoot: async () => shipped });
  const before = await source.catalog();
  return { site, trust, source, before, shipped };
}

/** The refresh is refused for this reason, what was known stays listed, and nothing is stored. */
async function expectRefused(device: { source: { catalog(): Promise<Catalog> }; trust: TrustStore; before: Catalog }, error: object) {
  const stored = await device.trust.read();
  const { models, refreshError } = await device.source.catalog();
  expect(refreshError).toMatchObject(error);
  expect(models).toEqual(device.before.models);
  expect(await device.trust.read()).toEqual(stored);
}
const attack = (name: string) => ({ code: 'untrusted_catalog', details: { attack: name } });
const STALE = { code: 'stale_catalog', details: { attack: 'freeze' } };
const text =
  (data: string, type = 'application/json') =>
  () =>
    new Response(data, { headers: { 'content-type': type } });

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
    const source = site.client(memoryTrust(), { versionFloor: async () => floor });
    await expect(source.catalog()).rejects.toMatchObject(attack('below_floor'));
    await site.deploy();
    expect((await source.catalog()).models.length).toBe(2);
  });
});

describe('signatures', () => {
  test.each(['timestamp', 'snapshot', 'targets'] as const)('of a stranger on the %s are refused', async (role) => {
    const device = await withDevice();
    const path = role === 'timestamp' ? 'metadata/timestamp.json' : `metadata/3.${role}.json`;
    await device.site.forge({ targets: (t) => t.version++, snapshot: (s) => s.version++, timestamp: (t) => t.version++ });
    device.site.replace(path, signWith([makeKey(role, undefined)], signedOf(device.site.text(path))));
    await expectRefused(device, attack('bad_signature'));
  });

  test('that are missing are refused, and so is what was changed after signing', async () => {
    const device = await withDevice();
    const { signed, signatures } = JSON.parse(device.site.text('metadata/timestamp.json'));
    device.site.replace('metadata/timestamp.json', JSON.stringify({ signed, signatures: [] }));
    await expectRefused(device, attack('bad_signature'));
    device.site.replace('metadata/timestamp.json', JSON.stringify({ signed: { ...signed, version: 9 }, signatures }));
    await expectRefused(device, attack('bad_signature'));
  });

  test('of another role do not count', async () => {
    const device = await withDevice();
    const [key] = await device.site.keysOf('targets');
    if (!key) throw new Error('no key');
    const timestamp = signedOf(device.site.text('metadata/timestamp.json'));
    device.site.replace('metadata/timestamp.json', signWith([key], { ...timestamp, version: 9 }));
    await expectRefused(device, attack('bad_signature'));
    device.site.replace('metadata/timestamp.json', device.site.text('metadata/2.targets.json'));
    await expectRefused(device, attack('wrong_role'));
  });

  const TWO = {
    counts: new Map([
      ['root', 1],
      ['timestamp', 2],
      ['snapshot', 1],
      ['targets', 1],
    ] as const),
    thresholds: new Map([['timestamp', 2]] as const),
  };

  test('below the threshold are refused, even when one of them is repeated', async () => {
    const device = await withDevice(await published(folder(), TWO));
    const [one] = await device.site.keysOf('timestamp');
    if (!one) throw new Error('no key');
    const signed = { ...signedOf(device.site.text('metadata/timestamp.json')), version: 9 };
    device.site.replace('metadata/timestamp.json', signWith([one, one], signed));
    await expectRefused(device, { ...attack('bad_signature'), details: { threshold: 2, signed: 1 } });
  });

  test('of one key under two names count once', async () => {
    const device = await withDevice(await published(folder(), TWO));
    const [one] = await device.site.keysOf('timestamp');
    if (!one) throw new Error('no key');
    // Another field gives the same key another, correct id.
    const twin = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: one.public }, note: 'twin' };
    const twinId = createHash('sha256').update(canonicalize(twin)).digest('hex');
    await device.site.forgeRoot((root) => {
      root.keys[twinId] = twin;
      root.roles.timestamp?.keyids.push(twinId);
    });
    const signed = { ...signedOf(device.site.text('metadata/timestamp.json')), version: 9 };
    device.site.replace('metadata/timestamp.json', signWith([one, { ...one, keyId: twinId }], signed));
    await expectRefused(device, { ...attack('bad_signature'), details: { threshold: 2, signed: 1 } });
  });

  test('of a key under a name that is not its digest do not count', async () => {
    const device = await withDevice();
    const stranger = makeKey('timestamp', undefined);
    await device.site.forgeRoot((root) => {
      root.keys.alias = JSON.parse(JSON.stringify(publicPart(stranger).toJSON()));
      root.roles.timestamp?.keyids.push('alias');
    });
    const signed = { ...signedOf(device.site.text('metadata/timestamp.json')), version: 9 };
    device.site.replace('metadata/timestamp.json', signWith([{ ...stranger, keyId: 'alias' }], signed));
    await expectRefused(device, attack('bad_signature'));
  });

  test('of a P-256 key are accepted, beside a key of a kind that nobody knows', async () => {
    const device = await withDevice();
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    const key = { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval: { public: pem } };
    const keyId = createHash('sha256').update(canonicalize(key)).digest('hex');
    await device.site.forgeRoot((root) => {
      root.keys[keyId] = key;
      root.keys['f'.repeat(64)] = { keytype: 'falcon', scheme: 'falcon-512', keyval: { public: 'abc' } };
      root.roles.timestamp = { keyids: [keyId, 'f'.repeat(64)], threshold: 1 };
    });
    const signed = { ...signedOf(device.site.text('metadata/timestamp.json')), version: 3 };
    // Signatures differ in the length of their numbers: a few of them meet each form of the DER.
    for (let turn = 0; turn < 12; turn++) {
      signed.version++;
      const sig = sign('sha256', Buffer.from(canonicalize(signed)), privateKey).toString('hex');
      device.site.replace('metadata/timestamp.json', JSON.stringify({ signed, signatures: [{ keyid: keyId, sig }] }));
      expect((await device.source.catalog()).refreshError).toBeUndefined();
    }
    const broken = JSON.stringify({ signed, signatures: [{ keyid: keyId, sig: '3006020101020101' }] });
    device.site.replace('metadata/timestamp.json', broken);
    device.before = await device.source.catalog();
    expect(device.before.refreshError).toMatchObject(attack('bad_signature'));
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
    expect((await source.manifest(entry)).description).toBe('first');
    site.replace(path, honest.replace('first', 'worst'));
    await expect(source.manifest(entry)).rejects.toMatchObject(attack('wrong_hash'));
    site.replace(path, honest.slice(1));
    await expect(source.manifest(entry)).rejects.toMatchObject(attack('wrong_length'));
    site.replace(path, honest);
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

describe('a server that holds back', () => {
  test('a snapshot once gets no success for old targets, and the next refresh is whole', async () => {
    const device = await withDevice(await published());
    await device.site.publish('second');
    const snapshot = device.site.text('metadata/3.snapshot.json');
    device.site.served.delete('metadata/3.snapshot.json');
    await expectRefused(device, { code: 'catalog_unavailable', details: { status: 404 } });
    const newcomer = device.site.client();
    await expect(newcomer.catalog()).rejects.toMatchObject({ code: 'catalog_unavailable' });
    device.site.replace('metadata/3.snapshot.json', snapshot);
    for (const source of [device.source, newcomer]) expect((await source.catalog()).models.length).toBe(2);
  });

  test('everything leaves what is known, with the reason beside it', async () => {
    const device = await withDevice();
    const offline = device.site.client(device.trust, { fetcher: () => Promise.reject(new TypeError('Failed to fetch')) });
    await expectRefused({ ...device, source: offline }, { code: 'network_unavailable' });
    const newcomer = device.site.client(memoryTrust(), { fetcher: () => Promise.reject(new TypeError('Failed to fetch')) });
    await expect(newcomer.catalog()).rejects.toMatchObject({ code: 'network_unavailable' });
  });

  test.each([
    ['a web page', text('<!doctype html>', 'text/html'), { code: 'catalog_unavailable', details: { webPage: true } }],
    ['a web page under the type of data', text('<!doctype html>'), attack('malformed')],
    ['a failure', () => new Response('', { status: 500 }), { code: 'catalog_unavailable', details: { status: 500 } }],
    ['a refusal', () => new Response('', { status: 403 }), { code: 'catalog_unavailable', details: { status: 403 } }],
  ])('the next root behind %s does not end the chain of roots', async (_case, answer, error) => {
    const device = await withDevice();
    device.site.served.set('metadata/2.root.json', answer);
    await expectRefused(device, error);
  });

  const endless = () => {
    let sentBytes = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sentBytes += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    return { answer: () => new Response(body), sentBytes: () => sentBytes };
  };

  test.each(['metadata/2.root.json', 'metadata/timestamp.json', 'metadata/3.snapshot.json'])(
    'the end of %s is dropped soon',
    async (path) => {
      const device = await withDevice();
      await device.site.forge({ targets: (t) => t.version++, snapshot: (s) => s.version++, timestamp: (t) => t.version++ });
      const { answer, sentBytes } = endless();
      device.site.served.set(path, answer);
      await expectRefused(device, attack('endless_data'));
      expect(sentBytes()).toBeLessThan(1024 * 1024);
    },
  );

  test('every byte as long as it can is given up', async () => {
    const device = await withDevice();
    device.site.served.set('metadata/timestamp.json', () => {
      const drip = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 10));
          controller.enqueue(Uint8Array.of(32));
        },
      });
      return new Response(drip);
    });
    const source = device.site.client(device.trust, { limitMs: 80, stallMs: 5_000 });
    await expectRefused({ ...device, source }, { code: 'network_unavailable', details: { attack: 'slow_data' } });
    const silent = device.site.client(device.trust, {
      stallMs: 20,
      fetcher: (_url, init) =>
        new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))),
    });
    await expectRefused({ ...device, source: silent }, { code: 'network_unavailable' });
  });

  test('is asked past every cache and never followed elsewhere', async () => {
    const { site } = await withDevice();
    expect(site.requests.length).toBeGreaterThan(0);
    for (const { init } of site.requests) expect(init).toMatchObject({ cache: 'no-store', redirect: 'error' });
  });
});

describe('a chain of roots', () => {
  test('is followed over rotations of every role, by a device that was away', async () => {
    const device = await withDevice(
      await published(folder(), {
        counts: new Map([
          ['root', 3],
          ['timestamp', 1],
          ['snapshot', 1],
          ['targets', 1],
        ] as const),
        thresholds: new Map([['root', 2]] as const),
      }),
    );
    for (const role of ['root', 'timestamp', 'snapshot', 'targets', 'root'] as const) await rotate(device.site.publisher, role);
    await device.site.publish('second');
    expect(await device.source.catalog()).toMatchObject({ freshness: 'fresh', models: { length: 2 } });
    expect((await device.trust.read())?.versions.root).toBe(6);
    expect((await device.source.catalog()).refreshError).toBeUndefined();
  });

  test('is refused when the new keys alone, or the old ones alone, have signed a root with new keys', async () => {
    const device = await withDevice();
    const stranger = makeKey('root', undefined);
    const takeOver = async (keys: Parameters<typeof signWith>[0]) =>
      device.site.forgeRoot((root) => {
        root.keys[stranger.keyId] = JSON.parse(JSON.stringify(publicPart(stranger).toJSON()));
        root.roles.root = { keyids: [stranger.keyId], threshold: 1 };
      }, keys);
    await takeOver([stranger]);
    await expectRefused(device, attack('bad_signature'));
    await device.site.deploy();
    await takeOver(await device.site.keysOf('root'));
    await expectRefused(device, attack('bad_signature'));
    await device.site.deploy();
    await takeOver([...(await device.site.keysOf('root')), stranger]);
    expect((await device.source.catalog()).refreshError).toBeUndefined();
  });

  test('is refused when a root is left out or comes twice', async () => {
    const device = await withDevice();
    await device.site.forgeRoot((root) => root.version++);
    await expectRefused(device, attack('root_skipped'));
    device.site.replace('metadata/2.root.json', device.site.text('metadata/1.root.json'));
    await expectRefused(device, attack('root_skipped'));
  });

  test.each(['timestamp', 'snapshot', 'targets'] as const)(
    'recovers from versions that a thief drove up, when the %s keys are replaced, even if a later root is junk once',
    async (role) => {
      const device = await withDevice(await published());
      const driven = (s: { version: number }) => (s.version = 2 ** 40);
      await device.site.forge({ targets: driven, snapshot: driven, timestamp: driven });
      expect((await device.source.catalog()).refreshError).toBeUndefined();
      await device.site.deploy();
      device.before = await device.source.catalog();
      await expectRefused(device, attack('rollback'));
      await rotate(device.site.publisher, role);
      await device.site.deploy();
      device.site.replace('metadata/3.root.json', 'junk');
      await expectRefused(device, attack('malformed'));
      device.site.served.delete('metadata/3.root.json');
      expect((await device.source.catalog()).refreshError).toBeUndefined();
      expect((await device.trust.read())?.versions).toMatchObject({ root: 2, timestamp: 3 });
    },
  );

  test('that does not hold the root of the app is another one: the page says so and keeps what it trusts', async () => {
    const device = await withDevice();
    const other = await Site.make(join(folder(), 'other'));
    const foreign = await readFile(join(other.publisher.trust, 'root.json'), 'utf8');
    const source = device.site.client(device.trust, { trustedRoot: async () => foreign });
    await expectRefused({ ...device, source }, { ...attack('another_root'), details: { attack: 'another_root', version: 1 } });
    // A root of higher number that the chain never came by.
    await other.forgeRoot((root) => root.version++);
    const later = device.site.client(device.trust, { trustedRoot: async () => other.text('metadata/2.root.json') });
    await expectRefused({ ...device, source: later }, attack('another_root'));
    await device.trust.clear();
    await expect(source.catalog()).rejects.toMatchObject(attack('bad_signature'));
  });

  test('is gone along with an app that brings the next root before the server has it', async () => {
    const device = await withDevice();
    await device.site.forgeRoot(() => {});
    const next = device.site.text('metadata/2.root.json');
    device.site.served.delete('metadata/2.root.json');
    const updated = device.site.client(device.trust, { trustedRoot: async () => next });
    expect((await updated.catalog()).refreshError).toBeUndefined();
    expect((await device.trust.read())?.versions.root).toBe(2);
    // And an old tab of the app that still brings the first one is no stranger.
    expect((await device.source.catalog()).refreshError).toBeUndefined();
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
