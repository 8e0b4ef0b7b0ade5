import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalize } from '@tufjs/canonical-json';
import { describe, expect, test } from 'vitest';
import { makeKey, publicPart } from '../../../tools/publisher/keyFile.ts';
import { rotate } from '../../../tools/publisher/rotate.ts';
import { attack, attackFixture, expectRefused } from '../../../tools/publisher/testing/attackFixture.ts';
import { nodeCrypto } from '../../../tools/publisher/testing/nodeCrypto.ts';
import { Site, signedOf, signWith } from '../../../tools/publisher/testing/site.ts';
import { signedFilesOf } from '../../core/tuf/signedFiles.ts';
import { createBundleTrust } from './bundleTrust.ts';

const { folder, published, withDevice } = attackFixture();

describe('signatures', () => {
  test.each(['timestamp', 'snapshot', 'targets'] as const)('of a stranger on the %s are refused', async (role) => {
    const device = await withDevice();
    const path = role === 'timestamp' ? 'metadata/timestamp.json' : `metadata/3.${role}.json`;
    await device.site.forge({ targets: (t) => t.version++, snapshot: (s) => s.version++, timestamp: (t) => t.version++ });
    device.site.replace(path, signWith([makeKey(role, undefined)], signedOf(device.site.text(path))));
    await expectRefused(device, attack('wrong_key'));
  });

  test('that are missing are refused, and so is what was changed after signing', async () => {
    const device = await withDevice();
    const { signed, signatures } = JSON.parse(device.site.text('metadata/timestamp.json'));
    device.site.replace('metadata/timestamp.json', JSON.stringify({ signed, signatures: [] }));
    await expectRefused(device, attack('unsigned'));
    device.site.replace('metadata/timestamp.json', JSON.stringify({ signed: { ...signed, version: 9 }, signatures }));
    await expectRefused(device, attack('bad_signature'));
  });

  test('of another role do not count', async () => {
    const device = await withDevice();
    const [key] = await device.site.keysOf('targets');
    if (!key) throw new Error('no key');
    const timestamp = signedOf(device.site.text('metadata/timestamp.json'));
    device.site.replace('metadata/timestamp.json', signWith([key], { ...timestamp, version: 9 }));
    await expectRefused(device, attack('wrong_key'));
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
    await expectRefused(device, attack('wrong_key'));
    await device.site.deploy();
    await takeOver(await device.site.keysOf('root'));
    await expectRefused(device, attack('wrong_key'));
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
      await expectRefused(device, attack('fast_forward'));
      await rotate(device.site.publisher, role);
      await device.site.deploy();
      device.site.replace('metadata/3.root.json', 'junk');
      await expectRefused(device, attack('malformed'));
      device.site.served.delete('metadata/3.root.json');
      expect((await device.source.catalog()).refreshError).toBeUndefined();
      expect((await device.trust.read())?.versions).toMatchObject({ root: 2, timestamp: 3 });
    },
  );

  test('that a bundle carries is older, and no forgery, where a thief drove the versions up', async () => {
    const { site, trust, shipped } = await withDevice();
    const honest = await trust.read();
    const driven = (s: { version: number }) => (s.version = 2 ** 40);
    await site.forge({ targets: driven, snapshot: driven, timestamp: driven });
    await site.client(trust).catalog();
    if (!honest) throw new Error('nothing stored');
    const bundles = createBundleTrust({ shipped: { root: shipped }, trust, ...nodeCrypto(), clock: { now: () => site.nowMs } });
    expect((await bundles.judge(signedFilesOf(honest))).superseded).toBe(true);
  });

  test('that does not hold the root of the app is another one: the page says so and keeps what it trusts', async () => {
    const device = await withDevice();
    const other = await Site.make(join(folder(), 'other'));
    const foreign = await readFile(join(other.publisher.trust, 'root.json'), 'utf8');
    const source = device.site.client(device.trust, { shipped: { root: foreign } });
    await expectRefused({ ...device, source }, { ...attack('another_root'), details: { attack: 'another_root', version: 1 } });
    // A root of higher number that the chain never came by.
    await other.forgeRoot((root) => root.version++);
    const later = device.site.client(device.trust, { shipped: { root: other.text('metadata/2.root.json') } });
    await expectRefused({ ...device, source: later }, attack('another_root'));
    await device.trust.clear();
    await expect(source.catalog()).rejects.toMatchObject(attack('wrong_key'));
  });

  test('is gone along with an app that brings the next root before the server has it', async () => {
    const device = await withDevice();
    await device.site.forgeRoot(() => {});
    const next = device.site.text('metadata/2.root.json');
    device.site.served.delete('metadata/2.root.json');
    const updated = device.site.client(device.trust, { shipped: { root: next } });
    expect((await updated.catalog()).refreshError).toBeUndefined();
    expect((await device.trust.read())?.versions.root).toBe(2);
    // And an old tab of the app that still brings the first one is no stranger.
    expect((await device.source.catalog()).refreshError).toBeUndefined();
  });
});
