import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import * as stamp from '../models/stamp.ts';
import { tempFolder } from '../models/testing/tempFolder.ts';
import { makeKey, openKey, parseKeyFile } from './keyFile.ts';
import { withLock } from './lock.ts';
import { findOffer } from './offers.ts';
import { readRepository } from './repository.ts';
import { rolloutFrom } from './rolloutOptions.ts';
import { rotate } from './rotate.ts';
import { Site } from './testing/site.ts';
import { verify } from './verify.ts';

vi.mock('../models/stamp.ts', { spy: true });

const folder = tempFolder();

describe('a publisher that is killed', () => {
  /** Lets the n-th file of the work be written and no other. */
  async function killedAfter(files: number, work: () => Promise<unknown>): Promise<boolean> {
    const original = await vi.importActual<typeof stamp>('../models/stamp.ts');
    let written = 0;
    vi.mocked(stamp.writeWhole).mockImplementation(async (path, text) => {
      if (written++ >= files) throw new Error('killed');
      return original.writeWhole(path, text);
    });
    const isKilled = await work().then(
      () => false,
      (reason: unknown) => reason instanceof Error && reason.message === 'killed',
    );
    vi.mocked(stamp.writeWhole).mockImplementation(original.writeWhole);
    return isKilled;
  }

  test.each([
    ['publishes', (site: Site) => site.publish('second')],
    ['rotates the timestamp key', (site: Site) => rotate(site.publisher, 'timestamp')],
    ['rotates the root key', (site: Site) => rotate(site.publisher, 'root')],
  ])('while it %s leaves a valid repository at every step, and the next run completes the work', async (_what, work) => {
    const site = await Site.make(folder());
    await site.publish('first');
    const now = () => site.nowMs;
    let files = 0;
    while (await killedAfter(files, () => work(site))) {
      expect((await verify(site.publisher, now, true)).models.length).toBeGreaterThan(0);
      files++;
    }
    expect(files).toBeGreaterThan(3);
    expect((await verify(site.publisher, now, true)).models.length).toBeGreaterThan(0);
  });
});

describe('two publishers', () => {
  test('never work at once, and the second is told who does', async () => {
    await withLock(folder(), async () => {
      const second = withLock(folder(), () => Promise.resolve());
      await expect(second).rejects.toMatchObject({ failure: 'locked', message: expect.stringContaining(`process ${process.pid}`) });
    });
    expect(await readdir(folder())).toEqual([]);
  });

  test.each([
    ['a process of this machine that is gone', JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), since: '' }), true],
    ['a process that was killed while it took it', '{"pid":', true],
    ['a process of another machine', JSON.stringify({ pid: 2 ** 22 + 1, host: 'elsewhere', since: '' }), false],
  ])('leave a lock: that of %s', async (_whose, text, isFree) => {
    await writeFile(join(folder(), '.publisher.lock'), text);
    const work = withLock(folder(), () => Promise.resolve('done'));
    if (isFree) expect(await work).toBe('done');
    else await expect(work).rejects.toMatchObject({ failure: 'locked' });
  });
});

describe('a private key', () => {
  test('is unreadable without its passphrase and opens with it', () => {
    const key = makeKey('root', 'correct horse');
    expect(JSON.stringify(key)).not.toContain('pkcs8');
    expect(openKey(key, 'correct horse').asymmetricKeyType).toBe('ed25519');
    expect(() => openKey(key, 'wrong')).toThrow(expect.objectContaining({ failure: 'keys' }));
    const changed = parseKeyFile(JSON.stringify({ ...key, private: { ...key.private, data: 'AAAA' } }), 'a key');
    expect(() => openKey(changed, 'correct horse')).toThrow(expect.objectContaining({ failure: 'keys' }));
  });

  test('that lies elsewhere is asked for before anything is written', async () => {
    const site = await Site.make(folder());
    await site.publish('first');
    const { keys, repo } = site.publisher;
    const [name = ''] = (await readdir(keys)).filter((each) => each.startsWith('snapshot'));
    await rename(join(keys, name), join(folder(), name));
    const before = await readdir(join(repo, 'metadata'));
    await expect(site.publish('second')).rejects.toMatchObject({ failure: 'keys', message: expect.stringContaining('snapshot') });
    expect(await readdir(join(repo, 'metadata'))).toEqual(before);
  });
});

describe('what is published', () => {
  test('is found by the beginning of its digest, or as the newest', async () => {
    const site = await Site.make(folder());
    await site.publish('first');
    site.nowMs += 1000;
    await site.publish('second');
    const targets = (await readRepository(site.publisher.repo)).targets.signed;
    const newest = findOffer(targets, 'owner/model', undefined).entry;
    expect(newest.publishedAtMs).toBe(site.nowMs);
    expect(findOffer(targets, 'owner/model', newest.revision.slice(0, 15)).entry).toEqual(newest);
    for (const [id, revision] of [
      ['owner/model', 'ffffffffffff'],
      ['owner/model', ''],
      ['other', undefined],
    ] as const) {
      expect(() => findOffer(targets, id, revision)).toThrow(expect.objectContaining({ failure: 'usage' }));
    }
  });

  test('twice is offered once and keeps its date', async () => {
    const site = await Site.make(folder());
    await site.publish('first');
    const [before] = (await verify(site.publisher, () => site.nowMs, false)).models;
    site.nowMs += 1000;
    await site.publish('first', { channel: 'beta' });
    const { models } = await verify(site.publisher, () => site.nowMs, false);
    expect(models).toEqual([{ ...before, channel: 'beta' }]);
  });

  test('and then damaged is found by verify', async () => {
    const site = await Site.make(folder());
    await site.publish('first');
    const [entry] = (await verify(site.publisher, () => site.nowMs, true)).models;
    const path = join(site.publisher.repo, entry?.path ?? '', 'onnx/model.onnx');
    const honest = await readFile(path, 'utf8');
    await writeFile(path, honest.replace('w', 'W'));
    await verify(site.publisher, () => site.nowMs, false);
    await expect(verify(site.publisher, () => site.nowMs, true)).rejects.toMatchObject({
      failure: 'invalid',
      message: expect.stringContaining('at byte 0'),
    });
  });
});

describe('a rollout', () => {
  const none = { percentage: undefined, phases: undefined };
  test('keeps its id, so that raising it only adds devices', () => {
    const first = rolloutFrom({ ...none, percentage: '10' }, undefined, 'tiny:1');
    expect(rolloutFrom({ ...none, percentage: '50' }, first, 'another')).toEqual({ id: 'tiny:1', percentage: 50 });
  });
  test('pauses and goes on where it was', () => {
    const first = rolloutFrom({ ...none, phases: '2030-01-01=10, 2030-01-08T06:00:00Z=100' }, undefined, 'r');
    const paused = rolloutFrom({ ...none, paused: true }, first, 'r');
    expect(paused).toMatchObject({ paused: true, phases: [{ fromIso: '2030-01-01T00:00:00Z', percentage: 10 }, { percentage: 100 }] });
    expect(rolloutFrom({ ...none, paused: false }, paused, 'r')).toEqual(first);
  });
  test.each([
    { percentage: '101' },
    { percentage: '2.5' },
    { percentage: '' },
    { phases: 'soon=10' },
    { phases: '2030-01-01' },
    { percentage: '1', phases: '2030-01-01=1' },
  ])('is refused as %j', (wishes) => {
    expect(() => rolloutFrom({ ...none, ...wishes }, undefined, 'r')).toThrow(expect.objectContaining({ failure: 'usage' }));
  });
});
