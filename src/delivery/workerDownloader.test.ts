import { afterEach, describe, expect, test, vi } from 'vitest';
import { SillError } from '../core/errors.ts';
import { parseDigest } from '../core/ids.ts';
import type { DownloadJob, DownloadProgress } from '../ports/delivery.ts';
import { downloadContract } from '../protocol/download.ts';
import { type Handlers, serve } from '../protocol/server.ts';
import { FakeWorkers } from './testing/fakeWorker.ts';
import { createWorkerDownloader } from './workerDownloader.ts';

type Handler = Handlers<typeof downloadContract>['download'];

const JOB: DownloadJob = {
  files: [{ url: 'http://x.test/f', chunks: [{ digest: parseDigest(`sha256:${'a'.repeat(64)}`), sizeBytes: 4 }] }],
};
const PROGRESS: DownloadProgress = { storedBytes: 1, totalBytes: 4, receivedBytes: 1 };

const workers = new FakeWorkers();
afterEach(() => workers.endAll());

/** @param limits takes what the worker is told */
function downloaderWith(handler: Handler, idleMs?: number, limits: Array<number | undefined> = []) {
  const limit: Handlers<typeof downloadContract>['limit'] = async ({ bytesPerSecond }) => {
    limits.push(bytesPerSecond);
    return null;
  };
  const spawn = workers.spawning((port) => serve(downloadContract, { download: handler, adopt: async () => null, limit }, port));
  return createWorkerDownloader(spawn, idleMs === undefined ? {} : { idleMs });
}

describe('downloads in a worker', () => {
  test('keep the limit that was set before the worker began, and follow its changes', async () => {
    const limits: Array<number | undefined> = [];
    const downloader = downloaderWith(async () => null, undefined, limits);
    downloader.setLimit(5000);
    await downloader.download(JOB, {});
    downloader.setLimit(5000);
    downloader.setLimit(undefined);
    await vi.waitFor(() => expect(limits).toEqual([5000, undefined]));
  });

  test('start the worker with the first job, use it for the next, and pass progress on', async () => {
    const downloader = downloaderWith(async (_job, { emit }) => {
      await emit(PROGRESS);
      return null;
    });
    expect(workers.started.length).toBe(0);
    const seen: DownloadProgress[] = [];
    await downloader.download(JOB, { onProgress: (progress) => seen.push(progress) });
    await downloader.download(JOB, {});
    expect(seen).toEqual([PROGRESS]);
    expect(workers.started.length).toBe(1);
  });

  test('fail with the code of the worker', async () => {
    const downloader = downloaderWith(() => Promise.reject(new SillError('quota_exceeded', 'No room.', { details: { neededBytes: 4 } })));
    await expect(downloader.download(JOB, {})).rejects.toMatchObject({ code: 'quota_exceeded', details: { neededBytes: 4 } });
  });

  test('end at once when they are cancelled, in the worker as well', async () => {
    const stopped = vi.fn();
    const downloader = downloaderWith((_job, { signal }) => new Promise(() => signal.addEventListener('abort', stopped)));
    const cancel = new AbortController();
    const work = downloader.download(JOB, { signal: cancel.signal });
    cancel.abort();
    await expect(work).rejects.toMatchObject({ code: 'aborted' });
    await vi.waitFor(() => expect(stopped).toHaveBeenCalledOnce());
  });

  test('are lost with their worker, and the next job gets a fresh one', async () => {
    let dies = true;
    const downloader = downloaderWith(() => (dies ? new Promise(() => {}) : Promise.resolve(null)));
    const both = [downloader.download(JOB, {}), downloader.download(JOB, {})];
    const lost = Promise.all(both.map((work) => expect(work).rejects.toMatchObject({ code: 'worker_lost' })));
    const died = new Event('error', { cancelable: true });
    workers.started[0]?.dispatchEvent(died);
    await lost;
    expect(died.defaultPrevented).toBe(true);
    expect(workers.started[0]?.terminated).toBe(true);
    dies = false;
    await downloader.download(JOB, {});
    expect(workers.started.length).toBe(2);
  });

  test('end the worker a while after the last job, and not while one runs', async () => {
    let finish = () => {};
    const downloader = downloaderWith(
      () =>
        new Promise((resolve) => {
          finish = () => resolve(null);
        }),
      20,
    );
    const quiet = () => new Promise((resolve) => setTimeout(resolve, 60));
    const first = downloader.download(JOB, {});
    await quiet();
    expect(workers.started[0]?.terminated).toBe(false);
    finish();
    await first;
    await quiet();
    expect(workers.started[0]?.terminated).toBe(true);
    const second = downloader.download(JOB, {});
    await quiet();
    expect(workers.started.length).toBe(2);
    finish();
    await second;
  });
});
