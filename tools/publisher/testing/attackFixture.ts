import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Catalog } from '../../../src/core/catalog.ts';
import type { TrustStore } from '../../../src/ports/delivery.ts';
import { memoryTrust } from '../../../src/storage/memoryTrust.ts';
import { tempFolder } from '../../models/testing/tempFolder.ts';
import { Site } from './site.ts';

/** What a test of attacks needs, for the file that calls it: a published catalog, a device that knows it, and a refusal that changes nothing. */
export function attackFixture() {
  const folder = tempFolder();
  let shared: Site | undefined;
  let sharedFolder = '';
  beforeAll(async () => {
    sharedFolder = await mkdtemp(join(tmpdir(), 'sill-attacks-'));
    shared = await published(sharedFolder);
  });
  afterAll(() => rm(sharedFolder, { recursive: true, force: true }));

  async function published(at = folder(), options: Parameters<typeof Site.make>[1] = {}): Promise<Site> {
    const site = await Site.make(at, options);
    await site.publish('first');
    return site;
  }

  /** For tests in which the publisher does nothing more: an attacker changes only what is served. */
  const fork = (): Site => {
    if (!shared) throw new Error('nothing is published yet');
    return shared.fork();
  };

  /** A device that has seen the catalog with one revision, under the root that was shipped then. */
  async function withDevice(site = fork()) {
    const trust = memoryTrust();
    const shipped = await readFile(join(site.publisher.trust, 'root.json'), 'utf8');
    const source = site.client(trust, { shipped: { root: shipped } });
    const before = await source.catalog();
    return { site, trust, source, before, shipped };
  }

  return { folder, published, withDevice };
}

/** The refresh is refused for this reason, what was known stays listed, and nothing is stored. */
export async function expectRefused(
  device: { source: { catalog(): Promise<Catalog> }; trust: TrustStore; before: Catalog },
  error: object,
) {
  const stored = await device.trust.read();
  const { models, refreshError } = await device.source.catalog();
  expect(refreshError).toMatchObject(error);
  expect(models).toEqual(device.before.models);
  expect(await device.trust.read()).toEqual(stored);
}
export const attack = (name: string) => ({ code: 'untrusted_catalog', details: { attack: name } });
export const STALE = { code: 'stale_catalog', details: { attack: 'freeze' } };
