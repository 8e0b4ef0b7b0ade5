import { randomInt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { askedAgain, fileHashes, killBrowser, publishedModel, storedDigests } from '../support/downloads.ts';
import { expect, openApp, test } from '../support/fixtures.ts';

const MB = 1_000_000;
const KILLS = 20;
/** Requests at once, each with a chunk that fills and 4 MiB that are being stored. */
const REQUESTS = 4;
const KEEPING_BYTES = 4 * 1024 * 1024;

test(`a browser that is killed ${KILLS} times during one install goes on by itself each time, and every byte is right`, async ({
  openBrowser,
  profile,
  site,
}) => {
  test.setTimeout(20 * 60_000);
  const model = await publishedModel('whisper-tiny');
  const sizes = new Map(
    model.manifest.files.flatMap((file) => file.chunks.map((chunk) => [String(chunk.digest), chunk.sizeBytes] as const)),
  );
  const totalBytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const bytesOf = (digests: readonly string[]) => digests.reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
  const inFlightBytes = REQUESTS * (KEEPING_BYTES + Math.max(...sizes.values()));

  let context = await openBrowser();
  let page = await openApp(context, site);
  site.holdModelsAfter(0);
  site.slowModels(12 * MB);
  // Asked for once, by a person, and never again.
  await page.evaluate(() => void globalThis.sill?.models.install('whisper-tiny').catch(() => undefined));
  await expect.poll(async () => (await page.evaluate(() => globalThis.sill?.downloads.list()))?.[0]?.state).toBe('running');

  let before: string[] = [];
  let lostBytes = 0;
  for (let kill = 1; kill <= KILLS; kill++) {
    const leftBytes = totalBytes - bytesOf(before);
    const portion = Math.min(randomInt(MB, 6 * MB), Math.floor(leftBytes / 3));
    const sentBefore = site.sentModelBytes;
    site.holdModelsAfter(portion);
    // In the middle of whatever it is then doing: asking, receiving, hashing, storing, or waiting.
    await setTimeout(randomInt(50, 1500));
    await killBrowser(context, profile);
    site.holdModelsAfter(0);
    const sentBytes = site.sentModelBytes - sentBefore;

    site.requests.length = 0;
    context = await openBrowser();
    page = await openApp(context, site);
    await expect.poll(() => site.requests.some(({ path }) => path.includes('/onnx/')), { timeout: 60_000 }).toBe(true);
    const stored = await storedDigests(page);
    // The site holds weights back, not small JSON files: those may have come since the start.
    expect(askedAgain(model, before, site.requests)).toEqual([]);
    expect(askedAgain(model, stored, site.requests).filter((part) => !part.includes('.json@'))).toEqual([]);
    expect(new Set(stored)).toEqual(new Set([...before, ...stored]));
    const lost = sentBytes - (bytesOf(stored) - bytesOf(before));
    lostBytes += Math.max(0, lost);
    expect(lost).toBeLessThanOrEqual(inFlightBytes);
    console.log(
      `kill ${kill}: ${(sentBytes / MB).toFixed(1)} MB came, ${(lost / MB).toFixed(1)} MB were in flight, ${stored.length} chunks are stored`,
    );
    before = stored;
  }

  site.release();
  await expect
    .poll(async () => (await page.evaluate(() => globalThis.sill?.models.list()))?.find(({ id }) => id === 'whisper-tiny')?.state, {
      timeout: 120_000,
    })
    .toBe('installed');
  const { published, stored } = await fileHashes(page, model);
  expect(stored).toEqual(published);
  console.log(`${totalBytes / MB} MB over ${KILLS} kills; ${(lostBytes / MB).toFixed(1)} MB of it came twice`);
});
