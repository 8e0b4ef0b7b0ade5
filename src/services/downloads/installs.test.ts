import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseModelId } from '../../core/ids.ts';
import { PLAIN_DEVICE } from '../../core/testing/plainDevice.ts';
import { rangeOf } from '../../delivery/testing/testServer.ts';
import { createDeviceService } from '../device/device.ts';
import {
  asked,
  bytesOf,
  CHUNK_BYTES,
  chunks,
  example,
  files,
  id,
  intercept,
  never,
  newInstallSite,
  openTab,
  revision,
  store,
  storedBytes,
  weights,
} from '../testing/installFixture.ts';

beforeEach(newInstallSite);

describe('an install', () => {
  it('brings every byte onto the device, makes the model active and leaves no journal', async () => {
    const phases: string[] = [];
    await openTab().install(id, { signal: never, onProgress: ({ phase }) => phases.push(phase) });
    expect((await store.models.slots(id))?.active).toMatchObject({ revision: revision, variant: 'int8-wasm' });
    expect(await storedBytes()).toEqual(weights);
    expect(await store.models.journal()).toEqual([]);
    expect([...new Set(phases)]).toEqual(['preparing', 'downloading', 'activating']);
  });

  it('of a model that is there fetches nothing', async () => {
    const installs = openTab();
    await installs.install(id, { signal: never });
    const before = asked();
    await installs.install(id, { signal: never });
    expect(asked()).toBe(before);
  });

  it('that was cancelled goes on from what it stored', async () => {
    const installs = openTab();
    const abort = new AbortController();
    await expect(
      installs.install(id, { signal: abort.signal, onProgress: ({ storedBytes: done }) => done > 2 * CHUNK_BYTES && abort.abort() }),
    ).rejects.toMatchObject({ code: 'aborted' });
    expect(await store.models.journal()).toMatchObject([{ modelId: id, state: 'paused' }]);
    expect(await store.models.slots(id)).toBeUndefined();

    const had =
      new Set(chunks.map((chunk) => chunk.digest)).size - (await store.chunks.missing(chunks.map((chunk) => chunk.digest))).length;
    let least = Number.POSITIVE_INFINITY;
    await installs.install(id, {
      signal: never,
      onProgress: (progress) => {
        if (progress.phase === 'downloading') least = Math.min(least, progress.storedBytes);
      },
    });
    expect(least).toBeGreaterThanOrEqual(had * CHUNK_BYTES);
    expect(await storedBytes()).toEqual(weights);
    expect(await store.models.journal()).toEqual([]);
  });

  it('that meets a web page in place of the weights stores nothing and says so', async () => {
    intercept((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Welcome to the hotel network</title>'),
    );
    await expect(openTab().install(id, { signal: never })).rejects.toMatchObject({ code: 'chunk_unavailable' });
    expect(await store.chunks.list()).toEqual([]);
  });

  it('that meets wrong bytes stores none of them', async () => {
    intercept((request, response, body) => {
      const [from, last] = rangeOf(request.headers.range, body.length) ?? [0, body.length - 1];
      response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${body.length}` }).end(Buffer.alloc(last + 1 - from));
    });
    await expect(openTab().install(id, { signal: never })).rejects.toMatchObject({ code: 'chunk_mismatch' });
    expect(await store.chunks.list()).toEqual([]);
  });
});

describe('an install is refused, with nothing changed, when', () => {
  afterEach(async () => {
    expect(await store.models.allSlots()).toEqual([]);
    expect(await store.chunks.list()).toEqual([]);
  });

  it('the catalog has no such model', async () => {
    await expect(openTab().install(parseModelId('absent'), { signal: never })).rejects.toMatchObject({
      code: 'unknown_model',
      details: { known: ['tiny'] },
    });
  });

  it('the manifest is not the one that the catalog names', async () => {
    files['/tiny/manifest.json'] = bytesOf(example({ description: 'Somebody else wrote this.' }));
    await expect(openTab().install(id, { signal: never })).rejects.toMatchObject({ code: 'invalid_manifest' });
  });

  it('the manifest is none', async () => {
    files['/tiny/manifest.json'] = bytesOf({ hello: 'world' });
    await expect(openTab().install(id, { signal: never })).rejects.toMatchObject({ code: 'invalid_manifest' });
  });

  it('the model needs a later Sill', async () => {
    await expect(openTab({ sillVersion: '0.0.9' }).install(id, { signal: never })).rejects.toMatchObject({
      code: 'unsupported_device',
    });
  });

  it('the device has too little room', async () => {
    const full = createDeviceService(async () => PLAIN_DEVICE, {
      estimate: async () => ({ quotaBytes: 5000, usageBytes: 0 }),
      persisted: async () => false,
    });
    await expect(openTab({ device: full }).install(id, { signal: never })).rejects.toMatchObject({
      code: 'quota_exceeded',
    });
  });
});
