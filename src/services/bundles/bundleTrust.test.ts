import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { rotate } from '../../../tools/publisher/rotate.ts';
import { createMemoryStore } from '../../storage/memoryStore.ts';
import { BundlePublisher, everythingOn, never, OTHER, TINY } from '../testing/bundleFixture.ts';

let publisher: BundlePublisher;
beforeEach(async () => {
  publisher = await BundlePublisher.start();
});

const versionsOn = async (device: ReturnType<BundlePublisher['device']>) => (await everythingOn(device)).trust?.versions;

describe('a bundle that is older than what the device has seen', () => {
  test('is taken as long as its publisher still offers what is in it, and turns nothing back', async () => {
    const first = await publisher.publish(TINY, 'first weights');
    const old = await publisher.bundle([TINY]);
    await publisher.publish(OTHER, 'other weights');
    const device = publisher.device();
    await device.import(await publisher.bundle([OTHER]));
    const seen = await versionsOn(device);
    expect(await device.inspect(old)).toMatchObject({ superseded: true, models: [{ id: TINY, state: 'new' }] });
    expect(await device.import(old)).toMatchObject({ outcomes: [{ revision: first, result: 'installed' }] });
    expect(await versionsOn(device)).toEqual(seen);
  });

  test('is refused where its publisher has taken the model back since, on the strength of what the device knows', async () => {
    const first = await publisher.publish(TINY, 'first weights');
    const old = await publisher.bundle([TINY]);
    await publisher.withdraw(TINY, first, 'It writes nonsense.');
    const device = publisher.device();
    await device.source.catalog(never);
    const before = await everythingOn(device);
    await expect(device.import(old)).rejects.toMatchObject({
      code: 'revision_refused',
      message: expect.stringContaining('It writes nonsense.'),
    });
    expect(await everythingOn(device)).toEqual(before);
  });

  test('is refused by name where the model has left the list', async () => {
    await publisher.publish(TINY, 'first weights');
    const old = await publisher.bundle([TINY]);
    await publisher.publish(TINY, 'second weights', { replace: true });
    const device = publisher.device();
    await device.source.catalog(never);
    await expect(device.import(old)).rejects.toMatchObject({ code: 'untrusted_bundle', details: { fault: 'superseded' } });
  });

  test('is not mixed up with one whose keys were replaced since: what is still offered comes in, under the new keys', async () => {
    const first = await publisher.publish(TINY, 'first weights');
    const old = await publisher.bundle([TINY]);
    await rotate(publisher.site.publisher, 'timestamp');
    await publisher.site.deploy();
    const device = publisher.device({ root: await publisher.firstRoot() });
    await device.source.catalog(never);
    expect(await versionsOn(device)).toMatchObject({ root: 2 });
    expect(await device.import(old)).toMatchObject({ outcomes: [{ revision: first, result: 'installed' }] });
    // A device that begins with the new root and has seen nothing cannot know whether it still holds.
    await expect(publisher.device().import(old)).rejects.toMatchObject({ details: { fault: 'older_than_app' } });
  });
});

describe('a bundle that is newer than what the device has seen', () => {
  test('is remembered: an older mirror takes no effect afterwards, and breaks nothing', async () => {
    await publisher.publish(TINY, 'first weights');
    const mirror = publisher.site.fork();
    const second = await publisher.publish(TINY, 'second weights');
    const device = publisher.device();
    await device.import(await publisher.bundle([TINY]));
    const seen = await versionsOn(device);
    const old = mirror.client(device.store.trust);
    const catalog = await old.catalog(never);
    expect(catalog).toMatchObject({ refreshError: { code: 'untrusted_catalog', details: { attack: 'rollback' } } });
    // What the bundle said goes on being what is known, and manifests that the mirror has can be had from it.
    expect(catalog.models.map(({ revision }) => revision)).toContain(second);
    const shared = catalog.models.find(({ revision }) => revision !== second);
    expect(shared && (await old.manifest(shared)).id).toBe(TINY);
    expect(await versionsOn(device)).toEqual(seen);
    // When the mirror has caught up, it is believed again.
    const caughtUp = await publisher.site.client(device.store.trust).catalog(never);
    expect(caughtUp.refreshError).toBeUndefined();
  });

  test('brings the new roots with it, however many there were', async () => {
    await publisher.publish(TINY, 'first weights');
    const device = publisher.device({ root: await publisher.firstRoot() });
    await device.source.catalog(never);
    for (const role of ['timestamp', 'root', 'snapshot'] as const) await rotate(publisher.site.publisher, role);
    const bundle = await publisher.bundle([TINY]);
    expect(await device.inspect(bundle)).toMatchObject({ signer: { rootVersion: 4 } });
    expect(await device.import(bundle)).toMatchObject({ outcomes: [{ result: 'installed' }] });
    expect(await versionsOn(device)).toMatchObject({ root: 4 });
    // And hands all of them on.
    const third = publisher.device({ root: await publisher.firstRoot() });
    expect(await third.import(await device.export(TINY))).toMatchObject({ outcomes: [{ result: 'installed' }] });
  });
});

describe('what comes out of a bundle when a model runs already', () => {
  test('a new revision is a candidate first, and runs when it passes', async () => {
    const first = await publisher.publish(TINY, 'first weights');
    const device = publisher.device();
    await device.import(await publisher.bundle([TINY]));
    const second = await publisher.publish(TINY, 'second weights');
    const bundle = await publisher.bundle([TINY]);
    expect(await device.inspect(bundle)).toMatchObject({ models: [{ state: 'update', licenceAccepted: true }] });
    expect(await device.import(bundle)).toMatchObject({ outcomes: [{ revision: second, result: 'activated' }] });
    expect(await device.store.models.slots(TINY)).toMatchObject({ active: { revision: second }, previous: { revision: first } });
  });

  test('one that fails its trial is not used, and not taken a second time', async () => {
    const first = await publisher.publish(TINY, 'first weights');
    const store = createMemoryStore();
    await publisher.device({ store }).import(await publisher.bundle([TINY]));
    await publisher.publish(TINY, 'bad weights');
    const bad = await publisher.bundle([TINY]);
    const device = publisher.device({ store, passes: false });
    expect(await device.import(bad)).toMatchObject({ outcomes: [{ result: 'rejected' }] });
    expect(await device.active()).toBe(first);
    await expect(device.import(bad)).rejects.toMatchObject({ code: 'revision_refused' });
  });

  test('of two revisions of a model the newer one comes to run, and the older one is there to go back to', async () => {
    const first = await publisher.publish(TINY, 'first weights');
    const second = await publisher.publish(TINY, 'second weights');
    const device = publisher.device();
    const wishes = [second, first].map((revision) => ({ id: TINY, revision: revision.slice(7, 23) }));
    const { outcomes } = await device.import(await publisher.bundle(wishes));
    expect(outcomes.map(({ revision, result }) => [revision, result])).toEqual([
      [first, 'installed'],
      [second, 'activated'],
    ]);
    expect(await device.store.models.slots(TINY)).toMatchObject({ active: { revision: second }, previous: { revision: first } });
  });
});

describe('several models', () => {
  test('travel in one bundle, in parts in any order, and each can be left out', async () => {
    await publisher.publish(TINY, 'x'.repeat(30_000));
    await publisher.publish(OTHER, 'y'.repeat(30_000));
    const parts = await publisher.bundle([TINY, OTHER], { volumeBytes: 40_000 });
    expect(parts.length).toBe(3);
    for (const part of parts) expect(part.size).toBeLessThanOrEqual(40_000);
    const device = publisher.device();
    expect(await device.importer.import([...parts].reverse(), { signal: never, ids: [OTHER] })).toMatchObject({
      outcomes: [{ id: OTHER }],
    });
    expect([await device.active(TINY), await device.active(OTHER)]).toEqual([undefined, expect.stringMatching(/^sha256:/)]);
    expect(await device.import(parts)).toMatchObject({
      outcomes: [
        { id: TINY, result: 'installed' },
        { id: OTHER, result: 'present' },
      ],
    });
  });

  test('need all parts, and no part of another bundle', async () => {
    await publisher.publish(TINY, 'x'.repeat(90_000));
    await publisher.publish(OTHER, 'y'.repeat(90_000));
    const [one = new Blob(), ...rest] = await publisher.bundle([TINY, OTHER], { volumeBytes: 100_000 });
    const device = publisher.device();
    expect(rest.length).toBeGreaterThan(0);
    await expect(device.import([one])).rejects.toMatchObject({
      code: 'invalid_bundle',
      details: { fault: 'missing_volume', missing: ['2', '3'] },
    });
    await expect(device.import(rest)).rejects.toMatchObject({ details: { fault: 'missing_volume', missing: ['1'] } });
    const foreign = await publisher.bundle([OTHER, TINY], { volumeBytes: 100_000 });
    await expect(device.import([one, ...foreign.slice(1)])).rejects.toMatchObject({ details: { fault: 'foreign_volume' } });
    await expect(publisher.bundle([TINY], { volumeBytes: 5000 })).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

test('a revision that its publisher dropped since is exported with the list that had it', async () => {
  const first = await publisher.publish(TINY, 'first weights');
  const device = publisher.device();
  await device.import(await publisher.bundle([TINY]));
  await publisher.publish(TINY, 'second weights', { replace: true });
  await device.source.catalog(never);
  const exported = await device.export(TINY);
  // For a device that has seen nothing since. Its app was built in those days, too.
  expect(await publisher.device({ root: await publisher.firstRoot() }).import(exported)).toMatchObject({ outcomes: [{ revision: first }] });
});

test('what is damaged on the device is not handed on', async () => {
  await publisher.publish(TINY, 'first weights');
  const device = publisher.device();
  await device.import(await publisher.bundle([TINY]));
  const [chunk] = (await everythingOn(device)).chunks;
  if (chunk) await device.store.chunks.delete([chunk.digest]);
  await expect(device.export(TINY)).rejects.toMatchObject({ code: 'installation_damaged' });
  await expect(device.export(OTHER)).rejects.toMatchObject({ code: 'model_not_installed' });
});

test('a publisher whose files were changed writes no bundle', async () => {
  await publisher.publish(TINY, 'first weights');
  await rm(join(publisher.site.publisher.repo, TINY), { recursive: true });
  await expect(publisher.bundle([TINY])).rejects.toMatchObject({ failure: 'invalid' });
});
