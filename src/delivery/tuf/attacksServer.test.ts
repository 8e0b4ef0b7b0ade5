import { describe, expect, test } from 'vitest';
import { attack, attackFixture, expectRefused } from '../../../tools/publisher/testing/attackFixture.ts';
import { memoryTrust } from '../../storage/memoryTrust.ts';

const { published, withDevice } = attackFixture();

const text =
  (data: string, type = 'application/json') =>
  () =>
    new Response(data, { headers: { 'content-type': type } });
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
    [
      'a web page',
      text('<!doctype html>', 'text/html'),
      { code: 'catalog_unavailable', message: expect.stringContaining('answer 404'), details: { webPage: true, missingFile: 'web page' } },
    ],
    ['a web page under the type of data', text('<!doctype html>'), attack('malformed')],
    ['a failure', () => new Response('', { status: 500 }), { code: 'catalog_unavailable', details: { status: 500 } }],
    [
      'a refusal',
      () => new Response('', { status: 403 }),
      { code: 'catalog_unavailable', message: expect.stringContaining('answer 404'), details: { status: 403, missingFile: 'forbidden' } },
    ],
  ])('the next root behind %s does not end the chain of roots', async (_case, answer, error) => {
    const device = await withDevice();
    device.site.served.set('metadata/2.root.json', answer);
    await expectRefused(device, error);
  });

  test.each([
    ['a network that asks for a sign-in', text('<!doctype html>', 'text/html'), { webPage: true }],
    ['a server that lets nobody in', () => new Response('', { status: 403 }), { status: 403 }],
  ])('%s is no host without a word for missing files: every file is answered like that', async (_case, answer, details) => {
    const device = await withDevice();
    for (const path of ['metadata/2.root.json', 'metadata/timestamp.json']) device.site.served.set(path, answer);
    await expectRefused(device, { code: 'catalog_unavailable', details });
    expect((await device.source.catalog()).refreshError?.details).not.toHaveProperty('missingFile');
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
