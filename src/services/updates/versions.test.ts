import { beforeEach, describe, expect, it } from 'vitest';
import type { RevisionId } from '../../core/ids.ts';
import { first, GOOD, MODEL, never, newDevice, site, store, tab } from '../testing/updateFixture.ts';
import { diffOf, versionsOf } from './versions.ts';

beforeEach(newDevice);

const check = (askedByPerson = false) => tab.updates.check({ askedByPerson, signal: never });
const versions = () => versionsOf({ store, source: tab.source, offers: tab.offers, updates: tab.updates }, MODEL, never);

describe('the difference between two versions', () => {
  const diff = (from: RevisionId, to: RevisionId) =>
    diffOf({ store, source: tab.source, offers: tab.offers, updates: tab.updates }, MODEL, { from, to }, never);

  it('is told in either direction, with what would be downloaded here', async () => {
    const second = site.publish(GOOD, { notes: 'Better.' });
    await check();
    const forth = await diff(first, second);
    expect(forth.files.find(({ path }) => path === 'weights.bin')?.change).toBe('changed');
    expect(forth.changedBytes).toBeGreaterThan(0);
    expect(forth.fetchBytes).toBe(forth.changedBytes);
    expect(await diff(second, first)).toMatchObject({ fetchBytes: 0, fromBytes: forth.toBytes, toBytes: forth.fromBytes });
  });
  it('is refused with a code for a version that nobody knows', async () => {
    await expect(diff(first, first.replace(/.$/, '0') as RevisionId)).rejects.toMatchObject({ code: 'unknown_model' });
  });
});

describe('versions', () => {
  it('show what is here, what is published, what would change, and why not', async () => {
    const second = site.publish(GOOD, { notes: 'Better.' });
    const third = site.publish(GOOD, { channel: 'beta' });
    const report = await versions();
    expect(report.versions).toMatchObject([
      { revision: third, published: true, offered: false, channel: 'beta', withheld: { kind: 'channel' } },
      { revision: second, published: true, offered: true, notes: 'Better.', diff: { files: expect.arrayContaining([]) } },
      { revision: first, role: 'active', published: true, variant: 'int8-wasm' },
    ]);
    expect(report.versions[1]?.diff?.fetchBytes).toBe(report.versions[1]?.diff?.files.find((file) => file.change === 'changed')?.toBytes);
    expect(report.history).toMatchObject([{ event: 'installed', revision: first, sizeBytes: report.versions[2]?.sizeBytes }]);
  });

  it('of a beta device include those of beta', async () => {
    const second = site.publish(GOOD, { channel: 'beta' });
    await tab.updates.setPolicy({ mode: 'notify', channel: 'beta' });
    expect((await check()).models[0]?.offer?.revision).toBe(second);
  });
});
