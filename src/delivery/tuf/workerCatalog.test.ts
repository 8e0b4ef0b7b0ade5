import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { attack, attackFixture } from '../../../tools/publisher/testing/attackFixture.ts';
import { first, type Site } from '../../../tools/publisher/testing/site.ts';
import { SillError } from '../../core/errors.ts';
import type { CatalogSource, SignedSource } from '../../ports/delivery.ts';
import { serve } from '../../protocol/server.ts';
import { verificationContract } from '../../protocol/verification.ts';
import { memoryTrust } from '../../storage/memoryTrust.ts';
import { FakeWorkers } from '../testing/fakeWorker.ts';
import { verificationHandlers } from './verificationHandlers.ts';
import { createWorkerCatalogs } from './workerCatalog.ts';

const BASE_URL = 'https://edge.test/apps/sill/models/';
const { withDevice } = attackFixture();
let site: Site;
const workers = new FakeWorkers();

const spawning = (open: (baseUrl: string) => Promise<SignedSource>) =>
  workers.spawning((port) => serve(verificationContract, verificationHandlers(open), port));

const catalogIn = (open: () => Promise<SignedSource>, idleMs?: number): CatalogSource =>
  createWorkerCatalogs(spawning(open), idleMs === undefined ? {} : { idleMs })(BASE_URL);

beforeEach(async () => {
  ({ site } = await withDevice());
});
afterEach(() => workers.endAll());

describe('a signed catalog in a worker', () => {
  test('says what it says in the same realm', async () => {
    const trust = memoryTrust();
    const near = site.client(trust);
    const far = catalogIn(async () => site.client(trust));
    expect(await far.known()).toBeUndefined();
    const catalog = await far.catalog();
    expect(catalog).toEqual(await near.catalog());
    expect(await far.known()).toEqual(await near.known());
    const entry = first(catalog);
    expect(await far.manifest(entry)).toEqual(await near.manifest(entry));
    expect(await far.proof?.(entry)).toEqual(await near.proof(entry));
    expect(far.fileUrl(entry, 'config.json')).toBe(near.fileUrl(entry, 'config.json'));
    expect(() => far.fileUrl(entry, '../../../../../x')).toThrow(expect.objectContaining({ code: 'untrusted_catalog' }));
    expect(workers.started.length).toBe(1);
  });

  test('is refused with the attack that was met there', async () => {
    const honest = site.text('metadata/timestamp.json');
    const far = catalogIn(async () => site.client());
    site.replace('metadata/timestamp.json', JSON.stringify({ ...JSON.parse(honest), signatures: [] }));
    await expect(far.catalog()).rejects.toMatchObject(attack('unsigned'));
    site.replace('metadata/timestamp.json', honest);
    expect((await far.catalog()).freshness).toBe('fresh');
  });

  test('is given up when the caller cancels, there too', async () => {
    const signals: Array<AbortSignal | undefined> = [];
    const source = site.client();
    const silent = { ...source, catalog: (signal?: AbortSignal) => new Promise<never>(() => signals.push(signal)) };
    const cancel = new AbortController();
    const asked = catalogIn(async () => silent).catalog(cancel.signal);
    await vi.waitFor(() => expect(signals.length).toBe(1));
    cancel.abort();
    await expect(asked).rejects.toMatchObject({ code: 'aborted' });
    await vi.waitFor(() => expect(signals[0]?.aborted).toBe(true));
  });

  test('a worker that dies is told as a list that cannot be checked, and the next question starts a fresh one', async () => {
    const far = catalogIn(async () => ({ ...site.client(), catalog: () => new Promise<never>(() => undefined) }));
    const asked = far.catalog();
    const failed = Object.assign(new Event('error', { cancelable: true }), { message: 'out of memory' });
    workers.started[0]?.dispatchEvent(failed);
    await expect(asked).rejects.toMatchObject({ code: 'catalog_unavailable', details: { cause: 'out of memory' } });
    expect(failed.defaultPrevented).toBe(true);
    expect(workers.started[0]?.terminated).toBe(true);
    expect(await far.known()).toBeUndefined();
    expect(workers.started.length).toBe(2);
  });

  test('shares its worker with the catalogs of other places', async () => {
    const opened: string[] = [];
    const open = async (baseUrl: string) => {
      opened.push(baseUrl);
      return site.client();
    };
    const at = createWorkerCatalogs(spawning(open));
    const mirror = 'https://mirror.test/models/';
    for (const url of [BASE_URL, mirror, BASE_URL]) await at(url).known();
    expect(workers.started.length).toBe(1);
    expect(opened).toEqual([BASE_URL, mirror]);
  });

  test('ends its worker after a while without a question', async () => {
    const far = catalogIn(async () => site.client(), 20);
    await far.catalog();
    await vi.waitFor(() => expect(workers.started[0]?.terminated).toBe(true));
    expect((await far.catalog()).freshness).toBe('fresh');
    expect(workers.started.length).toBe(2);
  });

  test('a storage that was refused once is asked again', async () => {
    let refusals = 1;
    const far = catalogIn(async () => {
      if (refusals-- > 0) throw new SillError('storage_unavailable', 'no');
      return site.client();
    });
    await expect(far.catalog()).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect((await far.catalog()).freshness).toBe('fresh');
  });
});
